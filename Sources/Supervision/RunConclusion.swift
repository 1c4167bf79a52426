public import Experiment
import LinuxSystem

/// Everything that decides how a run has ended.
struct RunFacts {
  /// What went wrong in the supervisor itself.
  var failure: String?
  /// nil when there never was a worker.
  var worker: WorkerEnd?
  /// The signal that asked the run to stop.
  var signal: Int32?
  /// What could not be restored.
  var leftovers: [String]
  /// Whether a mount is on record whose service did not come up.
  var hasStoppedService: Bool
  var scenario: Scenario
}

/// How a run has ended: a pure function of the facts.
public struct RunConclusion: Equatable, Sendable {
  /// What becomes of the record's status.
  public enum RecordEnd: Equatable, Sendable {
    /// As the worker has reported it.
    case asReported
    /// The worker could not report it, but everything there was to measure has been.
    case complete
    /// The run did not come to its end, for this reason.
    case cutOff(String)
  }

  public var exitStatus: ExitStatus
  public var record: RecordEnd
  /// What is left on the host.
  public var leftovers: [String]
  /// The mount that never came back, which nobody else could put on record.
  public var mount: MountRecord?
  public var warning: String?
}

extension RunConclusion {
  init(_ facts: RunFacts) {
    leftovers = facts.leftovers
    if case .mountTimedOut(let overdue, let isStuck) = facts.worker {
      if isStuck { leftovers.insert("\(overdue.subject) hangs in the kernel", at: 0) }
      if facts.failure == nil {
        mount = MountRecord(overdue, facts.scenario.service, isStuck: isStuck)
        if !facts.scenario.mountDemand.blocks.isEmpty {
          warning =
            "\(overdue.subject) did not return: the time recorded for it includes that of its demand, "
            + "which was not measured separately"
        }
      }
    }
    (exitStatus, record) = Self.outcome(facts, isClean: leftovers.isEmpty)
  }

  /// The table: the first row that fits.
  private static func outcome(_ facts: RunFacts, isClean: Bool) -> (ExitStatus, RecordEnd) {
    let signal = facts.signal.map(ExitStatus.init(signal:))
    if let failure = facts.failure { return (.broken, .cutOff(failure)) }
    switch facts.worker {
    case .reported(.completed):
      return (isClean ? (facts.hasStoppedService ? .serviceStopped : .allServicesUp) : .broken, .asReported)
    case .reported(.failed(let failure)):
      return switch failure.kind {
      case .cancelled: (signal ?? .interrupted, .asReported)
      case .environment: (isClean ? .environment : .broken, .asReported)
      case .fault, .helper: (.broken, .asReported)
      }
    case .mountTimedOut(let mount, isStuck: true):
      return (.broken, .cutOff("\(mount.subject) hangs in the kernel and cannot be killed"))
    case .mountTimedOut(let mount, isStuck: false):
      if let signal { return (signal, .cutOff("stopped by a signal in \(mount.subject)")) }
      if facts.scenario.keepGoing && mount.number < facts.scenario.fileSystems {
        return (.broken, .cutOff("\(mount.subject) did not return, and the mounts after it could not be tried"))
      }
      return (isClean ? .serviceStopped : .broken, .complete)
    case .unresponsive:
      return (signal ?? .broken, .cutOff("the testbed's process stopped responding and was killed"))
    case .died(let crashStatus, let mount):
      // It ends with this code when this machine does not let it begin.
      let wasRefused = crashStatus == .exited(ExitStatus.environment.rawValue) && isClean
      let words =
        "the testbed's process \(crashStatus.map { "\($0)" } ?? "died")" + (mount.map { " in mount \($0)" } ?? "")
      return (signal ?? (wasRefused ? .environment : .broken), .cutOff(words))
    case nil:
      return (signal ?? .broken, .cutOff("the testbed's process was never started"))
    }
  }
}

extension ExitStatus {
  /// Of what was stopped by a signal.
  init(signal: Int32) { self = signal == SignalDescriptor.terminate ? .terminated : .interrupted }
}

extension MountRecord {
  /// Of a mount that was waited for in vain.
  ///
  /// One whose service hangs is mounted; how many of its files are right nobody can tell any more.
  fileprivate init(_ mount: OverdueMount, _ work: ServiceWork, isStuck: Bool) {
    if let served = mount.servedNanoseconds {
      let files = UInt64(work.files)
      self.init(
        number: mount.number,
        outcome: .degraded(
          failed: files, of: files,
          reason: "a call did not return within the service timeout" + (isStuck ? " and cannot be interrupted" : "")),
        startedAtNanoseconds: mount.startedAtNanoseconds,
        mountDurationNanoseconds: mount.waitedNanoseconds - min(mount.waitedNanoseconds, served),
        threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil, demand: nil,
        service: ServiceRecord(
          files: files, rightFiles: 0, failures: [], durationNanoseconds: served, slowestWriteNanoseconds: nil))
      return
    }
    self.init(
      number: mount.number, outcome: isStuck ? .stuck : .timedOut, startedAtNanoseconds: mount.startedAtNanoseconds,
      mountDurationNanoseconds: mount.waitedNanoseconds, threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil,
      demand: nil)
  }
}
