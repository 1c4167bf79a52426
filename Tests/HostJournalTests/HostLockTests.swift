import CLinux
import HostJournal
import SystemPackage
import Testing

@Suite struct HostLockTests {
  let directory: TemporaryDirectory
  let file: FilePath

  init() throws {
    directory = try TemporaryDirectory()
    file = try directory.file("loop-control")
  }

  private func refusal() -> JournalError? {
    do {
      try HostLock.acquire(stateDirectory: directory.path, lockFile: file).release()
      return nil
    } catch {
      return error
    }
  }

  @Test func oneAtATime() throws {
    let lock = try HostLock.acquire(stateDirectory: directory.path, lockFile: file)
    let error = try #require(refusal())
    #expect(error.kind == .runActive(pid: nil))
    #expect(error.description.contains("another failover-bench run is active"))
    try lock.release()
    #expect(refusal() == nil)
  }

  @Test func theHolderIsNamedByItsJournal() throws {
    let lock = try HostLock.acquire(stateDirectory: directory.path, lockFile: file)
    let journal = try Journal.create(in: directory.path, header: .current(scenario: "paper-env2"))
    #expect(refusal()?.kind == .runActive(pid: getpid()))
    #expect(refusal()?.description.contains("paper-env2") == true)
    try journal.finish()
    try lock.release()
  }

  @Test func aSurvivingChildIsNamedToo() throws {
    let lock = try HostLock.acquire(stateDirectory: directory.path, lockFile: file)
    var header = try JournalHeader.current(scenario: "quick")
    let me = header.owner
    header.owner.startTicks -= 1
    var journal = try Journal.create(in: directory.path, header: header)
    _ = try journal.record(.process(pid: me.pid, startTicks: me.startTicks, role: "child"))
    #expect(refusal()?.kind == .runActive(pid: me.pid))
    try journal.close()
    try lock.release()
  }

  @Test func itLastsAsLongAsAnyoneWhoInheritedIt() throws {
    let lock = try HostLock.acquire(stateDirectory: directory.path, lockFile: file)
    // What the child has after posix_spawn: another descriptor of the same open file description.
    let inherited = try HostLock.adopt(inherited: dup(lock.descriptor), lockFile: file)
    try lock.release()
    #expect(refusal()?.kind == .runActive(pid: nil))
    try inherited.release()
    #expect(refusal() == nil)
  }

  @Test func withoutADeviceItSaysWhatToDo() {
    do {
      let missing = directory.path.appending("none")
      try HostLock.acquire(stateDirectory: directory.path, lockFile: missing).release()
      Issue.record("locked nothing")
    } catch {
      #expect(error.errno == .noSuchFileOrDirectory && error.advice.contains("-v /dev:/dev"))
    }
  }
}
