import Experiment
import HostJournal
import LinuxHost

/// How a profile has ended: a pure function of the supervised worker's end.
enum ProfileConclusion {
  /// - Throws: what has kept the profile from its end, or the host from being restored.
  static func measurement(
    _ end: SupervisedEnd, measured: MountProfiler.Measurement?
  ) throws(CommandFailure) -> MountProfiler.Measurement {
    let leftovers = end.restore.leftovers.map { "\($0.change): \($0.reason)" } + end.restore.problems
    if !leftovers.isEmpty {
      throw CommandFailure(
        .broken,
        "not everything could be restored: \(leftovers.joined(separator: "; ")); `failover-bench cleanup` tries again")
    }
    if let failure = end.failure { throw CommandFailure(.broken, failure) }
    if let signal = end.signal {
      throw CommandFailure(ExitStatus(signal: signal), "stopped by a signal; the host is restored")
    }
    switch end.worker {
    case .reported(.completed):
      guard let measured else { throw CommandFailure(.broken, "the profile's process ended without a measurement") }
      return measured
    case .reported(.failed(let failure)):
      throw CommandFailure(failure.kind == .environment ? .environment : .broken, "\(failure)")
    case .unresponsive, .mountTimedOut:
      throw CommandFailure(
        .broken, "the profile's process stopped responding and was killed; the kernel's log may tell why")
    case .died, nil:
      throw CommandFailure(.broken, "the profile's process died; the host is restored")
    }
  }
}
