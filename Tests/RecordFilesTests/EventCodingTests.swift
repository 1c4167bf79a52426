import Experiment
import RecordFiles
import TestSupport
import Testing

@Suite struct EventCodingTests {
  static let events: [RunEvent] = [
    .phaseBegan(.settle, atNanoseconds: .max), .phaseEnded(.failover, durationNanoseconds: 9_007_199_254_740_993),
    .progress(.populate, done: 1, total: 900_000), .capabilities(SampleRecord.record.capabilities!),
    .warning("two\nlines, a \"quote\", a \\ and \u{1F4BE}"),
    .rawTexts(label: "pin-after", texts: ["buddyinfo": "Node 0\nNode 1\n"]),
    .sysctl(key: "vm.swappiness", before: "60", after: "1"), .started(SampleRecord.record.start!),
    .populated(SampleRecord.record.populate!), .rewritten(SampleRecord.record.rewrite!),
    .pinned(SampleRecord.record.pin!),
    .injected(SampleRecord.record.inject!), .mountBegan(number: 94), .mount(SampleRecord.mount(1, .mounted)),
    .mount(SampleRecord.mount(2, .failed(operation: "mount", errorNumber: nil, reason: "x"))),
    .mount(SampleRecord.mount(3, .failed(operation: "mount", errorNumber: 12, reason: "x"))),
    .mount(SampleRecord.mount(4, .sentinelWrong(reason: "empty"))),
    .mount(SampleRecord.mount(5, .demandNotMet(order: 4, errorNumber: 12))), .mount(SampleRecord.mount(6, .timedOut)),
    .mount(SampleRecord.mount(7, .stuck)), .observation(SampleRecord.observations[1]),
    .ended(.completed, Leftovers(items: ["/dev/loop7"])),
    .ended(
      .failed(TestbedFailure(.helper, operation: "pin", subject: "s", errorNumber: 5, reason: "r", advice: "a")),
      Leftovers()),
  ]

  @Test(arguments: events)
  func comesBackFromOneLine(event: RunEvent) throws {
    let line = try EventCoding.line(event)
    #expect(!line.contains { $0.isNewline })
    #expect(try EventCoding.event(line) == event)
  }

  @Test(arguments: [
    "", "{", "null", "{}", #"{"noSuchEvent":{}}"#, #"{"mountBegan":{}}"#, #"{"mountBegan":{"number":"1"}}"#,
    #"{"mountBegan":{"number":99999999999999999999}}"#, #"{"phaseBegan":{"_0":"lunch","atNanoseconds":1}}"#,
  ])
  func aForeignLineIsOneError(line: String) {
    let error = #expect(throws: RecordFileError.self) { try EventCoding.event(line) }
    #expect(error?.kind == .foreign)
    #expect(error.map { !$0.description.contains("\n") } == true)
  }
}

@Suite struct RecordCodingTests {
  /// The schema of run.json is an interface: who changes this file must count ``RunRecord/currentSchema`` up, unless only
  /// optional keys were added.
  @Test func theSchemaIsTheRecordedOne() throws {
    let golden = try Checkout.text("fixtures/records/run-v1.json")
    #expect(try PrettyJSON.text(SampleRecord.record) == golden)
  }

  @Test func theRecordedSchemaIsRead() throws {
    let directory = try TemporaryDirectory()
    try directory.write(try Checkout.text("fixtures/records/run-v1.json"), to: "run.json")
    #expect(try RunDirectoryReader.read(directory.path).record == SampleRecord.record)
  }

  @Test func largeNumbersSurvive() throws {
    let json = try PrettyJSON.text(SampleRecord.record)
    #expect(
      json.contains("18446744073709551557") && json.contains("1131012900000000001") && json.contains("9007199254740993")
    )
  }

  @Test func slashesAreNotEscaped() throws {
    #expect(try PrettyJSON.text(SampleRecord.record).contains("BOOT_IMAGE=/vmlinuz"))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func whatIsNoNumberIsRefused(value: Double) {
    var record = SampleRecord.record
    record.summary?.unusableFreeSpaceIndexBefore = value
    #expect(throws: (any Error).self) { try PrettyJSON.text(record) }
    #expect(throws: (any Error).self) { try PrettyJSON.text(record.summary!) }
  }
}
