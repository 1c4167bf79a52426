import CLinux
import SystemPackage
import Testing

@testable import HostJournal

@Suite struct DirectoryRemovalTests {
  let directory: TemporaryDirectory
  let host = LinuxHostOperations()

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func isForeign(_ removal: Removal) -> Bool {
    if case .foreign = removal { true } else { false }
  }

  @Test func everythingInItGoes() throws {
    let work = try directory.directory("work")
    for name in ["a", "a/b", "a/b/c", "empty"] { _ = try directory.directory("work/\(name)", mode: 0o500 | 0o200) }
    for name in ["x", "a/y", "a/b/c/z", "new\nline", " "] { _ = try directory.file("work/\(name)", [1]) }
    // A name that is not UTF-8.
    let raw: [CChar] = Array("\(work.string)/".utf8CString.dropLast()) + [-1, -2, 0]
    try #require(mkdir(raw, 0o700) == 0)
    try #require(mkfifo("\(work.string)/fifo", 0o600) == 0)
    #expect(try host.removeDirectoryTree(work.string, identity: identity(of: work)) == .removed)
    #expect(!exists(work))
    #expect(try host.removeDirectoryTree(work.string, identity: .init(device: 1, inode: 1)) == .absent)
  }

  @Test func moreEntriesThanOneBatch() throws {
    let work = try directory.directory("work")
    let name = work.appending("f").string
    let count = 10_050
    for number in 0..<count { try #require(link(try firstFile(work).string, "\(name)\(number)") == 0) }
    #expect(try host.removeDirectoryTree(work.string, identity: identity(of: work)) == .removed)
  }

  private func firstFile(_ work: FilePath) throws -> FilePath {
    let path = work.appending("first")
    if !exists(path) { try write([1], to: path) }
    return path
  }

  @Test func symbolicLinksInsideAreRemovedNotFollowed() throws {
    let precious = try directory.directory("precious")
    let file = try directory.file("precious/file", [1])
    let work = try directory.directory("work")
    _ = try directory.directory("work/a")
    try #require(symlink(precious.string, work.appending("link").string) == 0)
    try #require(symlink("../../precious", work.appending("a").appending("link").string) == 0)
    try #require(symlink(file.string, work.appending("file").string) == 0)
    #expect(try host.removeDirectoryTree(work.string, identity: identity(of: work)) == .removed)
    #expect(exists(file))
  }

  @Test func aSymbolicLinkInItsPlaceIsLeft() throws {
    let precious = try directory.directory("precious")
    let file = try directory.file("precious/file", [1])
    let link = directory.path.appending("work")
    try #require(symlink(precious.string, link.string) == 0)
    // Even with the identity of what it points to.
    #expect(isForeign(try host.removeDirectoryTree(link.string, identity: identity(of: precious))))
    #expect(isForeign(try host.removeEmptyDirectory(link.string)))
    #expect(exists(file) && exists(link))
  }

  @Test func anotherInodeOfThatNameIsLeft() throws {
    let work = try directory.directory("work")
    let old = try identity(of: work)
    try #require(rename(work.string, "\(work.string).old") == 0)
    let new = try directory.directory("work")
    let file = try directory.file("work/file", [1])
    #expect(isForeign(try host.removeDirectoryTree(new.string, identity: old)))
    var elsewhere = try identity(of: new)
    elsewhere.device += 1
    #expect(isForeign(try host.removeDirectoryTree(new.string, identity: elsewhere)))
    #expect(exists(file))
  }

  @Test func aFileOfThatNameIsLeft() throws {
    let file = try directory.file("work", [1])
    #expect(isForeign(try host.removeDirectoryTree(file.string, identity: identity(of: file))))
    #expect(exists(file))
  }

  @Test(arguments: [mode_t(0o755), 0o777, 0o710])
  func aDirectoryOpenToOthersIsNoneThatWeMade(mode: mode_t) throws {
    let work = try directory.directory("work", mode: mode)
    #expect(isForeign(try host.removeDirectoryTree(work.string, identity: identity(of: work))))
    #expect(isForeign(try host.removeEmptyDirectory(work.string)))
    #expect(exists(work))
  }

  @Test func aPlannedDirectoryGoesOnlyWhileEmpty() throws {
    let work = try directory.directory("work")
    let file = try directory.file("work/file", [1])
    #expect(isForeign(try host.removeEmptyDirectory(work.string)))
    try #require(unlink(file.string) == 0)
    #expect(try host.removeEmptyDirectory(work.string) == .removed)
    #expect(try host.removeEmptyDirectory(work.string) == .absent)
  }

  @Test func tooDeepIsAnErrorNotACrash() throws {
    var path = try directory.directory("work")
    let top = path
    for _ in 0..<80 {
      path.append("d")
      try #require(mkdir(path.string, 0o700) == 0)
    }
    #expect(throws: JournalError.self) { try host.removeDirectoryTree(top.string, identity: identity(of: top)) }
  }
}
