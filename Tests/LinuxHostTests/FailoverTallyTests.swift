import Experiment
import TestSupport
import Testing

@testable import LinuxHost

@Suite struct FailoverTallyTests {
  private typealias Row = AllocationTrace.Row

  private static let names = ["Unmovable", "Movable", "Reclaimable", "HighAtomic"]

  /// Of the recorded failover: the mount until its buffers are made, the service behind it.
  private static var windows: FailoverWindows {
    var windows = FailoverWindows()
    windows.add(1, .mount, nanoseconds: 41_695_150_000_000..<41_695_210_000_000)
    windows.add(1, .service, nanoseconds: 41_695_210_000_000..<41_699_000_000_000)
    return windows
  }

  private static func trace(
    _ lines: [String], _ windows: FailoverWindows = windows, thread: Int = 2085,
    traced: Set<TraceEventName> = Set(TraceEventName.allCases)
  ) throws -> AllocationTrace {
    var tally = FailoverTally(windows, thread: thread)
    for line in lines { try tally.take(line: line) }
    return tally.trace(migrateTypeNames: names, traced: traced, lostEvents: 0, bufferBytes: 1 << 20)
  }

  private static func recorded(thread: Int = 2085) throws -> AllocationTrace {
    try trace(
      try Checkout.text("fixtures/proc/6.18/trace-failover").split(separator: "\n").map(String.init), thread: thread)
  }

  /// What was counted in the recorded text by hand.
  @Test func aRecordedFailover() throws {
    func mount(
      _ asker: AllocationTrace.Asker, _ event: AllocationTrace.Event, _ count: UInt64, order: Int? = nil,
      type: String? = nil, reclaim: Bool? = nil, nanoseconds: UInt64? = nil
    ) -> Row {
      Row(
        mount: 1, part: .mount, asker: asker, event: event, order: order, migrateType: type,
        allowsDirectReclaim: reclaim, count: count, durationNanoseconds: nanoseconds)
    }
    let trace = try Self.recorded()
    #expect(
      trace.rows == [
        mount(.own, .allocation, 2, order: 3, type: "Unmovable", reclaim: true),
        mount(.own, .failedAllocation, 2, order: 9, type: "Unmovable", reclaim: true),
        mount(.own, .kswapdWakeup, 2, order: 9), mount(.own, .compaction, 2, nanoseconds: 1_385_000),
        mount(.own, .directReclaim, 2, nanoseconds: 68_000), mount(.own, .bufferFolio, 1, order: 4),
        mount(.own, .bufferKmem, 1),
        mount(.others, .compaction, 1, nanoseconds: 7_588_000),
        Row(
          mount: 1, part: .service, asker: .own, event: .allocation, order: 4, migrateType: "Movable",
          allowsDirectReclaim: true, count: 1),
        Row(
          mount: 1, part: .service, asker: .own, event: .fallback, migrateType: "Movable",
          fallbackMigrateType: "Unmovable", count: 1),
      ])
    #expect(trace.eventsOutside == 0 && trace.unavailable.isEmpty && trace.bufferBytes == 1 << 20)
  }

  @Test func theMounterIsToldFromOthers() throws {
    let trace = try Self.recorded(thread: 1)
    #expect(trace.rows.allSatisfy { $0.asker == .others } && trace.rows.count == 9)
    // kcompactd's and the mounter's are at it at the same time, and are no pair.
    #expect(trace.rows.first { $0.event == .compaction }?.durationNanoseconds == 7_588_000 + 1_385_000)
  }

  /// An interrupt that came while the mounter ran asks for itself.
  @Test func interruptsAreOthers() throws {
    let trace = try Self.trace([
      "  a-2085 [000] d.s1. 41695.160000: mm_page_alloc: page=0028 pfn=0x8 order=3 migratetype=0 gfp_flags=GFP_ATOMIC"
    ])
    #expect(trace.rows.map(\.asker) == [.others] && trace.rows.map(\.allowsDirectReclaim) == [false])
  }

  /// kcompactd goes on beside several mounts: each has the time that was its own, and the call is counted once.
  @Test func timeIsSharedOutOverTheParts() throws {
    var windows = FailoverWindows()
    windows.add(1, .mount, nanoseconds: 1_000_000..<2_000_000)
    windows.add(1, .service, nanoseconds: 2_000_000..<2_500_000)
    windows.add(2, .mount, nanoseconds: 3_000_000..<9_000_000)
    let trace = try Self.trace(
      [
        "  kcompactd0-9 [000] ..... 0.001900: mm_compaction_begin: mode=sync",
        "  kcompactd0-9 [000] ..... 0.004000: mm_compaction_end: mode=sync status=success",
        // Between two parts.
        "  kcompactd0-9 [000] ..... 0.009100: mm_compaction_begin: mode=sync",
        "  kcompactd0-9 [000] ..... 0.009200: mm_compaction_end: mode=sync status=success",
        "  a-1 [000] ..... 0.002700: mm_vmscan_wakeup_kswapd: nid=0 order=4",
      ], windows)
    #expect(trace.rows.map(\.mount) == [1, 1, 2] && trace.rows.map(\.part) == [.mount, .service, .mount])
    #expect(trace.rows.map(\.count) == [1, 0, 0])
    #expect(trace.rows.map(\.durationNanoseconds) == [100_000, 500_000, 1_000_000])
    #expect(trace.eventsOutside == 2)
  }

  /// A call of which one end is missing is counted, and its time is not known.
  @Test func incompleteCalls() throws {
    let trace = try Self.trace([
      "  a-2085 [000] ..... 41695.160000: mm_vmscan_direct_reclaim_end: nr_reclaimed=1",
      "  a-2085 [000] ..... 41695.160100: mm_vmscan_direct_reclaim_begin: order=3",
      "  a-2085 [000] ..... 41695.160200: mm_vmscan_direct_reclaim_begin: order=3",
      "  a-2085 [000] ..... 41695.160250: mm_vmscan_direct_reclaim_end: nr_reclaimed=1",
      "  a-2085 [000] ..... 41695.160300: mm_compaction_begin: mode=sync",
    ])
    #expect(trace.rows.map(\.event) == [.compaction, .directReclaim, .directReclaim])
    #expect(trace.rows.map(\.count) == [1, 1, 2] && trace.rows.map(\.durationNanoseconds) == [nil, 50_000, nil])
    let totals = AllocationTotals(trace)
    #expect(totals.directReclaim == DirectWork(calls: 1, durationNanoseconds: 50_000, incompleteCalls: 2))
    #expect(totals.compaction == DirectWork(incompleteCalls: 1))
  }

  @Test func whatTheKernelDoesNotTellIsUnavailable() throws {
    let trace = try Self.trace([], traced: [.allocation, .compactionBegin, .kswapdWakeup])
    #expect(
      trace.unavailable == [
        .fallback, .compaction, .directReclaim, .bufferFolio, .bufferKmem, .bufferVmalloc, .bufferFallback,
      ])
  }

  /// The log says what was when: the demand before the mount, the service behind it, none behind a mount that failed.
  @Test func theWindowsOfALog() {
    func words(_ measured: MountMeasurement) -> FailoverWindows {
      var words = [UInt64](repeating: 0, count: FailoverLog.MountWord.count)
      var windows = FailoverWindows()
      words.withUnsafeMutableBufferPointer {
        measured.store(in: $0)
        windows.add(7, words: UnsafeBufferPointer($0), start: 5_000_000)
      }
      return windows
    }
    var measured = MountMeasurement()
    (measured.startedAtNanoseconds, measured.elapsedNanoseconds) = (1_000_000, 9_000_400)
    (measured.mountStartedAtNanoseconds, measured.mountNanoseconds) = (1_000_600, 2_000_000)
    measured.sentinelNanoseconds = 300_000
    typealias Window = FailoverWindows.Window
    #expect(
      words(measured).all == [
        Window(mount: 7, part: .mount, from: 6001, to: 8001), Window(mount: 7, part: .service, from: 8001, to: 14_000),
      ])
    measured.sentinelNanoseconds = nil
    #expect(words(measured).all.map(\.part) == [.mount])
    measured.demand = DemandRecord(
      demanded: [], isMet: true, heldBlocks: 0, durationNanoseconds: 500, retries: 0)
    #expect(words(measured).all.map(\.part) == [.demand, .mount])
    (measured.mountStartedAtNanoseconds, measured.mountNanoseconds) = (nil, nil)
    #expect(words(measured).all == [Window(mount: 7, part: .demand, from: 6000, to: 14_000)])
  }

  @Test func whereAnInstantBelongs() {
    let windows = Self.windows
    #expect(windows.index(at: 41_695_149_999) == nil && windows.index(at: 41_695_150_000) == 0)
    #expect(windows.index(at: 41_695_210_000) == 0 && windows.index(at: 41_695_210_001) == 1)
    #expect(windows.index(at: 41_699_000_001) == nil && FailoverWindows().index(at: 1) == nil)
  }

  @Test(arguments: [
    (4096, 2, 8192), (4096, 4, 4096), (1024, 2, 2048), (262_144, 16, 8192), (4096, 256, 512), (0, 0, 512),
  ])
  func buffersStaySmallBesideTheMemory(mebibytes: UInt64, processors: Int, kilobytes: Int) {
    #expect(
      FailoverTrace.bufferKilobytes(memoryBytes: mebibytes << 20, processors: processors) == kilobytes)
  }
}
