import CLinux
@testable import HostJournal
import SystemPackage
import LinuxSystem
import Testing

@Suite struct JournalFileTests {
  let directory: TemporaryDirectory
  var state: FilePath { directory.path.appending("state") }

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func kind(_ body: () throws -> Void) -> JournalError.Kind? {
    do {
      try body()
      return nil
    } catch {
      return (error as? JournalError)?.kind
    }
  }

  private func permissions(_ path: FilePath) -> UInt32 {
    var status = stat()
    return clinux_lstat(path.string, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func createdClosedToOthersAndRemovedWhenFinished() throws {
    var journal = try Journal.create(in: state, header: .current(scenario: "quick"))
    let path = journal.path
    #expect(permissions(state) == 0o700)
    #expect(permissions(path) == 0o600)
    let id = try journal.record(.sysctl(key: "vm.swappiness", previous: "60", new: "0"))
    try journal.note("a note")
    #expect(try journal.contents().pending.map(\.id) == [id])
    #expect(try JournalDirectory.list(state) == [path])
    let entry = try #require(try JournalDirectory.entries(state).first)
    #expect(entry.owner == .live(try ProcessIdentity.current()))
    #expect(entry.contents.notes == ["a note"])
    #expect(entry.contents.header?.scenario == "quick")
    try journal.undone(id)
    try journal.finish()
    #expect(!exists(path))
    #expect(try JournalDirectory.list(state).isEmpty)
  }

  @Test func notFinishedWhileAnythingIsPending() throws {
    var journal = try Journal.create(in: state, header: .current(scenario: "quick"))
    let path = journal.path
    let id = try journal.record(.loopNode(number: 5))
    do {
      try journal.finish()
      Issue.record("finished with a pending change")
    } catch {
      #expect(error.kind == .pendingChanges(1))
    }
    #expect(exists(path))
    var second = try Journal.open(path)
    try second.release(id)
    try second.finish()
    #expect(!exists(path))
  }

  @Test func severalProcessesAppendToOneFile() async throws {
    let journal = try Journal.create(in: state, header: .current(scenario: "quick"))
    let path = journal.path
    try journal.close()
    let ids = try await withThrowingTaskGroup(of: [Int].self) { group in
      for writer in 0..<4 {
        group.addTask {
          var journal = try Journal.open(path)
          var ids: [Int] = []
          for number in 0..<25 { ids.append(try journal.record(.loopNode(number: writer * 100 + number))) }
          for id in ids.prefix(5) { try journal.undone(id) }
          try journal.close()
          return ids
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let contents = try JournalReader.read(path: path)
    #expect(contents.problems.isEmpty)
    #expect(Set(ids).count == 100)
    #expect(Set(contents.changes.map(\.id)) == Set(ids))
    #expect(contents.pending.count == 80)
  }

  @Test func halfALineOfADeadWriterDoesNotSwallowTheNext() throws {
    var journal = try Journal.create(in: state, header: .current(scenario: "quick"))
    let path = journal.path
    try write(bytes(of: path) + Array("change id=1 kind=loop-no".utf8), to: path)
    let id = try journal.record(.loopNode(number: 5))
    let contents = try journal.contents()
    #expect(contents.pending.map(\.id) == [id])
    #expect(contents.problems.map(\.kind) == [.damagedLine])
    try journal.undone(id)
    try journal.finish()
  }

  @Test func nothingIsRecordedWhileOrAfterSomebodyRestores() throws {
    var journal = try Journal.create(in: state, header: .current(scenario: "quick"))
    let path = journal.path
    let restorer = try JournalFile.open(path, forWriting: true)
    #expect(try restorer.file.tryLock(exclusively: true))
    do {
      _ = try journal.record(.loopNode(number: 5))
      Issue.record("recorded during a restore")
    } catch {
      #expect(error.kind == .restoreUnderWay)
    }
    try restorer.remove()
    try restorer.file.unlock()
    do {
      _ = try journal.record(.loopNode(number: 5))
      Issue.record("recorded after a restore")
    } catch {
      #expect(error.kind == .alreadyRestored)
    }
    try journal.finish()
  }

  @Test func whatCannotBeRestoredIsNotRecorded() throws {
    var journal = try Journal.create(in: state, header: .current(scenario: "quick"))
    do {
      _ = try journal.record(.directory(path: "/", device: 1, inode: 1))
      Issue.record("recorded /")
    } catch {
      #expect(error.kind == .malformed)
    }
    try journal.finish()
  }

  @Test(arguments: [mode_t(0o770), 0o707, 0o777, 0o1777])
  func aStateDirectoryThatOthersMayWriteToIsRefused(mode: mode_t) throws {
    let open = try directory.directory("state", mode: mode)
    #expect(kind { _ = try Journal.create(in: open, header: .current(scenario: "q")) } == .untrusted)
    #expect(kind { _ = try JournalDirectory.list(open) } == .untrusted)
    #expect(names(in: open.string).isEmpty)
  }

  @Test func aStateDirectoryBelowOneThatOthersMayWriteToIsRefused() throws {
    let open = try directory.directory("open", mode: 0o777)
    let below = open.appending("state")
    // It would be ours alone, but anybody could put another in its place.
    #expect(kind { _ = try Journal.create(in: below, header: .current(scenario: "q")) } == .untrusted)
    #expect(names(in: open.string).isEmpty)
    try #require(mkdir(below.string, 0o700) == 0)
    #expect(kind { _ = try JournalDirectory.list(below) } == .untrusted)
    try #require(chmod(open.string, 0o1777) == 0)
    #expect(try JournalDirectory.list(below).isEmpty)
  }

  @Test func aStateDirectoryThatIsASymbolicLinkOrAFileIsRefused() throws {
    let real = try directory.directory("real")
    try #require(symlink(real.string, state.string) == 0)
    #expect(kind { _ = try Journal.create(in: state, header: .current(scenario: "q")) } == .untrusted)
    #expect(names(in: real.string).isEmpty)
    let file = try directory.file("file")
    #expect(kind { _ = try Journal.create(in: file, header: .current(scenario: "q")) } == .systemCall)
    let orphan = directory.path.appending("none").appending("state")
    #expect(kind { _ = try Journal.create(in: orphan, header: .current(scenario: "q")) } == .systemCall)
    #expect(try JournalDirectory.list(orphan).isEmpty)
  }

  @Test func aFileThatIsNotOursAloneIsNoJournal() throws {
    let host = FakeHost(KilledRun.during)
    let journal = try KilledRun.journal(in: directory)
    func isRefused(_ path: FilePath) -> Bool {
      let report = JournalRestorer(host).restore(journal: path, timeout: .zero, authority: .hostLockHeld)
      return !report.isClean && report.restored.isEmpty && host.log.isEmpty
    }
    // A second name.
    let second = directory.path.appending("second.journal")
    try #require(link(journal.string, second.string) == 0)
    #expect(isRefused(journal) && isRefused(second))
    try #require(unlink(second.string) == 0)
    // A symbolic link.
    try #require(symlink(journal.string, second.string) == 0)
    #expect(isRefused(second))
    // Another kind of file, which must not make anybody wait.
    let fifo = directory.path.appending("fifo.journal")
    try #require(mkfifo(fifo.string, 0o600) == 0)
    #expect(isRefused(fifo))
    // A name that is no journal's.
    #expect(isRefused(try directory.file("notes.txt", bytes(of: journal))))
    // Others may write to it.
    try #require(chmod(journal.string, 0o622) == 0)
    #expect(isRefused(journal))
    try #require(chmod(journal.string, 0o600) == 0)
    #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
  }

  @Test func aRunKilledBeforeTheHeaderWasWritten() throws {
    let empty = try directory.file("empty.journal")
    let host = FakeHost(KilledRun.during)
    // A run may be writing it right now, for all that can be seen without the host lock.
    #expect(JournalRestorer(host).restore(journal: empty, timeout: .zero).refusal != nil)
    #expect(JournalRestorer(host).restore(journal: empty, timeout: .zero, authority: .hostLockHeld).isClean)
    #expect(names(in: directory.path.string).isEmpty)
    #expect(host.log.isEmpty)
  }

  @Test func makingADirectoryIsJournalledAtEachInstant() throws {
    var journal = try Journal.create(in: state, header: .current(scenario: "q"))
    let work = directory.path.appending("work")
    let made = try journal.makeDirectory(work)
    #expect(permissions(work) == 0o700)
    #expect(
      try journal.contents().pending.map(\.change) == [
        .directory(path: work.string, device: made.device, inode: made.inode)
      ])
    // A second one of that name is not ours, and not to be removed.
    do {
      _ = try journal.makeDirectory(work)
      Issue.record("made twice")
    } catch {
      #expect(error.errno == .fileExists)
    }
    #expect(try journal.contents().pending.count == 1)
    let path = journal.path
    try journal.close()
    #expect(JournalRestorer(LinuxHostOperations()).restore(journal: path, timeout: .zero).isClean)
    #expect(!exists(work))
  }

  @Test func aKeptDirectoryStays() throws {
    var journal = try Journal.create(in: state, header: .current(scenario: "q"))
    let work = directory.path.appending("work")
    try journal.release(try journal.makeDirectory(work).id)
    let path = journal.path
    try journal.close()
    #expect(JournalRestorer(LinuxHostOperations()).restore(journal: path, timeout: .zero).isClean)
    #expect(exists(work) && !exists(path))
  }
}
