import HostJournal
import LinuxSystem
import SystemPackage

/// The journal as the testbed uses it: every change goes in before it is made, and is crossed out once it is put back.
///
/// It also remembers which entry belongs to which device, so that teardown can cross out what it has undone.
struct RunJournal: ~Copyable {
  private var journal: Journal
  private var loopBindings: [Int: Int] = [:]
  private var loopNodes: [Int: Int] = [:]
  private var deviceNodes: [String: Int] = [:]

  init(_ journal: consuming Journal) { self.journal = journal }

  mutating func record(_ change: HostChange) throws(SystemError) -> Int {
    do throws(JournalError) { return try journal.record(change) } catch { throw Self.systemError(error) }
  }

  mutating func undone(_ id: Int) throws(SystemError) {
    do throws(JournalError) { try journal.undone(id) } catch { throw Self.systemError(error) }
  }

  private static func systemError(_ error: JournalError) -> SystemError {
    SystemError(operation: error.action, subject: error.subject, errno: error.errno ?? .ioError)
  }

  mutating func remember(_ id: Int, forLoop number: Int) { loopBindings[number] = id }
  mutating func remember(_ id: Int, forNode number: Int) { loopNodes[number] = id }
  mutating func remember(_ id: Int, forDeviceNode path: String) { deviceNodes[path] = id }

  /// Nodes of loop devices that this run added.
  var addedNodes: [Int] { loopNodes.keys.sorted() }
  /// Names in /dev that this run made.
  var madeDeviceNodes: [String] { deviceNodes.keys.sorted() }

  mutating func loopIsUnbound(_ number: Int) throws(SystemError) {
    if let id = loopBindings.removeValue(forKey: number) { try undone(id) }
  }

  mutating func nodeIsRemoved(_ number: Int) throws(SystemError) {
    if let id = loopNodes.removeValue(forKey: number) { try undone(id) }
  }

  mutating func deviceNodeIsRemoved(_ path: String) throws(SystemError) {
    if let id = deviceNodes.removeValue(forKey: path) { try undone(id) }
  }
}
