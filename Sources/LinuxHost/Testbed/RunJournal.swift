import HostJournal
import LinuxSystem
import SystemPackage

/// The journal as the testbed uses it: every change goes in before it is made. Putting back is not done here but by `JournalRestorer`,
/// however the run ends; only what was never made, and what is put back while the run goes on, is crossed out.
struct RunJournal: ~Copyable {
  private var journal: Journal

  init(_ journal: consuming Journal) { self.journal = journal }

  mutating func record(_ change: HostChange) throws(SystemError) -> Int {
    do throws(JournalError) { return try journal.record(change) } catch { throw Self.systemError(error) }
  }

  mutating func undone(_ id: Int) throws(SystemError) {
    do throws(JournalError) { try journal.undone(id) } catch { throw Self.systemError(error) }
  }

  /// A child process while it runs: should this process be killed, it is ended before anything is put back.
  mutating func withChild<Result>(
    _ child: borrowing ChildProcess, role: String, _ body: (borrowing ChildProcess) -> Result
  ) throws(SystemError) -> Result {
    var entry: Int?
    // One that has ended already has nothing to be journaled for.
    if let identity = try? ProcessIdentity.of(pid: child.processID) {
      entry = try record(.process(pid: identity.pid, startTicks: identity.startTicks, role: role))
    }
    let result = body(child)
    if let entry { try undone(entry) }
    return result
  }

  private static func systemError(_ error: JournalError) -> SystemError {
    SystemError(operation: error.action, subject: error.subject, errno: error.errno ?? .ioError)
  }
}
