import Experiment
import Foundation
import Synchronization
import Testing

import LinuxSystem
import SystemPackage
@testable import RecordFiles

/// What somebody else may have put on the way to the results of a program that runs as root.
@Suite struct PlantedPathTests {
  private static let nobody: uid_t = 65_534
  private static let canPlant =
    geteuid() == 0 && ProcessInfo.processInfo.environment["FAILOVER_BENCH_SKIP_ROOT_TESTS"] != "1"
  private static let isDemanded = ProcessInfo.processInfo.environment["FAILOVER_BENCH_REQUIRE_ROOT_TESTS"] == "1"
  private static let reason: Comment = "needs root: plants what belongs to another user"
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

  private func failure(_ body: () throws -> Void) -> RecordFileError? {
    do { try body() } catch { return error as? RecordFileError }
    return nil
  }

  @Test func linksOfOnesOwnAreFollowed() throws {
    try FileManager.default.createDirectory(atPath: path("real/a"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: path("absolute"), withDestinationPath: path("real"))
    try FileManager.default.createSymbolicLink(atPath: path("relative"), withDestinationPath: "./absolute/a/..")
    _ = try RunDirectory.make(at: path("absolute/a/first"))
    _ = try RunDirectory.make(at: path("relative/new/second"))
    #expect(
      try directory.entries("real") == ["a", "new"] && directory.entries("real/a") == ["first"]
        && directory.entries("real/new") == ["second"])
    #expect(try ResultsFolder.open(path("relative/new")).path == path("relative/new"))
    // One that leads to itself must end.
    try FileManager.default.createSymbolicLink(atPath: path("loop"), withDestinationPath: "loop/x")
    #expect(failure { _ = try RunDirectory.make(at: path("loop/third")) }?.errno == .tooManySymbolicLinkLevels)
    // The last component is never followed, with a slash behind it neither.
    for name in ["absolute", "absolute/", "absolute//"] {
      #expect(failure { _ = try ResultsFolder.open(path(name)) }?.errno == .notDirectory)
    }
  }

  @Test func theWayMayGoThroughWhatCannotBeListed() throws {
    try FileManager.default.createDirectory(atPath: path("closed/inside"), withIntermediateDirectories: true)
    try #require(chmod(path("closed"), 0o111) == 0)
    defer { chmod(path("closed"), 0o700) }
    _ = try RunDirectory.make(at: path("closed/inside/run"))
    #expect(try directory.entries("closed/inside") == ["run"])
  }

  @Test(arguments: ["a\nb", "new\n/run", "a\u{1b}[31mred", "a\u{202e}b", "a\rb"])
  func aNameOfMoreThanOneLineIsRefused(_ name: String) throws {
    let profile = "\(path(name)).json"
    let failures = [
      failure { _ = try RunDirectory.make(at: path(name)) }, failure { _ = try ResultsFolder.make(at: path(name)) },
      failure { _ = try ResultsFolder.openOrMake(path(name)) },
      failure { _ = try ResultsFolder.make(in: path(name), name: "s", startedAtUnixNanoseconds: 0) },
      failure { try ProfileFile.checkFree(profile) }, failure { _ = try ProfileFile.read(profile) },
      failure { _ = try RunDirectoryReader.read(path(name)) },
    ]
    for failure in failures {
      let failure = try #require(failure)
      #expect(
        failure.kind == .badName
          && !failure.description.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(failure)")
    }
    do throws(ScenarioFileError) {
      _ = try ScenarioFile.read(path: path(name) + ".yaml")
      Issue.record("a scenario of that name was read")
    } catch { #expect(error.description.contains("line break") && !error.description.contains("\n"), "\(error)") }
    #expect(try directory.entries().isEmpty)
  }

  @Test(.enabled(if: canPlant || isDemanded, reason))
  func aLinkOfSomebodyElseIsNotFollowed() throws {
    try FileManager.default.createDirectory(atPath: path("precious"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: "precious")
    try #require(lchown(path("link"), Self.nobody, Self.nobody) == 0)
    for failure in [
      failure { _ = try RunDirectory.make(at: path("link/run")) },
      failure { _ = try RunDirectory.make(at: path("link/new/run")) },
      failure { _ = try ResultsFolder.openOrMake(path("link/run")) },
      failure { try ProfileFile.checkFree(path("link/p.json")) },
    ] {
      #expect(
        failure?.reason == "it is a symbolic link of user 65534", "\(failure.map { "\($0)" } ?? "it was followed")")
    }
    #expect(try directory.entries("precious").isEmpty)
    // Of the user behind sudo it is: that user may name any directory.
    _ = try RunDirectory.make(at: path("link/run"), owner: FileOwner(userID: Self.nobody, groupID: Self.nobody))
    #expect(try directory.entries("precious") == ["run"])
    // A directory of somebody else's is good enough for results.
    try FileManager.default.createDirectory(atPath: path("theirs"), withIntermediateDirectories: false)
    try #require(chown(path("theirs"), Self.nobody, Self.nobody) == 0)
    _ = try RunDirectory.make(at: path("theirs/run"))
    #expect(try directory.entries("theirs") == ["run"])
  }

  @Test(
    "a directory that becomes a link while the way is gone leads nowhere else",
    .enabled(if: canPlant || isDemanded, reason))
  func race() throws {
    try FileManager.default.createDirectory(atPath: path("precious"), withIntermediateDirectories: false)
    try FileManager.default.createDirectory(atPath: path("place"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: "precious")
    try #require(lchown(path("link"), Self.nobody, Self.nobody) == 0)
    let (place, link) = (path("place"), path("link"))
    // Foundation does not declare it.
    typealias Exchange = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
    let exchange = unsafeBitCast(try #require(dlsym(nil, "renameat2")), to: Exchange.self)
    let isOver = Atomic(false)
    let swaps = Atomic(0)
    var outcomes: [String: Int] = [:]
    let thread = Thread {
      while !isOver.load(ordering: .relaxed) {
        // RENAME_EXCHANGE (rename(2)): place is now the directory, now the link, and never absent.
        if exchange(AT_FDCWD, place, AT_FDCWD, link, 2) == 0 { swaps.add(1, ordering: .relaxed) }
      }
      isOver.store(false, ordering: .releasing)
    }
    thread.start()
    for number in 0..<2_000 {
      let failed = failure { _ = try RunDirectory.make(at: "\(place)/new-\(number)/run") }
      outcomes[failed.map { $0.reason } ?? "made", default: 0] += 1
    }
    isOver.store(true, ordering: .relaxed)
    while isOver.load(ordering: .acquiring) { usleep(1_000) }
    // Both were met, or nothing was tested.
    #expect(
      outcomes["made"] != nil && outcomes["it is a symbolic link of user 65534"] != nil
        && swaps.load(ordering: .relaxed) > 100, "\(outcomes)")
    #expect(try directory.entries("precious").isEmpty)
  }
}
