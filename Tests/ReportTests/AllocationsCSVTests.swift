import Analysis
import TestSupport
import Testing

@testable import Experiment
@testable import Report

@Suite struct AllocationsCSVTests {
  private static let trace = AllocationTrace(
    rows: [
      .init(
        mount: 1, part: .mount, asker: .own, event: .failedAllocation, order: 9, migrateType: "Unmovable",
        allowsDirectReclaim: true, count: 1),
      .init(
        mount: 1, part: .service, asker: .own, event: .allocation, order: 4, migrateType: "Movable",
        allowsDirectReclaim: true, count: 1016),
      .init(
        mount: 2, part: .service, asker: .own, event: .failedAllocation, order: 4, migrateType: "Movable",
        allowsDirectReclaim: true, count: 8),
      .init(mount: 2, part: .service, asker: .own, event: .compaction, count: 105, durationNanoseconds: 1_200_000_000),
      .init(mount: 2, part: .service, asker: .own, event: .compaction, count: 1),
      .init(
        mount: 2, part: .service, asker: .own, event: .fallback, migrateType: "Movable",
        fallbackMigrateType: "Unmovable", count: 3),
      .init(mount: 2, part: .service, asker: .others, event: .compaction, count: 1, durationNanoseconds: 5000),
    ], unavailable: [.kswapdWakeup], lostEvents: 0, eventsOutside: 4, bufferBytes: 1 << 24)

  private static func record(_ trace: AllocationTrace) -> RunRecord {
    var record = SampleRecord.record
    record.apply(.allocations(trace))
    return record
  }

  private static func summary(_ record: RunRecord) -> [String] {
    SummaryTable.text(record, RunSummary(of: record, observations: []), resultsPath: nil)
      .split(separator: "\n").map(String.init)
  }

  @Test func aLineForEachKind() {
    #expect(
      AllocationsCSV.text(Self.trace) == """
        mount,part,whose,event,order,migratetype,fallback_migratetype,direct_reclaim,count,duration_ns
        1,mount,own,failed-allocation,9,Unmovable,,true,1,
        1,service,own,allocation,4,Movable,,true,1016,
        2,service,own,failed-allocation,4,Movable,,true,8,
        2,service,own,compaction,,,,,105,1200000000
        2,service,own,compaction,,,,,1,
        2,service,own,fallback,,Movable,Unmovable,,3,
        2,service,others,compaction,,,,,1,5000
        ,,,kswapd-wakeup,,,,,,
        ,,,outside,,,,,4,
        ,,,lost,,,,,0,

        """)
  }

  /// What the kernel does not tell is not 0, and of calls without an end no time is known.
  @Test func theSummaryHasItInThreeLines() {
    let lines = Self.summary(Self.record(Self.trace))
    for line in [
      "asked of the allocator      1 block of 2 MB by mounts (1 in vain), 1,024 blocks of 64 kB by services (8 in vain)",
      "  before it gave them       106 compactions (1.20 s), 1 of them not timed, 0 direct reclaims, "
        + "wake-ups of kswapd unavailable, 3 blocks of another migratetype",
      "  by others meanwhile       1 compaction (5.0 us)",
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(!lines.contains { $0.contains("no room") })
    #expect(!Self.summary(SampleRecord.record).contains { $0.contains("allocator") })
  }

  @Test func lostEventsAreSaid() {
    var trace = Self.trace
    (trace.rows, trace.lostEvents) = ([], 1234)
    let lines = Self.summary(Self.record(trace))
    #expect(lines.contains("asked of the allocator      not known"))
    #expect(lines.contains { $0.hasPrefix("- the kernel had no room for 1,234 events of the trace") })
    #expect(AllocationsCSV.text(trace).hasSuffix("\n,,,lost,,,,,1234,\n"))
  }

  @Test func anUntracedAllocatorIsUnavailable() {
    var trace = Self.trace
    trace.unavailable = AllocationTrace.Event.allCases
    let totals = AllocationTotals(trace)
    #expect(totals.blocks == nil && totals.compaction == nil && totals.fallbacks == nil)
    #expect(Self.summary(Self.record(trace)).contains("asked of the allocator      unavailable"))
  }
}
