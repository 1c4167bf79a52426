import Experiment
import Foundation
import RecordFiles
import Report
import TestSupport
import Testing

@Suite struct ProfileFileTests {
  private let directory: TemporaryDirectory
  private let json: String

  init() throws {
    directory = try TemporaryDirectory()
    json = try PrettyJSON.text(SampleProfile.profile)
  }

  private func refusal(_ text: String) throws -> RecordFileError {
    try directory.write(text, to: "p.json")
    let error = try #require(throws: RecordFileError.self) { try ProfileFile.read(directory.path + "/p.json") }
    #expect(error.description.contains("\(directory.path)/p.json"))
    #expect(!error.advice.isEmpty, "it does not say what to do")
    #expect(!error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
    return error
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let path = directory.path + "/new.json"
    try ProfileFile.checkFree(path)
    #expect(try directory.entries() == [])
    try ProfileFile.write(SampleProfile.profile, to: path)
    #expect(try ProfileFile.read(path) == SampleProfile.profile)
    #expect(try directory.entries() == ["new.json"])
    #expect(SampleProfile.profile.mountDemand == "2MB*1,32kB*9,4kB*2")
  }

  @Test func nothingIsReplaced() throws {
    try directory.write("mine", to: "there.json")
    let path = directory.path + "/there.json"
    for attempt in [{ try ProfileFile.checkFree(path) }, { try ProfileFile.write(SampleProfile.profile, to: path) }] {
      let error = try #require(throws: RecordFileError.self) { try attempt() }
      #expect(error.kind == .inTheWay && error.description.contains(path))
    }
    #expect(try directory.text("there.json") == "mine")
    #expect(try directory.entries() == ["there.json"])
  }

  @Test(arguments: ["", "/", "a/..", "/nonexistent-directory/x.json", "."])
  func namesThatAreNoFile(path: String) { #expect(throws: RecordFileError.self) { try ProfileFile.checkFree(path) } }

  @Test func everyTruncationIsRefused() throws {
    let bytes = Array(json.utf8)
    for length in stride(from: 0, to: bytes.count - 2, by: 61) {
      let error = try refusal(String(decoding: bytes.prefix(length), as: UTF8.self))
      // Cut just behind an inner brace it does not look cut off.
      #expect(error.kind == .truncated || error.kind == .foreign, "\(length)")
    }
    #expect(try refusal("").kind == .truncated)
    #expect(try refusal(String(json.prefix(700))).kind == .truncated)
  }

  @Test(arguments: [
    "hello", "[]", "{}", #"{"schema":1,"tool":"failover-bench 0.1.0","runID":"x"}"#,
    #"{"kind":"a profile","schema":1,"tool":"x"}"#, "\u{0}",
  ])
  func foreignFilesAreRefused(text: String) throws { #expect(try refusal(text).kind == .foreign) }

  @Test func aRecordOfARunIsForeign() throws {
    #expect(try refusal(PrettyJSON.text(SampleRecord.record)).kind == .foreign)
  }

  @Test func aLaterSchemaIsRefusedByItsNumber() throws {
    let error = try refusal(#"{"kind":"failover-bench allocation profile","schema":2,"tool":"failover-bench 9.0\n"}"#)
    #expect(
      error.kind == .newerSchema && error.reason.contains("schema is 2") && error.reason.contains("failover-bench 9.0"))
  }

  @Test(arguments: [
    (#""order" : 9"#, #""order" : 99"#), (#""order" : 9"#, #""order" : 8"#),
    (#""blocks" : 8"#, #""blocks" : 18446744073709551615"#),
    (#""blocks" : 8"#, #""blocks" : 80"#), (#""number" : 2"#, #""number" : 1"#),
    (#""mountDemand" : "2MB*1,"#, #""mountDemand" : "4MB*1,"#),
    (#""fileSystem" : "xfs""#, #""fileSystem" : "x\u001bs""#), (#""pageBytes" : 4096"#, #""pageBytes" : 4097"#),
    (#""migrateType" : 1"#, #""migrateType" : -1"#),
    (#""durationNanoseconds" : 4700000"#, #""durationNanoseconds" : 1e30"#),
  ])
  func whatCannotHaveBeenWrittenIsRefused(found: String, replacement: String) throws {
    let changed = json.replacing(found, with: replacement, maxReplacements: 1)
    try #require(changed != json, "there is no \(found)")
    #expect(try refusal(changed).kind == .invalid)
  }

  @Test func aMissingFileSaysHowToMakeOne() throws {
    let error = try #require(throws: RecordFileError.self) { try ProfileFile.read("/nonexistent.json") }
    #expect(error.kind == .missing && error.advice.contains("failover-bench profile"))
  }

  // MARK: - As a mount demand

  @Test func otherDemandsStayAsTheyAre() throws {
    for text in ["none", "paper", "64kB*60", "profil", ""] {
      #expect(try ProfileFile.resolve(text, of: .mountDemand) == text)
    }
    // Only the demand names files.
    for key in ScenarioKey.allCases where key != .mountDemand {
      #expect(try ProfileFile.resolve("profile:/nonexistent.json", of: key) == "profile:/nonexistent.json")
    }
  }

  @Test func aFileBecomesItsList() throws {
    try directory.write(json, to: "p.json")
    #expect(try ProfileFile.resolve("profile:\(directory.path)/p.json", of: .mountDemand) == "2MB*1,32kB*9,4kB*2")
    #expect(
      try ProfileFile.resolve("profile:p.json", of: .mountDemand, relativeTo: directory.path) == "2MB*1,32kB*9,4kB*2")
    for bad in ["profile:", "profile:\(directory.path)/none.json"] {
      let error = try #require(throws: ScenarioError.self) { try ProfileFile.resolve(bad, of: .mountDemand) }
      #expect(error.description.hasPrefix("invalid value '\(bad)' for --mount-demand: "))
    }
  }

  /// It would name less than a mount asks for, and nobody would see it.
  @Test func aProfileWithLostEventsIsNoDemand() throws {
    var profile = SampleProfile.profile
    profile.mounts[1].lostEvents = 3
    try directory.write(PrettyJSON.text(profile), to: "p.json")
    let error = try #require(throws: ScenarioError.self) {
      try ProfileFile.resolve("profile:\(directory.path)/p.json", of: .mountDemand)
    }
    #expect(error.description.contains("lost 3 events"))
  }

  @Test func aScenarioFileNamesItRelativeToItself() throws {
    try directory.write(json, to: "p.json")
    try directory.write("mount-demand: profile:p.json\n", to: "s.yaml")
    let scenario = try ScenarioFile.read(path: directory.path + "/s.yaml")
    #expect(scenario.mountDemand.text == "2MB*1,32kB*9,4kB*2" && scenario.mountDemand.blocks.map(\.order) == [9, 3, 0])
    // What is printed stands without the file.
    #expect(ScenarioText.yaml(scenario).contains("2MB*1,32kB*9,4kB*2"))
    #expect(!ScenarioText.yaml(scenario).contains("mount-demand: \"profile"))
    try directory.write("seed: 3\nmount-demand: profile:other.json\n", to: "t.yaml")
    let error = try #require(throws: ScenarioFileError.self) { try ScenarioFile.read(path: directory.path + "/t.yaml") }
    #expect(
      error.description.contains("t.yaml:2: invalid value 'profile:other.json' for mount-demand: ")
        && error.description.contains("\(directory.path)/other.json"))
  }
}
