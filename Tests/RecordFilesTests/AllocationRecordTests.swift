import Experiment
import TestSupport
import Testing

@testable import RecordFiles

/// What was asked of the page allocator, as it stands in run.json.
@Suite struct AllocationRecordTests {
  private static let record: RunRecord = {
    var record = SampleRecord.record
    record.apply(
      .allocations(
        AllocationTrace(
          rows: [
            .init(
              mount: 1, part: .service, asker: .own, event: .failedAllocation, order: 4, migrateType: "Movable",
              allowsDirectReclaim: true, count: 8),
            .init(mount: 1, part: .mount, asker: .own, event: .compaction, count: 2, durationNanoseconds: 1_385_000),
          ], unavailable: [.kswapdWakeup], lostEvents: 3, eventsOutside: 0, bufferBytes: 1 << 24)))
    return record
  }()

  @Test func itIsReadAsItWasWritten() throws {
    let line = try LineCoding.line(Self.record)
    #expect(try LineCoding.value(RunRecord.self, from: line) == Self.record)
    #expect(Self.record.allocations?.blocks == [.init(order: 4, part: .service, given: 0, failed: 8)])
    #expect(!line.contains("kswapdWakeups") && RecordValidation.flaw(in: Self.record) == nil)
  }

  @Test func whatCannotBeIsRefused() {
    func flaw(_ change: (inout AllocationTotals) -> Void) -> String? {
      var record = Self.record
      change(&record.allocations!)
      return RecordValidation.flaw(in: record)
    }
    #expect(flaw { $0.lostEvents = .max } == "allocations.a number is too large")
    #expect(flaw { $0.blocks = [.init(order: -1, part: .mount, given: 1, failed: 0)] }?.contains("order") == true)
    #expect(flaw { $0.blocks = [.init(order: 4, part: .mount, given: .max, failed: 1)] } != nil)
    #expect(flaw { $0.compaction = DirectWork(calls: 1, durationNanoseconds: .max) }?.contains("time") == true)
  }
}
