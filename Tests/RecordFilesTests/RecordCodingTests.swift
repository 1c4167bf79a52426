import Experiment
import RecordFiles
import TestSupport
import Testing

@Suite struct RecordCodingTests {
  /// The schema of run.json is an interface: who changes this file must count ``RunRecord/currentSchema`` up, unless only
  /// optional keys were added.
  @Test func theSchemaIsTheRecordedOne() throws {
    let golden = try Checkout.text("fixtures/records/run-v1.json")
    #expect(try RecordCoding.json(SampleRecord.record) == golden)
  }

  @Test func theRecordedSchemaIsRead() throws {
    let directory = try TemporaryDirectory()
    try directory.write(try Checkout.text("fixtures/records/run-v1.json"), to: "run.json")
    #expect(try RunDirectoryReader.read(directory.path).record == SampleRecord.record)
  }

  @Test func largeNumbersSurvive() throws {
    let json = try RecordCoding.json(SampleRecord.record)
    #expect(
      json.contains("18446744073709551557") && json.contains("1131012900000000001") && json.contains("9007199254740993")
    )
  }

  @Test func slashesAreNotEscaped() throws {
    #expect(try RecordCoding.json(SampleRecord.record).contains("BOOT_IMAGE=/vmlinuz"))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func whatIsNoNumberIsRefused(value: Double) {
    var record = SampleRecord.record
    record.summary?.unusableFreeSpaceIndexBefore = value
    #expect(throws: (any Error).self) { try RecordCoding.json(record) }
    #expect(throws: (any Error).self) { try RecordCoding.json(record.summary!) }
  }
}
