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
    .injected(SampleRecord.record.inject!), .mount(SampleRecord.mount(1, .mounted)),
    .failoverCPU(FailoverCPU(durationNanoseconds: .max)), .observation(SampleRecord.observations[0]),
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
    "", "{", "null", "{}", #"{"noSuchEvent":{}}"#, #"{"phaseEnded":{}}"#,
    #"{"phaseEnded":{"_0":"pin","durationNanoseconds":"1"}}"#,
    #"{"phaseEnded":{"_0":"pin","durationNanoseconds":99999999999999999999}}"#,
    #"{"phaseBegan":{"_0":"lunch","atNanoseconds":1}}"#,
  ])
  func aForeignLineIsOneError(line: String) {
    let error = #expect(throws: RecordFileError.self) { try EventCoding.event(line) }
    #expect(error?.kind == .foreign)
    #expect(error.map { !$0.description.contains("\n") } == true)
  }
}
