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
    guard take(slabOrder, tag, .fragmenting, .unmovable, above: lowLimit) != nil else { return false }
    snapshotPages += 1 << slabOrder
    unitRoom = 1 << slabOrder - 1
    return true
  }

  /// nil when reclaim would begin. On a real kernel these are pages in pipes, unmovable like the pinned ones.
  mutating func injectTransient() -> UInt32? {
    guard let page = take(0, PageRecord.tag(.transient), .general, .unmovable, above: lowLimit) else { return nil }
    transientPages += 1
    return UInt32(page)
  }

  mutating func freeTransient(_ pages: [UInt32]) {
    for page in pages { free(Int(page), order: 0, zone: buddy.zone(of: Int(page))) }
    transientPages = 0
  }
}
