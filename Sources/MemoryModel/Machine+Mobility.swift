/// Grouping of pages by mobility (Linux 6, mm/page_alloc.c).
extension Machine {
  /// Which type's blocks are taken when a type has none (`fallbacks`).
  private static let fallbacks: [[Mobility]] = [
    [.reclaimable, .movable], [.reclaimable, .unmovable], [.unmovable, .movable],
  ]

  func setPageBlocks(_ first: Int, _ end: Int, _ type: Int) {
    guard scheme.groupsByMobility else { return }
    for block in first / Self.pageBlockPages..<end / Self.pageBlockPages { pageBlockType[block] = UInt8(type) }
  }

  /// Two rounds over the zones: in the first, another type's blocks are taken only whole page blocks at a time, so that a zone is
  /// left rather than mixed (ALLOC_NOFRAGMENT, Linux 5.0 and later).
  mutating func allocateGrouped(
    _ order: Int, _ tag: UInt32, _ memoryClass: MemoryClass, _ mobility: Mobility,
    above limit: UnsafeMutablePointer<Int>
  ) -> Int? {
    for smallest in [max(order, Self.pageBlockPages.trailingZeroBitCount), order] {
      for place in 0..<zoneCount(memoryClass) {
        let zone = zone(memoryClass, place)
        guard buddy.freePages[zone] > limit[memoryClass.rawValue * Self.zoneLimit + zone] + 1 << order - 1 else {
          continue
        }
        if let page = allocateGrouped(zone, order, tag, mobility, stealingFrom: smallest) { return page }
      }
    }
    return nil
  }

  private mutating func allocateGrouped(
    _ zone: Int, _ order: Int, _ tag: UInt32, _ mobility: Mobility, stealingFrom smallest: Int
  ) -> Int? {
    if let page = buddy.allocate(zone: zone, type: mobility.rawValue, order: order, tag: tag) { return page }
    return steal(zone, smallest, mobility)
      ? buddy.allocate(zone: zone, type: mobility.rawValue, order: order, tag: tag) : nil
  }

  /// `__rmqueue_fallback`: the largest block of another type comes over; with it all free pages of its page block when it is
  /// half a page block or more, or when unmovable or reclaimable pages would otherwise spoil many blocks. The page block
  /// changes its type when at least half of it is free or alike.
  private mutating func steal(_ zone: Int, _ smallest: Int, _ mobility: Mobility) -> Bool {
    let pageBlockOrder = Self.pageBlockPages.trailingZeroBitCount
    for current in stride(from: buddy.maximumOrder, through: smallest, by: -1) {
      for other in Self.fallbacks[mobility.rawValue] {
        let page = buddy.firstFree(zone: zone, type: other.rawValue, order: current)
        guard page != PageRecord.none else { continue }
        counters.stolenPageBlocks += 1
        if current >= pageBlockOrder {
          for block in 0..<(1 << (current - pageBlockOrder)) {
            pageBlockType[Int(page) / Self.pageBlockPages + block] = UInt8(mobility.rawValue)
          }
          buddy.move(Int(page), zone: zone, to: mobility.rawValue)
        } else if current >= pageBlockOrder / 2 || mobility != .movable {
          boostWatermark(of: zone)
          stealPageBlock(of: Int(page), zone, from: other, mobility)
        } else {
          buddy.move(Int(page), zone: zone, to: mobility.rawValue)
        }
        return true
      }
    }
    return false
  }

  /// A zone that had to mix types is to have more free pages (`boost_watermark`, vm.watermark_boost_factor 15,000). Worked off while
  /// services write their files; before that there is nothing to reclaim in environment 1, and the rest of environment 2 does without.
  private mutating func boostWatermark(of zone: Int) {
    guard plan.zones[zone].managedPages >= 4 * Self.pageBlockPages else { return }
    boostPages = min(
      boostPages + Self.pageBlockPages, max(Self.pageBlockPages, plan.zones[zone].highPages * 3 / 2))
  }

  private mutating func stealPageBlock(of page: Int, _ zone: Int, from other: Mobility, _ mobility: Mobility) {
    let first = page / Self.pageBlockPages * Self.pageBlockPages
    let span = buddy.spans[zone]
    let end = min(first + Self.pageBlockPages, span.end)
    var free: [Int] = []
    var freePages = 0
    var alike = 0
    var current = max(first, span.base)
    while current < end {
      let record = buddy.pages[current]
      let size = 1 << record.order
      if record.kind == .free {
        free.append(current)
        freePages += size
      } else if record.kind.isMovable == (mobility == .movable) {
        alike += size
      }
      current += size
    }
    // The allocation takes one block; whether the rest follows depends on how much there is to save.
    guard freePages + alike >= Self.pageBlockPages / 2 else {
      return buddy.move(page, zone: zone, to: mobility.rawValue)
    }
    pageBlockType[first / Self.pageBlockPages] = UInt8(mobility.rawValue)
    for block in free { buddy.move(block, zone: zone, to: mobility.rawValue) }
  }
}
