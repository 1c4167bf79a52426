import KernelText
import Testing

@Suite struct TraceEventTests {
  private static func lines(_ kernel: String, _ file: String) throws -> [String] {
    try Fixture.text(kernel, file).split(separator: "\n").map(String.init)
  }

  /// Of the file's events of one kind of work.
  private static func works(_ kernel: String, _ file: String, _ work: DirectWorkEvent.Work) throws -> [DirectWorkEvent]
  {
    try lines(kernel, file).compactMap { line throws(KernelTextError) in try DirectWorkEvent.parse(line: line) }
      .filter { $0.work == work }
  }

  @Test func compactionAsRecorded() throws {
    let events = try Self.works("6.18", "trace-compaction", .compaction)
    #expect(events.map(\.pid) == Array(repeating: 8563, count: 6))
    #expect(events.map(\.isBegin) == [true, false, true, false, true, false])
    #expect(events[1].timestampMicroseconds - events[0].timestampMicroseconds == 11)
    #expect(events[4].timestampMicroseconds == 27_042_540_994)
  }

  @Test func aMarkerAsRecorded() throws {
    let markers = try Self.lines("6.18", "trace-compaction").compactMap { line throws(KernelTextError) in
      try TraceMarker.parse(line: line)
    }
    #expect(markers.map(\.text) == ["which-thread-failover-bench-0123456789ab"] && markers.map(\.pid) == [8563])
  }

  @Test(arguments: [("6.18", 4), ("4.19", 1)])
  func reclaim(kernel: String, begun: Int) throws {
    let events = try Self.works(kernel, "trace-reclaim", .reclaim)
    #expect(events.count { $0.isBegin } == begun && events.contains { !$0.isBegin })
    #expect(events.first?.pid == 812 && events.first?.timestampMicroseconds == 134_000_100)
  }

  @Test func interruptsAreToldApart() throws {
    let events = try Self.lines("6.18", "trace-reclaim").compactMap { line throws(KernelTextError) in
      try PageAllocationEvent.parse(line: line)
    }
    #expect(events.map(\.isInInterrupt) == [true, false, false])
    func flags(_ text: String) throws -> Bool? {
      let rest = "page=00000000283c1d07 pfn=0x4cb17b order=2 migratetype=1 gfp_flags=GFP_NOFS"
      return try PageAllocationEvent.parse(line: "a-1 [000] \(text)1.000000: mm_page_alloc: \(rest)")?.isInInterrupt
    }
    for kind in ["h", "H", "s", "z", "Z"] { #expect(try flags("d.\(kind)1. ") == true, "\(kind)") }
    for text in ["..... ", "d..1. ", ".N... ", ""] { #expect(try flags(text) == false, "\(text)") }
  }

  @Test(arguments: [
    "  a-1 [000] ..... 1.000000: mm_vmscan_direct_reclaim_begin: gfp_flags=GFP_KERNEL",
    "  a-1 [000] ..... 1.000000: mm_vmscan_direct_reclaim_begin: order=x gfp_flags=GFP_KERNEL",
    "  a-1 [000] ..... 1.000000: mm_vmscan_direct_reclaim_end: nr_reclaimed=-1",
    "  a-1 ..... 1.000000: mm_vmscan_direct_reclaim_end: nr_reclaimed=1",
  ])
  func reclaimThatIsRefused(line: String) {
    #expect(throws: KernelTextError.self) { try DirectWorkEvent.parse(line: line) }
  }

  @Test(arguments: [
    "  a-1 [000] ..... 1.000000: mm_compaction_begin: zone_start=0x1 mode=lazy",
    "  a-1 [000] ..... 1.000000: mm_compaction_end: zone_start=0x1, mode=sync",
    "  a-1 [000] ..... 1.000000: mm_compaction_end: zone_start=0x1, mode=sync status=",
  ])
  func compactionThatIsRefused(line: String) {
    #expect(throws: KernelTextError.self) { try DirectWorkEvent.parse(line: line) }
  }

  @Test(arguments: [
    "", "# tracer: nop", "CPU:0 [LOST 12 EVENTS]",
    "  a-1 [000] ..... 1.000000: mm_compaction_migratepages: nr_migrated=5 nr_failed=0",
    "  a-1 [000] ..... 1.000000: mm_vmscan_memcg_reclaim_begin: order=0 gfp_flags=GFP_KERNEL",
  ])
  func linesOfOtherKinds(line: String) throws {
    #expect(try DirectWorkEvent.parse(line: line) == nil)
    #expect(try TraceMarker.parse(line: line) == nil)
  }

  @Test func lostEventsAsRecorded() throws {
    let stats = try TraceBufferStats.parse(Fixture.text("6.18", "trace-stats"))
    #expect(stats.entries == 118 && stats.lostEvents == 276)
  }

  @Test func everyKindOfLossCounts() throws {
    let text =
      "entries: 1\noverrun: 2\ncommit overrun: 3\nbytes: 9\nnow ts:  1.000000\ndropped events: 4\nread events: 5\n"
    #expect(try TraceBufferStats.parse(text).lostEvents == 9)
    for line in ["entries: 1\n", "overrun: 2\n", "commit overrun: 3\n", "dropped events: 4\n"] {
      #expect(throws: KernelTextError.self, "without \(line)") {
        try TraceBufferStats.parse(text.replacing(line, with: ""))
      }
    }
    #expect(throws: KernelTextError.self) {
      try TraceBufferStats.parse(text.replacing("overrun: 2", with: "overrun: 18446744073709551615"))
    }
  }
}
