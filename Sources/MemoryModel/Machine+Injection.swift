/// Simulation environment 1 (paper, section 5.1).
extension Machine {
  /// Pages that can be taken while every zone stays above its high watermark and its reserve: where the helper of the real
  /// testbed stops.
  var injectHeadroomPages: Int {
    var pages = 0
    for place in 0..<zoneCount(.general) {
      let zone = zone(.general, place)
      pages += max(0, buddy.freePages[zone] - plan.zones[zone].highPages - plan.zones[zone].fallbackReservePages)
    }
    return pages
  }

  /// False when reclaim would begin.
  mutating func injectPinned() -> Bool {
    if unitRoom > 0 {
      unitRoom -= 1
      return true
    }
    let tag = PageRecord.tag(.snapshot, order: slabOrder)
    guard allocateFromFreeLists(slabOrder, tag, .fragmenting, .unmovable, above: lowLimit) != nil else { return false }
    snapshotPages += 1 << slabOrder
    unitRoom = 1 << slabOrder - 1
    return true
  }

  /// nil when reclaim would begin. On a real kernel these are pages in pipes, unmovable like the pinned ones, or of a file in memory.
  mutating func injectTransient(_ memoryClass: MemoryClass, _ mobility: Mobility) -> UInt32? {
    guard let page = allocateFromFreeLists(0, PageRecord.tag(.transient), memoryClass, mobility, above: lowLimit)
    else {
      return nil
    }
    transientPages += 1
    return UInt32(page)
  }

  /// Transient pages that a pipe of the real helper holds.
  static let pagesPerPipe = 256
  /// The pipe's ring of 256 slots, 40 bytes each (fs/pipe.c): one block of 16 kB.
  private static let ringOrder = 2
  /// Blocks of that order that a processor takes from the free lists at once (mm/page_alloc.c, `rmqueue_bulk`: 63 pages' worth).
  private static let ringsPerRefill = 15

  /// The ring of the next pipe. Those of one refill lie side by side, and so come back as blocks of up to 240 kB: on 2 GiB some 20 MB
  /// of the large blocks that are free after the injection (measured). False when reclaim would begin.
  mutating func injectRing() -> Bool {
    if spareRings > 0 {
      spareRings -= 1
      return true
    }
    for taken in 0..<Self.ringsPerRefill {
      guard
        let page = allocateFromFreeLists(
          Self.ringOrder, PageRecord.tag(.transient, order: Self.ringOrder), .general, .unmovable, above: lowLimit)
      else {
        guard taken > 0 else { return false }
        break
      }
      transientPages += 1 << Self.ringOrder
      rings.append(UInt32(page))
      spareRings += 1
    }
    spareRings -= 1
    return true
  }

  mutating func freeTransient(_ pages: [UInt32]) {
    for page in pages { free(Int(page), order: 0, zone: buddy.zone(of: Int(page))) }
    for page in rings { free(Int(page), order: Self.ringOrder, zone: buddy.zone(of: Int(page))) }
    rings = []
    spareRings = 0
    transientPages = 0
  }
}
