/// The path of a request through zone lists, watermarks and reclaim (Linux 2.4, mm/page_alloc.c, `__alloc_pages`).
extension Machine {
  @inline(__always)
  func zoneCount(_ memoryClass: MemoryClass) -> Int { memoryClass == .fragmenting ? zoneListCount.0 : zoneListCount.1 }

  /// The `place`-th zone that requests of this class try.
  @inline(__always)
  func zone(_ memoryClass: MemoryClass, _ place: Int) -> Int { zoneList[memoryClass.rawValue * Self.zoneLimit + place] }

  /// A block of 2^`order` pages; nil when reclaim has nothing left to give for it.
  ///
  /// Above order 3 the scheme's own means come first, and a mount asks again and again: that is `allocateForMount`.
  @inline(__always)
  mutating func allocate(
    order: Int, kind: PageKind, owner: UInt32 = 0, memoryClass: MemoryClass, mobility: Mobility
  ) -> Int? {
    let tag = PageRecord.tag(kind, order: order, owner: owner)
    if let page = allocateFromFreeLists(order, tag, memoryClass, mobility, above: lowLimit) { return page }
    return allocateSlowPath(order, tag, memoryClass, mobility)
  }

  /// From the first zone of the class that stays above its limit.
  @inline(__always)
  mutating func allocateFromFreeLists(
    _ order: Int, _ tag: UInt32, _ memoryClass: MemoryClass, _ mobility: Mobility,
    above limit: UnsafeMutablePointer<Int>
  ) -> Int? {
    if scheme.groupsByMobility { return allocateGrouped(order, tag, memoryClass, mobility, above: limit) }
    let first = memoryClass.rawValue * Self.zoneLimit
    for place in 0..<zoneCount(memoryClass) {
      let zone = zoneList[first + place]
      guard buddy.freePages[zone] > limit[first + zone] + 1 << order - 1 else { continue }
      if let page = buddy.allocate(zone: zone, type: 0, order: order, tag: tag) {
        if scheme.mergesAnyNeighbours { trackAllocated(page, order) }
        return page
      }
    }
    return nil
  }

  @inline(never)
  private mutating func allocateSlowPath(_ order: Int, _ tag: UInt32, _ memoryClass: MemoryClass, _ mobility: Mobility)
    -> Int?
  {
    wakeKswapd(memoryClass)
    while true {
      if let page = allocateFromFreeLists(order, tag, memoryClass, mobility, above: minLimit) { return page }
      guard directReclaim(memoryClass) > 0 else { return nil }
    }
  }

  /// Frees a block of its zone.
  @inline(__always)
  mutating func free(_ page: Int, order: Int, zone: Int) {
    guard scheme.groupsByMobility || scheme.mergesAnyNeighbours else {
      return buddy.free(page, order: order, zone: zone, type: 0)
    }
    freeSpecially(page, order, zone)
  }

  @inline(never)
  private mutating func freeSpecially(_ page: Int, _ order: Int, _ zone: Int) {
    if scheme.mergesAnyNeighbours { trackFreed(page, order) }
    buddy.free(
      page, order: order, zone: zone, type: scheme.groupsByMobility ? Int(pageBlockType[page / Self.pageBlockPages]) : 0
    )
  }

  var freePageCount: Int { (0..<buddy.zoneCount).reduce(0) { $0 + buddy.freePages[$1] } }
}
