import CLinux
import HostJournal
import LinuxSystem
import SystemPackage

/// What is left to do when the child is gone.
enum LastSurvivor {
  /// How long a supervisor may neither die nor say that it is there. A kill of a whole run reaches its processes one after another, and to die takes
  /// its time on a busy machine: after a quarter of a second, which was the limit once, nobody was left to restore.
  static let graceMilliseconds: Int32 = 30_000
  /// For a supervisor whose lifeline is closed to be dead altogether.
  static let ownerTimeoutMilliseconds = 5000
  /// For what must end before it can be undone, such as mounts of the dead child's namespace.
  static let timeout: Duration = .seconds(30)

  enum Outcome: Equatable {
    /// The supervisor is there and restores the host itself.
    case supervisorAlive
    case restored
    /// What could not be put back, and why, a line each.
    case leftovers([String])
    /// Nobody told where the journal is.
    case noJournal
  }

  /// Restores the host from the journal if the supervisor is dead as well. All pages must have been given back before.
  static func takeOver(_ arguments: HelperArguments) -> Outcome {
    guard let path = arguments.journalPath else { return .noJournal }
    guard supervisorIsDead(lifeline: arguments.lifeDescriptor) else { return .supervisorAlive }
    let restorer = JournalRestorer(LinuxHostOperations())
    // Its descriptors are closed a moment before the supervisor counts as dead, and until then the journal is its own.
    let deadline = Clock.monotonicNanoseconds() + UInt64(ownerTimeoutMilliseconds) * 1_000_000
    var report = restorer.restore(journal: FilePath(path), timeout: timeout)
    while report.refusal != nil, Clock.monotonicNanoseconds() < deadline {
      Clock.sleep(nanoseconds: 20_000_000)
      report = restorer.restore(journal: FilePath(path), timeout: timeout)
    }
    return report.isClean ? .restored : .leftovers(report.lines)
  }

  /// End of file on the lifeline within the grace period, and no word before it.
  static func supervisorIsDead(lifeline: Int32, graceMilliseconds: Int32 = graceMilliseconds) -> Bool {
    let deadline = Clock.monotonicNanoseconds() + UInt64(graceMilliseconds) * 1_000_000
    while true {
      let now = Clock.monotonicNanoseconds()
      guard Poll.isReadable(lifeline, withinNanoseconds: deadline > now ? deadline - now : 0) else { return false }
      var byte: UInt8 = 0
      do throws(Errno) {
        return try SystemCall.check({ clinux_read(lifeline, &byte, 1) }) == 0
      } catch .wouldBlock {
        continue
      } catch { return true }
    }
  }
}
