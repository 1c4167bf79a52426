import CLinux
@testable import HostJournal
import SystemPackage
import Testing

@Suite struct ProcessTests {
  let host = LinuxHostOperations()

  private func spawnSleeper() throws -> ProcessIdentity {
    var pid: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
    defer { arguments.forEach { free($0) } }
    try #require(posix_spawn(&pid, "/bin/sleep", nil, nil, &arguments, clinux_environment()) == 0)
    return try ProcessIdentity.of(pid: pid)
  }

  @Test func ofItself() throws {
    let me = try ProcessIdentity.current()
    #expect(me.pid == getpid() && me.startTicks > 0 && me.isAlive)
    #expect(!ProcessIdentity(pid: me.pid, startTicks: me.startTicks + 1).isAlive)
    #expect(!ProcessIdentity(pid: 0, startTicks: 0).isAlive)
    #expect(!ProcessIdentity(pid: -1, startTicks: 0).isAlive)
    #expect(!ProcessIdentity(pid: .max, startTicks: 0).isAlive)
  }

  @Test func killedAndDeadThoughStillAZombie() throws {
    let sleeper = try spawnSleeper()
    #expect(sleeper.isAlive)
    // Another process of that number is not touched.
    #expect(try !host.kill(ProcessIdentity(pid: sleeper.pid, startTicks: sleeper.startTicks &- 1)))
    #expect(sleeper.isAlive)
    #expect(try host.kill(sleeper))
    var information = siginfo_t()
    // Waits for its end and leaves it a zombie.
    try #require(waitid(P_PID, id_t(sleeper.pid), &information, WEXITED | WNOWAIT) == 0)
    #expect(!sleeper.isAlive)
    #expect(try !host.kill(sleeper))
    var status: Int32 = 0
    try #require(waitpid(sleeper.pid, &status, 0) == sleeper.pid)
    #expect(clinux_term_signal(status) == SIGKILL)
    #expect(throws: JournalError.self) { try ProcessIdentity.of(pid: sleeper.pid) }
  }

  @Test func aRestoreEndsWhatIsLeftOfTheRun() throws {
    let directory = try TemporaryDirectory()
    let sleeper = try spawnSleeper()
    // Of a supervisor that is dead: a process of our number that started at another time.
    var header = try JournalHeader.current(scenario: "quick")
    header.owner.startTicks -= 1
    var journal = try Journal.create(in: directory.path, header: header)
    _ = try journal.record(.process(pid: sleeper.pid, startTicks: sleeper.startTicks, role: "helper"))
    let path = journal.path
    #expect(JournalDirectory.ownerState(of: header) == .stale)
    let report = JournalRestorer(host).restore(journal: path, timeout: .seconds(20))
    #expect(report.isClean, "\(report.lines)")
    #expect(!sleeper.isAlive)
    // Whatever the restore did, nothing stays behind (and nobody waits for it for ten minutes).
    kill(sleeper.pid, SIGTERM)
    var status: Int32 = 0
    #expect(waitpid(sleeper.pid, &status, 0) == sleeper.pid)
    #expect(clinux_term_signal(status) == SIGKILL)
  }

  @Test(arguments: [
    ("1 (sh) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 0 0", UInt64(4711)),
    ("1 (a) R (b c) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12 0 0", 12),
    ("1 (sh) S 0 1 1", nil), ("1 sh S", nil), ("", nil), (")", nil),
    ("1 (sh) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 -4 0 0", nil),
  ])
  func startTime(text: String, ticks: UInt64?) {
    #expect(ProcessIdentity.startTicks(inStat: Array(text.utf8)) == ticks)
  }
}
