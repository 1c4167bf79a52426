import Experiment
import Testing

@Suite struct UsableMemoryTests {
  /// Zone DMA of a machine of 24 GB: it protects 24,090 pages and has 3,840.
  private static let dma = ZoneWatermarks(
    node: 0, name: "DMA", managedPages: 3840, minPages: 11, lowPages: 14, highPages: 17,
    protectionPages: [0, 2930, 24_090, 24_090], kernelProtectionPages: 24_090)

  private static func zone(_ name: String, protection: UInt64 = 0, min: UInt64 = 100) -> ZoneWatermarks {
    ZoneWatermarks(
      node: 0, name: name, managedPages: 1_000_000, minPages: min, lowPages: 2 * min, highPages: 3 * min,
      protectionPages: [0, 0, protection, 999_999_999], kernelProtectionPages: protection)
  }

  private static func state(_ zones: [(String, small: UInt64, large: UInt64)]) -> MemoryState {
    MemoryState(
      takenAtNanoseconds: 0, pageBytes: 4096,
      // Blocks of order 0 and of order 4.
      zones: zones.map { .init(node: 0, name: $0.0, freeBlocks: [$0.small, 0, 0, 0, $0.large]) }, freeBytes: 0)
  }

  @Test func aZoneThatKeepsMoreThanItHasGivesNothing() {
    let state = Self.state([("DMA", 0, 240), ("Normal", 1000, 10)])
    let marks = [Self.dma, Self.zone("Normal")]
    #expect(!Self.dma.servesKernel && Self.zone("Normal").servesKernel)
    #expect(state.freeBytes(fromOrder: 4) == UInt64(250 * 65_536))
    #expect(state.usableFreeBytes(fromOrder: 4, marks) == UInt64(10 * 65_536))
    // 1,000 of 1,160 pages; with DMA it would be 0.2.
    #expect(state.unusableFreeSpaceIndex(order: 4, marks) == 1000 / 1160.0)
  }

  @Test func noMoreThanIsFreeAboveWhatIsKept() {
    let marks = [Self.zone("DMA32", protection: 500, min: 60)]
    // 640 pages free, 560 kept.
    #expect(Self.state([("DMA32", 0, 40)]).usableFreeBytes(fromOrder: 4, marks) == UInt64(80 * 4096))
    #expect(Self.state([("DMA32", 0, 35)]).usableFreeBytes(fromOrder: 4, marks) == 0)
    #expect(Self.state([("DMA32", 1000, 2)]).usableFreeBytes(fromOrder: 4, marks) == UInt64(2 * 65_536))
  }

  @Test func memoryForMovablePagesIsNotTheKernels() {
    let marks = [Self.zone("Movable"), Self.zone("Normal")]
    #expect(
      Self.state([("Movable", 0, 100), ("Normal", 0, 9)]).usableFreeBytes(fromOrder: 4, marks) == UInt64(44 * 4096))
  }

  @Test func withoutWatermarksNothingIsKnown() {
    #expect(Self.state([("Normal", 0, 9)]).usableFreeBytes(fromOrder: 4, []) == nil)
    #expect(Self.state([("Normal", 0, 9)]).unusableFreeSpaceIndex(order: 4, []) == nil)
  }
}
