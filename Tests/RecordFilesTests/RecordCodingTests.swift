import Experiment
import RecordFiles
import TestSupport
import Testing

@Suite struct RecordCodingTests {
  /// The schema of run.json is an interface: who changes this file must count ``RunRecord/currentSchema`` up, unless only
  /// optional keys were added.
  @Test func theSchemaIsTheRecordedOne() throws {
    let golden = try Checkout.text("fixtures/records/run-v3.json")
    #expect(try PrettyJSON.text(SampleRecord.record) == golden)
  }

  private func recorded(_ name: String) throws -> RunRecord {
    let directory = try TemporaryDirectory()
    try directory.write(try Checkout.text("fixtures/records/\(name)"), to: "run.json")
    return try RunDirectoryReader.read(directory.path).record
  }

  @Test func theRecordedSchemaIsRead() throws { #expect(try recorded("run-v3.json") == SampleRecord.record) }

  /// What schema 3 added is not there, and means what it was.
  @Test func theSchemaBeforeIsRead() throws {
    var old = try recorded("run-v2.json")
    #expect(old.scenario.volumes == VolumeFormat() && old.scenario.service.files == 0 && old.scenario.doseShare == 1)
    old.schema = 3
    #expect(old == SampleRecord.record)
  }

  /// Volumes, services and dose, there and back.
  @Test func whatSchema3AddedSurvives() throws {
    var record = SampleRecord.record
    for (key, text) in [
      (ScenarioKey.fileSystem, "ext4"), (.blockSize, "64KiB"), (.mountOptions, "noatime"), (.serviceFiles, "64"),
      (.serviceFileSize, "16B-64KiB"), (.dose, "0.25"),
    ] { try record.scenario.set(key, text) }
    record.mounts[0] = MountRecord(
      number: 1, outcome: .degraded(failed: 2, of: 64, reason: "write: no memory (2)"), startedAtNanoseconds: 1,
      mountDurationNanoseconds: 2, threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil, demand: nil,
      service: ServiceRecord(
        files: 64, rightFiles: 62, failures: [.init(operation: "write", errorNumber: 12, files: 2)],
        durationNanoseconds: 5, slowestWriteNanoseconds: 3))
    let directory = try TemporaryDirectory()
    try directory.write(try PrettyJSON.text(record), to: "run.json")
    let back = try RunDirectoryReader.read(directory.path).record
    #expect(back == record && back.mounts[0].outcome.isMounted && !back.mounts[0].outcome.isInService)
  }

  /// Keys that are missing where nothing is asked for, there and back.
  @Test func whatIsOptionalSurvives() throws {
    var record = SampleRecord.record
    for (key, text) in [
      (ScenarioKey.machine, "as-2005"), (.memoryMethod, "offline"), (.memoryDivision, "1280MiB"),
      (.pattern, "1:7"), (.transientBackend, "memfd"),
    ] { try record.scenario.set(key, text) }
    let directory = try TemporaryDirectory()
    try directory.write(try PrettyJSON.text(record), to: "run.json")
    #expect(try RunDirectoryReader.read(directory.path).record == record)
  }

  @Test func theFirstSchemaIsRead() throws {
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
