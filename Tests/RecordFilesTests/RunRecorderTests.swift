import Analysis
import Foundation
import RecordFiles
import Report
import TestSupport
import Testing

@testable import Experiment

@Suite struct RunRecorderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let table = RunRecorder.MountTable(header: MountsCSV.header) {
    MountsCSV.row($0, $1, before: $2, after: $3)
  }

  private func recorder() throws -> RunRecorder {
    let record = RunRecord(
      tool: "t", runID: "r", startedAtUnixNanoseconds: 1, arguments: [], scenario: SampleRecord.scenario,
      host: SampleRecord.host)
    return try RunRecorder(
      record: record, directory: RunDirectory.make(at: "\(directory.path)/r"), mountTable: Self.table)
  }

  private static func finish(_ recorder: inout RunRecorder) {
    recorder.finish(RunSummary(of: recorder.record, observations: recorder.observations))
  }

  private static let failover: [RunEvent] = {
    var events = [RunEvent.phaseBegan(.failover, atNanoseconds: 5), .observation(SampleRecord.observations[0])]
    for mount in SampleRecord.record.mounts {
      events += [
        .mount(mount), .observation(SampleRecord.observations[mount.number]),
      ]
    }
    return events
  }()

  @Test func aRunBecomesItsFiles() throws {
    var recorder = try recorder()
    for event in [.populated(SampleRecord.work), .rawTexts(label: "pin-after", texts: ["vmstat": "v\n"])]
      + Self.failover + [.phaseEnded(.failover, durationNanoseconds: 9), .ended(.completed, Leftovers())]
    {
      recorder.take(event)
    }
    Self.finish(&recorder)
    #expect(recorder.failure == nil)
    #expect(
      try directory.entries("r") == ["latency-populate.csv", "mounts.csv", "observations.ndjson", "proc", "run.json"])
    #expect(try directory.text("r/mounts.csv") == MountsCSV.text(SampleRecord.record.mounts, SampleRecord.observations))
    let run = try RunDirectoryReader.read("\(directory.path)/r")
    #expect(run.record == recorder.record && run.record.status == .complete)
    #expect(run.observations == SampleRecord.observations && run.notes.isEmpty)
  }

  /// What a run leaves that is killed without a word, at any of its events.
  @Test func everyPrefixOfARunCanBeRead() throws {
    for count in 0...Self.failover.count {
      let directory = try TemporaryDirectory()
      var recorder = try RunRecorder(
        record: SampleRecord.record, directory: RunDirectory.make(at: "\(directory.path)/r"), mountTable: Self.table)
      recorder.record.status = .running
      recorder.record.mounts = []
      try recorder.save()
      for event in Self.failover.prefix(count) { recorder.take(event) }
      let run = try RunDirectoryReader.read("\(directory.path)/r")
      #expect(run.record.status == .running)
      #expect(run.observations == recorder.observations)
    }
  }

  @Test func theRecordIsWrittenAtTheEndOfEachPhase() throws {
    var recorder = try recorder()
    recorder.take(.phaseBegan(.prepare, atNanoseconds: 0))
    #expect(try RunDirectoryReader.read("\(directory.path)/r").record.phases.isEmpty)
    recorder.take(.phaseEnded(.prepare, durationNanoseconds: 7))
    #expect(
      try RunDirectoryReader.read("\(directory.path)/r").record.phases
        == [PhaseRecord(phase: .prepare, startedAtNanoseconds: 0, durationNanoseconds: 7)])
  }

  @Test func aMountWithoutItsObservationHasItsLine() throws {
    var recorder = try recorder()
    recorder.take(.observation(SampleRecord.observations[0]))
    recorder.take(.mount(SampleRecord.mount(1, .mounted)))
    recorder.take(.mount(SampleRecord.mount(2, .timedOut)))
    Self.finish(&recorder)
    let lines = try directory.text("r/mounts.csv").split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix("1,mounted,") && lines[2].hasPrefix("2,timed-out,"))
    #expect(
      lines.allSatisfy {
        $0.split(separator: ",", omittingEmptySubsequences: false).count == MountsCSV.header.split(separator: ",").count
      })
    #expect(lines[2].hasSuffix(String(repeating: ",", count: 25)), "an unknown state is not empty")
  }

  @Test func theRecordIsWholeWhenAWriteFails() throws {
    var recorder = try recorder()
    try FileManager.default.removeItem(atPath: "\(directory.path)/r")
    recorder.take(.mount(SampleRecord.mount(1, .mounted)))
    #expect(recorder.failure == nil, "the line of a mount is written with the observation after it")
    recorder.take(.observation(SampleRecord.observations[1]))
    #expect(recorder.failure != nil)
    Self.finish(&recorder)
    #expect(recorder.record.mounts.count == 1 && recorder.observations.count == 1)
    #expect(recorder.record.status == .incomplete)
  }

  @Test func whatWentWrongFirstIsKept() throws {
    var recorder = try recorder()
    recorder.take(.rawTexts(label: "../../etc", texts: ["passwd": "x"]))
    #expect(recorder.failure?.kind == .badName)
    try FileManager.default.removeItem(atPath: "\(directory.path)/r")
    Self.finish(&recorder)
    #expect(recorder.failure?.kind == .badName)
  }
}
