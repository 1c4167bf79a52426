/// Free memory that the kernel can have for itself: what a mount asks for is asked as GFP_KERNEL.
///
/// A zone gives pages to such a request while more stays free than its min watermark and its protection together (mm/page_alloc.c,
/// `__zone_watermark_ok`). ZONE_DMA protects more pages than it has: its 15.7 MB, all in large blocks, are in every sum of the free lists
/// and never to be had.
extension ZoneWatermarks {
  private var protection: UInt64 { kernelProtectionPages ?? protectionPages.max() ?? 0 }

  /// Whether the kernel's own requests can have anything of this zone.
  public var servesKernel: Bool { name != "Movable" && name != "Device" && protection <= managedPages }

  /// Pages that stay free whatever the kernel asks for.
  var keptPages: UInt64 { minPages + protection }
}

extension MemoryState {
  /// Bytes in free blocks of `order` or above that the kernel can have: of each zone no more than is free above what it keeps. nil where
  /// the watermarks are not known.
  public func usableFreeBytes(fromOrder order: Int, _ watermarks: [ZoneWatermarks]) -> UInt64? {
    guard !watermarks.isEmpty else { return nil }
    return serving(watermarks).reduce(0) { sum, part in
      let free = part.zone.freePages(fromOrder: 0)
      let usable = free - min(free, part.marks.keptPages)
      return sum + min(part.zone.freePages(fromOrder: order), usable) * pageBytes
    }
  }

  /// The share of the free memory of the zones that serve the kernel which lies in blocks too small for `order`, 0 to 1 (mm/vmstat.c,
  /// `unusable_free_index`); nil when nothing is free there, or the watermarks are not known.
  public func unusableFreeSpaceIndex(order: Int, _ watermarks: [ZoneWatermarks]) -> Double? {
    serving(watermarks).map(\.zone).unusableFreeSpaceIndex(order: order)
  }

  private func serving(_ watermarks: [ZoneWatermarks]) -> [(zone: Zone, marks: ZoneWatermarks)] {
    zones.compactMap { zone in
      watermarks.first { $0.node == zone.node && $0.name == zone.name && $0.servesKernel }.map { (zone, $0) }
    }
  }
}

extension MemoryState.Zone {
  /// Pages in free blocks of `order` or above.
  public func freePages(fromOrder order: Int) -> UInt64 {
    freeBlocks.enumerated().reduce(0) { $1.offset < order ? $0 : $0 + ($1.element << UInt64($1.offset)) }
  }
}

extension [MemoryState.Zone] {
  /// The share of their free memory that is in blocks too small for `order`; nil when nothing is free in them.
  func unusableFreeSpaceIndex(order: Int) -> Double? {
    let free = reduce(0) { $0 + $1.freePages(fromOrder: 0) }
    guard free > 0 else { return nil }
    return Double(free - reduce(0) { $0 + $1.freePages(fromOrder: order) }) / Double(free)
  }
}
