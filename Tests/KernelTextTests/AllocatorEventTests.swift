import KernelText
import TestSupport
import Testing

@Suite struct AllocatorEventTests {
  private static func events() throws -> [AllocatorEvent] {
    try Fixture.text("6.18", "trace-failover").split(separator: "\n").compactMap { line throws(KernelTextError) in
      try AllocatorEvent.parse(line: String(line))
    }
  }

  private static func word(_ kind: AllocatorEvent.Kind) -> String {
    switch kind {
    case .allocation(let event):
      "\(event.pageFrameNumber == nil ? "no block" : "block") \(event.order)\(event.allowsDirectReclaim ? " reclaim" : "")"
    case .work(let event): "\(event.work) \(event.isBegin ? "begins" : "ends")"
    case .fallback(let type, let other): "\(type) from \(other)"
    case .kswapdWakeup(let order): "wake-up \(order)"
    case .bufferBacking(let backing, let bytes): "\(backing) \(bytes)"
    }
  }

  @Test func aFailoverAsRecorded() throws {
    let events = try Self.events()
    #expect(
      events.map { Self.word($0.kind) } == [
        "block 3 reclaim", "block 3 reclaim", "wake-up 9", "compaction begins", "compaction ends", "reclaim begins",
        "reclaim ends", "compaction begins", "compaction begins", "compaction ends", "no block 9 reclaim", "wake-up 9",
        "reclaim begins", "reclaim ends", "no block 9 reclaim", "compaction ends", "kmem 512", "folio 65536",
        "1 from 0", "block 4 reclaim",
      ])
    #expect(Set(events.map(\.context.pid)) == [2085, 36] && events[8].context.task == "kcompactd0")
    #expect(events[2].context.microseconds == 41_695_179_204 && events.allSatisfy { !$0.context.isInInterrupt })
  }

  /// What the flags say of it is in a name that stands for several.
  @Test(arguments: [
    ("GFP_NOFS|__GFP_HIGHMEM", true), ("GFP_KERNEL|__GFP_COMP", true), ("__GFP_DIRECT_RECLAIM|__GFP_IO", true),
    ("GFP_TRANSHUGE", true), ("GFP_TRANSHUGE_LIGHT", false), ("GFP_NOWAIT|__GFP_IO|__GFP_FS", false),
    ("GFP_ATOMIC", false), ("__GFP_KSWAPD_RECLAIM", false), ("none", false),
  ])
  func whetherTheTaskMayReclaim(flags: String, allows: Bool) throws {
    let line =
      "a-1 [000] ..... 1.000000: mm_page_alloc: page=0000000028 pfn=0x1a0388 order=3 migratetype=0 gfp_flags=\(flags)"
    let event = try #require(try PageAllocationEvent.parse(line: line))
    #expect(event.allowsDirectReclaim == allows)
  }

  @Test func anOldKernelsWakeUp() throws {
    let line = "  a-1 [000] ..... 1.000000: mm_vmscan_wakeup_kswapd: nid=0 zid=2 order=4"
    #expect(try AllocatorEvent.parse(line: line)?.kind == .kswapdWakeup(order: 4))
  }

  @Test(arguments: [
    "", "# tracer: nop", "CPU:0 [LOST 12 EVENTS]", "  a-1 [000] ..... 1.000000: mm_page_free: page=0 pfn=0x1 order=0",
    "  a-1 [000] ..... 1.000000: xfs_buf_free: dev 7:0 daddr 0x2 bbcount 0x1",
    "  a-1 [000] ..... 1.000000: tracing_mark_write: order=3", ": ", "a: :b: ",
    "a-1 [000] ..... 1.000000: mm_page_alloc",
    "a-1 [000] ..... 1.000000: mm_page_alloc:",
  ])
  func linesOfOtherKinds(line: String) throws {
    #expect(try AllocatorEvent.parse(line: line) == nil)
  }

  @Test(arguments: [
    "mm_page_alloc_extfrag: page=0 pfn=0x1 alloc_order=4 alloc_migratetype=1",
    "mm_page_alloc_extfrag: alloc_migratetype=-1 fallback_migratetype=0", "mm_vmscan_wakeup_kswapd: nid=0",
    "mm_vmscan_wakeup_kswapd: nid=0 order=", "xfs_buf_backing_kmem: dev 7:0 daddr 0x2 bbcount",
    "xfs_buf_backing_folio: dev 7:0 daddr 0x2", "xfs_buf_backing_vmalloc: bbcount 0xffffffffffffffff hold 1",
    "xfs_buf_backing_fallback: bbcount x hold 1", "mm_compaction_begin: mode=lazy", "mm_page_alloc: order=3",
  ])
  func linesThatAreRefused(event: String) {
    #expect(throws: KernelTextError.self) { try AllocatorEvent.parse(line: "  a-1 [000] ..... 1.000000: \(event)") }
  }

  /// Whoever names himself so is not taken for an event.
  @Test func aCommandLikeAnEvent() throws {
    let line = "  a: b: c-1 [000] ..... 1.000000: mm_vmscan_wakeup_kswapd: nid=0 order=4"
    let event = try #require(try AllocatorEvent.parse(line: line))
    #expect(event.context.task == "a: b: c")
  }
}
