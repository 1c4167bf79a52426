import HostJournal
@testable import LinuxHost
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// What the testbed writes into the journal while it works.
@Suite struct RunJournalTests {
  private let directory: FilePath

  init() throws {
    directory = FilePath("/tmp/failover-bench-test-journal-\(UInt32.random(in: 0 ... .max))")
    try Directory.make(directory.string)
  }

  private func removeFiles() {
    for name in (try? Directory.names(in: directory.string)) ?? [] {
      try? FileSystem.removeFile("\(directory)/\(name)")
    }
    try? FileSystem.removeDirectory(directory.string)
  }

  private func pending(_ path: FilePath) throws -> [HostChange] {
    try #require(try JournalDirectory.entries(directory).first { $0.path == path }).contents.pending.map(\.change)
  }

  @Test("a child process stands in the journal for as long as it runs")
  func child() throws {
    defer { removeFiles() }
    let created = try Journal.create(in: directory, header: .current(scenario: "test"))
    let path = created.path
    var journal = RunJournal(created)
    // Runs until it is killed.
    let child = try ChildProcess(spawning: "tail", ["-f", "/dev/null"])
    let identity = try ProcessIdentity.of(pid: child.processID)
    let expected = HostChange.process(pid: identity.pid, startTicks: identity.startTicks, role: "mkfs.test")
    let seen = try journal.withChild(child, role: "mkfs.test") { child in
      let seen = Result { try pending(path) }
      child.signal(SignalDescriptor.kill)
      return seen
    }
    #expect(try seen.get() == [expected])
    #expect(try pending(path) == [])
    #expect(child.wait() == .signaled(SignalDescriptor.kill))
  }

  @Test(
    "a setting that is set twice is reported twice, and goes back to what it was before the run",
    .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
  func settingTwice() throws {
    try Privilege.require()
    defer { removeFiles() }
    let key = "vm.stat_interval"
    let original = try Sysctl.read(key)
    let created = try Journal.create(in: directory, header: .current(scenario: "test"))
    let path = created.path
    var journal = RunJournal(created)
    var settings = HostSettings()
    let first = try settings.set(key, "7", journal: &journal)
    let second = try settings.set(key, "8", again: true, journal: &journal)
    #expect(first == (original, "7") && second == (original, "8"))
    let report = JournalRestorer(LinuxHostOperations()).restore(journal: path, timeout: .seconds(5))
    #expect(report.isClean, "\(report.lines)")
    #expect(try Sysctl.read(key) == original)
  }
}
