import Experiment
import LinuxSystem

/// How a worker came to its end, as seen by the supervisor.
enum WorkerEnd: Equatable {
  /// It said so itself.
  case reported(RunEnd)
  /// The process is gone without a word, perhaps in the middle of a mount.
  case died(crashStatus: ChildProcess.Ending?, inMount: Int?)
  /// A mount did not come back, and the process was killed; `isStuck` when that did not end it.
  case mountTimedOut(OverdueMount, isStuck: Bool)
  /// It had said nothing for too long, or nothing that can be understood, and was killed.
  case unresponsive

  /// Whether there is still somebody who listens.
  var isReported: Bool {
    if case .reported = self { true } else { false }
  }
}

/// A mount that was waited for in vain.
struct OverdueMount: Equatable {
  /// 1 for the first file system.
  let number: Int
  /// From the start of the failover to the start of this mount.
  let startedAtNanoseconds: UInt64
  let waitedNanoseconds: UInt64
  /// Of it in the work of its service; nil where it was not mounted.
  var servedNanoseconds: UInt64?

  /// For messages.
  var subject: String { servedNanoseconds == nil ? "mount \(number)" : "the service of mount \(number)" }
}
