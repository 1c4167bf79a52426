import Experiment
import Foundation
import TestSupport
import Testing

import SystemPackage
import LinuxSystem
@testable import RecordFiles

@Suite struct RunDirectoryTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

  @Test func theNameIsTimeAndScenario() throws {
    let first = try RunDirectory.make(
      in: path("results"), scenario: "quick", startedAtUnixNanoseconds: 1_131_012_900_000_000_000)
    #expect(first.path == path("results/20051103T101500Z-quick"))
    let second = try RunDirectory.make(
      in: path("results"), scenario: "quick", startedAtUnixNanoseconds: 1_131_012_900_999_999_999)
    #expect(second.path == path("results/20051103T101500Z-quick-2"))
    #expect(try directory.status("results/20051103T101500Z-quick").st_mode & 0o7777 == 0o755)
  }

  @Test func aHostileScenarioNameStaysInItsDirectory() throws {
    let made = try RunDirectory.make(in: path("results"), scenario: "../../etc/x y", startedAtUnixNanoseconds: 0)
    #expect(made.path == path("results/19700101T000000Z--..-etc-x-y"))
    #expect(try directory.entries() == ["results"])
  }

  @Test func parentsAreMadeAndAnEmptyDirectoryIsTaken() throws {
    #expect(try RunDirectory.make(at: path("a/b/c//")).path == path("a/b/c"))
    // Nothing is in it yet.
    #expect(try RunDirectory.make(at: path("a/b/c")).path == path("a/b/c"))
  }

  @Test func whatIsThereIsNotTouched() throws {
    try FileManager.default.createDirectory(atPath: path("full"), withIntermediateDirectories: false)
    try directory.write("mine", to: "full/thesis.tex")
    try directory.write("mine", to: "file")
    try FileManager.default.createDirectory(atPath: path("empty"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: "empty")
    for (name, reason) in [
      ("full", "it is not empty"), ("file", "it exists and is not a directory"), ("link", "it is a symbolic link"),
      ("link/", "it is a symbolic link"),
    ] {
      let error = try #require(failure { _ = try RunDirectory.make(at: path(name)) })
      #expect(error.kind == .inTheWay && error.reason == reason)
      #expect(error.description.hasSuffix("name a directory that is new or empty"))
    }
    #expect(failure { _ = try RunDirectory.make(at: path("file/below")) }?.errno == .notDirectory)
    for name in ["", "a\0b"] { #expect(failure { _ = try RunDirectory.make(at: name) }?.kind == .badName) }
    #expect(try directory.entries("full") == ["thesis.tex"] && directory.entries("empty").isEmpty)
    #expect(try directory.text("file") == "mine")
  }

  @Test func theRecordIsReplacedWhole() throws {
    let results = try RunDirectory.make(at: path("r"))
    var record = SampleRecord.record
    try results.write(record)
    let before = try directory.status("r/run.json").st_ino
    record.cutOff("later")
    try results.write(record)
    #expect(try directory.text("r/run.json") == PrettyJSON.text(record))
    // A new file took the place of the old one: nobody ever saw half of it.
    #expect(try directory.status("r/run.json").st_ino != before)
    #expect(try directory.entries("r") == ["run.json"])
  }

  @Test func aWriteThatFailsLeavesTheOldRecord() throws {
    let results = try RunDirectory.make(at: path("r"))
    try results.write(SampleRecord.record)
    let old = try directory.text("r/run.json")
    var record = SampleRecord.record
    record.summary?.unusableFreeSpaceIndexBefore = .nan
    #expect(failure { try results.write(record) }?.kind == .invalid)
    #expect(try directory.text("r/run.json") == old)
    // A directory where the new file is to be made.
    try FileManager.default.createDirectory(atPath: path("r/.run.json.new"), withIntermediateDirectories: false)
    #expect(failure { try results.write(SampleRecord.record) }?.errno == .fileExists)
    #expect(try directory.text("r/run.json") == old)
  }

  @Test func aLinkPutInTheWayIsNotFollowed() throws {
    var results = try RunDirectory.make(at: path("r"))
    try directory.write("mine", to: "victim")
    for name in ["run.json", ".run.json.new", "mounts.csv"] {
      try FileManager.default.createSymbolicLink(atPath: path("r/\(name)"), withDestinationPath: path("victim"))
    }
    try results.write(SampleRecord.record)
    let error = failure { try results.appendMount(row: "1\n", header: "n\n") }
    #expect(error?.errno == .fileExists)
    try FileManager.default.createSymbolicLink(atPath: path("r/proc"), withDestinationPath: directory.path)
    #expect(failure { try results.writeKernelTexts("pin-after", ["buddyinfo": "b"]) } != nil)
    #expect(try directory.entries() == ["r", "victim"])
    #expect(try directory.text("victim") == "mine")
    #expect(try directory.status("r/run.json").st_mode & S_IFMT == S_IFREG)
  }

  @Test func linesAreAppended() throws {
    var results = try RunDirectory.make(at: path("r"))
    try results.appendMount(row: "1\n", header: "number\n")
    try results.appendMount(row: "2\n", header: "number\n")
    #expect(try directory.text("r/mounts.csv") == "number\n1\n2\n")
    for observation in SampleRecord.observations { try results.append(observation) }
    let lines = try directory.text("r/observations.ndjson").split(separator: "\n")
    #expect(lines.count == SampleRecord.observations.count)
  }

  @Test func latenciesAndTextsAndTheLog() throws {
    let results = try RunDirectory.make(at: path("r"))
    try results.write(SampleRecord.latency, of: .populate)
    #expect(try directory.text("r/latency-populate.csv") == "value_ns,count\n40000,9\n1500000,1\n")
    try results.writeKernelTexts("pin-after", ["buddyinfo": "b\n", "pressure-memory": "p\n"])
    try results.writeKernelTexts("pin-after", ["buddyinfo": "new\n"])
    #expect(try directory.entries("r/proc/pin-after") == ["buddyinfo", "pressure-memory"])
    #expect(try directory.text("r/proc/pin-after/buddyinfo") == "new\n")
    try results.writeKernelLog("XFS mounted\n")
    #expect(try directory.text("r/kernel.log") == "XFS mounted\n")
  }

  @Test(arguments: [
    "", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", "a\0b", "a b", "é", String(repeating: "a", count: 65),
  ])
  func namesThatLeadAwayAreRefused(name: String) throws {
    let results = try RunDirectory.make(at: path("r"))
    for (label, text) in [(name, "buddyinfo"), ("pin-after", name)] {
      let error = failure { try results.writeKernelTexts(label, [text: "x"]) }
      #expect(error?.kind == .badName)
    }
    #expect(try directory.entries("r").isEmpty && directory.entries() == ["r"])
  }

  /// /dev/full answers every write as a full disk does.
  @Test func aFullDiskSaysWhatToDo() throws {
    let full = try ResultFile(opening: "/dev/full", .writeOnly)
    let error = try #require(failure { try full.write([1]) })
    #expect(error.kind == .noSpace && error.errno == .noSpace)
    #expect(
      error.description == "cannot write /dev/full: No space left on device; what was written before is valid; "
        + "make room there, or give --output a directory on another disk")
  }

  @Test func resultsBelongToTheUserBehindSudo() throws {
    // Without root one can only give to oneself what is one's own already.
    let owner =
      geteuid() == 0 ? FileOwner(userID: 12_345, groupID: 23_456) : FileOwner(userID: getuid(), groupID: getgid())
    var results = try RunDirectory.make(at: path("results/r"), owner: owner)
    try results.write(SampleRecord.record)
    try results.appendMount(row: "1\n", header: "n\n")
    try results.append(SampleRecord.observations[0])
    try results.writeKernelTexts("pin-after", ["buddyinfo": "b"])
    try results.writeKernelLog("log")
    for name in [
      "results", "results/r", "results/r/run.json", "results/r/mounts.csv", "results/r/observations.ndjson",
      "results/r/proc",
      "results/r/proc/pin-after", "results/r/proc/pin-after/buddyinfo", "results/r/kernel.log",
    ] {
      let status = try directory.status(name)
      #expect(status.st_uid == owner.userID && status.st_gid == owner.groupID, "\(name)")
    }
  }

  private func failure(_ body: () throws -> Void) -> RecordFileError? {
    do { try body() } catch { return error as? RecordFileError }
    return nil
  }
}

@Suite struct UTCTimeTests {
  /// date --utc --date=@SECONDS +%Y%m%dT%H%M%SZ
  @Test(arguments: [
    (0 as UInt64, "19700101T000000Z"), (951_782_399, "20000228T235959Z"), (951_782_400, "20000229T000000Z"),
    (951_868_800, "20000301T000000Z"), (1_131_012_900, "20051103T101500Z"), (1_709_164_800, "20240229T000000Z"),
    (4_107_542_400, "21000301T000000Z"), (4_107_542_399, "21000228T235959Z"), (1_798_761_599, "20261231T235959Z"),
  ])
  func isThatOfDate(seconds: UInt64, text: String) {
    #expect(UTCTime.basicText(unixNanoseconds: seconds * 1_000_000_000 + 999_999_999) == text)
  }
}
