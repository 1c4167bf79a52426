import Experiment
import RecordFiles
import TestSupport
import Testing

@Suite struct RecordCodingTests {
  /// The schema of run.json is an interface: who changes this file must count ``RunRecord/currentSchema`` up, unless only
  /// optional keys were added.
  @Test func theSchemaIsTheRecordedOne() throws {
    let golden = try Checkout.text("fixtures/records/run-v2.json")
    #expect(try PrettyJSON.text(SampleRecord.record) == golden)
  }

  private func recorded(_ name: String) throws -> RunRecord {
    let directory = try TemporaryDirectory()
    try directory.write(try Checkout.text("fixtures/records/\(name)"), to: "run.json")
    return try RunDirectoryReader.read(directory.path).record
  }

  @Test func theRecordedSchemaIsRead() throws { #expect(try recorded("run-v2.json") == SampleRecord.record) }

  @Test func theSchemaBeforeIsRead() throws {
    let old = try recorded("run-v1.json")
    #expect(old.schema == 1 && old.mounts.count == 3 && old.failoverCPU == nil)
    #expect(old.mounts[0].background.machineNanoseconds == 20_000_000 && old.mounts[0].elapsedNanoseconds == nil)
    // By the service's time, in which the demand's conversation was counted then.
    #expect(old.mounts[1].endedAtNanoseconds == 63_000_000)
    #expect(old.populate?.percentile(50) == 40_000 && old.populate?.percentile(99) == 1_500_000)
    #expect(!old.scenario.flushesBeforeFailover && old.scenario.mountPauseNanoseconds == nil)
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
