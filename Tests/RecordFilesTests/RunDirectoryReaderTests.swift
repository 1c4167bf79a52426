import Experiment
import Foundation
import RecordFiles
import TestSupport
import Testing

@Suite struct ModelTableTests {
  private static func read(_ text: String) throws -> ModelTable {
    let directory = try TemporaryDirectory()
    try directory.write(try PrettyJSON.text(SampleRecord.record), to: "run.json")
    try directory.write(text, to: "model.csv")
    return try #require(try RunDirectoryReader.modelTable(RunDirectoryReader.read(directory.path)))
  }

  @Test func theMemoryAfterTheLastMountIsRead() throws {
    let text =
      "number,outcome,explanation,free_bytes,free_64k_bytes\n1,mounted,,9,9\n2,timed-out,\"a, b\",3145728,1048576\n"
    let table = try Self.read(text)
    #expect(
      table.text == text && table.memoryAfter?.freeBytes == 3_145_728 && table.memoryAfter?.largeFreeBytes == 1_048_576)
  }

  @Test(
    "what the table does not say is nil",
    arguments: [
      "number,outcome,free_bytes\n1,mounted,9\n", "number,outcome,free_bytes,free_64k_bytes\n",
      "number,outcome,free_bytes,free_64k_bytes\n1,mounted,,9\n",
    ])
  func unknown(_ text: String) throws { #expect(try Self.read(text).memoryAfter == nil) }
}

@Suite struct RunDirectoryReaderTests {
  private let directory: TemporaryDirectory
  private let json: String

  init() throws {
    directory = try TemporaryDirectory()
    json = try PrettyJSON.text(SampleRecord.record)
  }

  /// The error about a run.json with `text` in it, after checking that it is one line that names the file.
  private func refusal(_ text: String) throws -> RecordFileError {
    try directory.write(text, to: "run.json")
    let error = try #require(throws: RecordFileError.self) { try RunDirectoryReader.read(directory.path) }
    #expect(error.description.contains("\(directory.path)/run.json"))
    #expect(!error.advice.isEmpty, "it does not say what to do")
    #expect(!error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
    return error
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = Array(json.utf8)
    // The last two bytes are the closing brace and the line break, without which it is whole.
    for length in stride(from: 0, to: bytes.count - 2, by: 97) {
      let error = try refusal(String(decoding: bytes.prefix(length), as: UTF8.self))
      // Cut just behind an inner brace it does not look cut off.
      #expect(error.kind == .truncated || error.kind == .foreign, "\(length)")
    }
    #expect(try refusal(String(json.prefix(1000))).kind == .truncated)
    #expect(try refusal("").kind == .truncated)
  }

  @Test(arguments: [
    "hello", "[]", "null", "{}", #"{"name":"package.json","version":"1"}"#, #"{"schema":"1","tool":"x"}"#,
    "\u{0}\u{1}\u{2}",
    #"{"schema":1e400,"tool":"x"}"#,
  ])
  func foreignFilesAreRefused(text: String) throws { #expect(try refusal(text).kind == .foreign) }

  @Test func aLaterSchemaIsRefusedByItsNumber() throws {
    let error = try refusal(#"{"schema":4,"tool":"failover-bench 9.0\n\u001b[2J","shape":"unknown"}"#)
    #expect(error.kind == .newerSchema)
    #expect(error.reason.contains("schema is 4") && error.reason.contains("failover-bench 9.0"))
  }

  /// Values that this program cannot have written, each put in place of what it did write.
  @Test(arguments: [
    (#""pageBytes" : 4096"#, #""pageBytes" : 0"#), (#""pageBytes" : 4096"#, #""pageBytes" : 4097"#),
    (#""writeBytes" : 16"#, #""writeBytes" : -1"#), (#""fileSystems" : 4"#, #""fileSystems" : 0"#),
    (#""fileSystems" : 4"#, #""fileSystems" : 2"#), (#""number" : 2"#, #""number" : 1"#),
    (#""order" : 4"#, #""order" : 400"#), (#""order" : 4"#, #""order" : -4"#),
    (#""mountDurationNanoseconds" : 12000000"#, #""mountDurationNanoseconds" : 18446744073709551615"#),
    (#""compact_stall" : 3"#, #""compact_stall" : 18446744073709551615"#), (#""text" : "paper""#, #""text" : "none""#),
    (#""freeBytes" : 30000000"#, #""freeBytes" : 18446744073709551615"#), (#""cpuCount" : 2"#, #""cpuCount" : 0"#),
    (#""highPages" : 26000"#, #""highPages" : 18446744073709551615"#), (#""schema" : 3"#, #""schema" : 0"#),
    (#""result" : "mounted""#, #""result" : "levitated""#), (#""status" : "complete""#, #""status" : "splendid""#),
    (#""runID""#, #""runId""#), (#""operations" : 10"#, #""operations" : "ten""#),
  ])
  func impossibleValuesAreRefused(written: String, changed: String) throws {
    #expect(json.contains(written), "nothing was changed")
    #expect(try refusal(json.replacingOccurrences(of: written, with: changed)).kind == .invalid)
  }

  /// More right files than there were: no difference of the two may be made of it.
  @Test func impossibleServicesAreRefused() throws {
    var record = SampleRecord.record
    record.mounts[0] = MountRecord(
      number: 1, outcome: .mounted, startedAtNanoseconds: 1, mountDurationNanoseconds: 2, threadCPUNanoseconds: nil,
      sentinelDurationNanoseconds: nil, demand: nil,
      service: ServiceRecord(
        files: 1, rightFiles: 2, failures: [], durationNanoseconds: 5, slowestWriteNanoseconds: nil))
    #expect(try refusal(PrettyJSON.text(record)).reason.contains("more files than there were"))
  }

  /// Those of schema 1 stand in the record.
  @Test(arguments: [
    (#""count" : 9"#, #""count" : 18446744073709551615"#), (#""nanoseconds" : 1500000"#, #""nanoseconds" : 1"#),
  ])
  func impossibleLatenciesAreRefused(written: String, changed: String) throws {
    let old = try Checkout.text("fixtures/records/run-v1.json")
    #expect(old.contains(written), "nothing was changed")
    #expect(try refusal(old.replacingOccurrences(of: written, with: changed)).kind == .invalid)
  }

  @Test func whatIsNoResultsDirectoryIsRefused() throws {
    for path in ["\(directory.path)/nowhere", directory.path] {
      let error = try #require(throws: RecordFileError.self) { try RunDirectoryReader.read(path) }
      #expect(error.kind == .missing && error.advice == "name a results directory of `failover-bench run`")
    }
    try directory.write("x", to: "file")
    #expect(throws: RecordFileError.self) { try RunDirectoryReader.read("\(directory.path)/file") }
    // A FIFO would be waited for, for ever.
    try #require(mkfifo("\(directory.path)/run.json", 0o600) == 0)
    let error = try #require(throws: RecordFileError.self) { try RunDirectoryReader.read(directory.path) }
    #expect(error.kind == .foreign)
  }

  @Test func theFileItselfMayBeNamed() throws {
    try directory.write(json, to: "run.json")
    #expect(try RunDirectoryReader.read("\(directory.path)/run.json").record == SampleRecord.record)
  }

  private func writeObservations(_ change: (String) -> String = { $0 }) throws {
    var results = try RunDirectory.make(at: "\(directory.path)/r")
    try results.write(SampleRecord.record)
    for observation in SampleRecord.observations { try results.append(observation) }
    try directory.write(change(try directory.text("r/observations.ndjson")), to: "r/observations.ndjson")
  }

  @Test func aTornLastLineIsLeftOut() throws {
    try writeObservations { String($0.dropLast(100)) }
    let run = try RunDirectoryReader.read("\(directory.path)/r")
    #expect(run.observations == SampleRecord.observations.dropLast())
    #expect(run.notes == ["\(directory.path)/r/observations.ndjson: the last line is incomplete and was ignored"])
  }

  @Test func withoutTheFileThereAreNone() throws {
    try directory.write(json, to: "run.json")
    let run = try RunDirectoryReader.read(directory.path)
    #expect(run.observations.isEmpty && run.notes.isEmpty)
  }

  @Test(arguments: [
    (#""afterMount":2"#, #""afterMount":1"#, 3), (#""afterMount":3"#, #""afterMount":5"#, 4),
    (#""afterMount":0"#, #""afterMount":-1"#, 1), (#""afterMount":1"#, #""afterMonth":1"#, 2),
    (#""pageBytes":4096"#, #""pageBytes":0"#, 1), ("{", "", 1), ("\n", "\n\n", 2),
  ])
  func aDamagedLineIsNamed(written: String, changed: String, line: Int) throws {
    try writeObservations { $0.replacingOccurrences(of: written, with: changed) }
    let error = try #require(throws: RecordFileError.self) { try RunDirectoryReader.read("\(directory.path)/r") }
    #expect(error.kind == .invalid && error.reason.hasPrefix("line \(line): "), "\(error)")
  }
}
