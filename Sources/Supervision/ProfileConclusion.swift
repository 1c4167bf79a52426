import Experiment
import HostJournal
import LinuxHost

/// Why there is no profile, in words for the user.
public struct ProfileFailure: Error, Equatable, CustomStringConvertible {
  public let exitStatus: ExitStatus
  public let description: String

  init(_ exitStatus: ExitStatus, _ description: String) {
    self.exitStatus = exitStatus
    self.description = description
  }
}

/// How a profile has ended: a pure function of the supervised worker's end.
enum ProfileConclusion {
  /// - Throws: what has kept the profile from its end, or the host from being restored.
  static func measurement(
    _ end: SupervisedEnd, measured: MountProfiler.Measurement?
  ) throws(ProfileFailure) -> MountProfiler.Measurement {
    let leftovers = end.restore.leftovers.map { "\($0.change): \($0.reason)" } + end.restore.problems
    if !leftovers.isEmpty {
      throw ProfileFailure(
        .broken,
        "not everything could be restored: \(leftovers.joined(separator: "; ")); `failover-bench cleanup` tries again")
    }
    if let failure = end.failure { throw ProfileFailure(.broken, failure) }
    if let signal = end.signal {
      throw ProfileFailure(ExitStatus(signal: signal), "stopped by a signal; the host is restored")
    }
    switch end.worker {
    case .reported(.completed):
      guard let measured else { throw ProfileFailure(.broken, "the profile's process ended without a measurement") }
      return measured
    case .reported(.failed(let failure)):
      throw ProfileFailure(failure.kind == .environment ? .environment : .broken, "\(failure)")
    case .unresponsive, .mountTimedOut:
      throw ProfileFailure(
        .broken, "the profile's process stopped responding and was killed; the kernel's log may tell why")
    case .died, nil:
      throw ProfileFailure(.broken, "the profile's process died; the host is restored")
    }
  }
}
