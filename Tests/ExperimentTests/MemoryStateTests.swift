import Experiment
import Testing

@Suite struct MemoryStateTests {
  private static func state(_ zones: [[UInt64]], pageBytes: UInt64 = 4096) -> MemoryState {
    MemoryState(
      takenAtNanoseconds: 0, pageBytes: pageBytes,
      zones: zones.enumerated().map { MemoryState.Zone(node: 0, name: "Z\($0.offset)", freeBlocks: $0.element) },
      freeBytes: 0)
  }

  @Test func blocksAreSummedOverZonesOfDifferentOrders() {
    #expect(Self.state([[1, 2], [10, 20, 30], []]).freeBlocks == [11, 22, 30])
    #expect(Self.state([]).freeBlocks == [])
  }

  @Test func largeBlocksAreThoseOf64KilobytesAndMore() {
    // 100 pages single, 2 blocks of 64 kB, 1 of 128 kB.
    let state = Self.state([[100, 0, 0, 0, 2], [0, 0, 0, 0, 0, 1]])
    #expect(state.freeBytes(fromOrder: state.largeBlockOrder) == 2 * 65_536 + 131_072)
    #expect(state.freeBytes(fromOrder: 0) == 100 * 4096 + 2 * 65_536 + 131_072)
    #expect(state.freeBytes(fromOrder: 6) == 0)
  }

  @Test(arguments: [(4096 as UInt64, 4), (16_384, 2), (65_536, 0)])
  func theOrderOf64KilobytesDependsOnThePage(pageBytes: UInt64, order: Int) {
    #expect(Self.state([], pageBytes: pageBytes).largeBlockOrder == order)
  }

  /// mm/vmstat.c, unusable_free_index: (free pages - suitable blocks << order) / free pages.
  @Test func unusableFreeSpaceIndex() {
    let state = Self.state([[16, 8, 4, 2, 1]])
    #expect(state.unusableFreeSpaceIndex(order: 0) == 0)
    #expect(state.unusableFreeSpaceIndex(order: 4) == 64.0 / 80)
    #expect(state.unusableFreeSpaceIndex(order: 5) == 1)
    #expect(Self.state([[0, 0]]).unusableFreeSpaceIndex(order: 4) == nil)
  }
}

@Suite struct LatencyHistogramTests {
  private static let histogram = LatencyHistogram(
    buckets: [.init(nanoseconds: 10, count: 50), .init(nanoseconds: 20, count: 49), .init(nanoseconds: 1000, count: 1)])

  @Test(arguments: [(0.0, 10 as UInt64), (1, 10), (50, 10), (50.5, 20), (51, 20), (99, 20), (99.5, 1000), (100, 1000)])
  func nearestRank(percent: Double, nanoseconds: UInt64) {
    #expect(Self.histogram.percentile(percent) == nanoseconds)
  }

  @Test func noValueNoPercentile() {
    #expect(LatencyHistogram(buckets: []).percentile(50) == nil)
    #expect(Self.histogram.percentile(-1) == nil)
    #expect(Self.histogram.percentile(100.1) == nil)
    #expect(Self.histogram.percentile(.nan) == nil)
    #expect(Self.histogram.count == 100)
  }
}
