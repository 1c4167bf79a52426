import Experiment

/// The LRU and what takes from its end: kswapd and direct reclaim (Linux 2.4, mm/vmscan.c).
extension Machine {
  @inline(__always)
  func insert(_ page: Int, zone: Int) {
    let head = lru[zone].head
    buddy.pages[page].next = head
    buddy.pages[page].previous = PageRecord.none
    if head == PageRecord.none { lru[zone].tail = UInt32(page) } else { buddy.pages[Int(head)].previous = UInt32(page) }
    lru[zone].head = UInt32(page)
    lru[zone].count += 1
  }

  @inline(__always)
  func remove(_ page: Int, zone: Int) {
    let next = buddy.pages[page].next
    let previous = buddy.pages[page].previous
    if previous == PageRecord.none { lru[zone].head = next } else { buddy.pages[Int(previous)].next = next }
    if next == PageRecord.none { lru[zone].tail = previous } else { buddy.pages[Int(next)].previous = previous }
    lru[zone].count -= 1
  }

  /// A page was used: it is the last now to be reclaimed.
  @inline(__always)
  func touch(_ page: Int) {
    let zone = buddy.zone(of: page)
    guard lru[zone].head != UInt32(page) else { return }
    remove(page, zone: zone)
    insert(page, zone: zone)
  }

  /// Takes a data page away from its file and gives it back to its zone.
  @inline(__always)
  mutating func evict(_ page: Int, zone: Int) {
    remove(page, zone: zone)
    forget(page)
    dataPages -= 1
    free(page, order: 0, zone: zone)
  }

  /// Takes what the cache has in `page` away; returns how many pages that frees, or nil when it cannot go yet.
  @inline(__always)
  mutating func evictAny(_ page: Int, zone: Int) -> Int? {
    guard buddy.pages[page].isOf(.data) else { return evictFolio(page, zone: zone) }
    evict(page, zone: zone)
    return 1
  }

  /// The file has this page no longer.
  @inline(__always)
  private func forget(_ page: Int) {
    let record = buddy.pages[page]
    let file = Int(record.owner)
    if fileHead[file] == UInt32(page) {
      fileHead[file] = record.sibling
      return
    }
    var other = Int(fileHead[file])
    while buddy.pages[other].sibling != UInt32(page) { other = Int(buddy.pages[other].sibling) }
    buddy.pages[other].sibling = record.sibling
  }

  /// Frees up to a batch from the ends of the LRUs of the zones that the class may use; returns how many.
  ///
  /// Linux 2.4 has one LRU for all zones and skips the pages of others. Here each zone has its own, and a batch comes from one
  /// of them at random, weighted by size: in the long run the same shares, without walking over what cannot be used.
  mutating func reclaim(_ memoryClass: MemoryClass, pages wanted: Int) -> Int {
    let zones = zoneCount(memoryClass)
    var total = 0
    for place in 0..<zones { total += lru[zone(memoryClass, place)].count }
    guard total > 0 else { return pruneWhereAllowed(wanted) }
    var chosen = zone(memoryClass, 0)
    if zones > 1 {
      var lot = Int(random.below(UInt64(total)))
      for place in 0..<zones {
        chosen = zone(memoryClass, place)
        lot -= lru[chosen].count
        if lot < 0 { break }
      }
    }
    var freed = evictFromEnd(of: chosen, wanted)
    // All that is left there is dirty: the kernel's LRU is one for all zones.
    for place in 0..<zones where freed == 0 { freed = evictFromEnd(of: zone(memoryClass, place), wanted) }
    let cost = freed * parameters.freedPageNanoseconds
    pass(cost)
    counters.reclaimNanoseconds += UInt64(cost)
    if scheme.watermarks == .linux6 { pruneInProportion(freed, of: total) }
    return freed
  }

  /// Until it comes to something dirty: what was used after that is dirty as well, but for pages of the working set.
  @inline(__always)
  private mutating func evictFromEnd(of zone: Int, _ wanted: Int) -> Int {
    var freed = 0
    while freed < wanted, lru[zone].tail != PageRecord.none {
      guard let pages = evictAny(Int(lru[zone].tail), zone: zone) else { break }
      freed += pages
    }
    return freed
  }

  /// kswapd frees until one zone of the class is above its high watermark, in pages, whatever their order
  /// (`check_classzone_need_balance`).
  @inline(never)
  mutating func wakeKswapd(_ memoryClass: MemoryClass) {
    let first = memoryClass.rawValue * Self.zoneLimit
    func isBalanced() -> Bool {
      for place in 0..<zoneCount(memoryClass) {
        let zone = zoneList[first + place]
        if buddy.freePages[zone] > highLimit[first + zone] { return true }
      }
      return false
    }
    while !isBalanced() {
      let freed = reclaim(memoryClass, pages: parameters.reclaimBatchPages)
      guard freed > 0 else { return }
      counters.kswapdFreedPages += UInt64(freed)
    }
  }

  /// One try of whoever needs the memory.
  mutating func directReclaim(_ memoryClass: MemoryClass) -> Int {
    counters.directReclaims += 1
    var freed = reclaim(memoryClass, pages: parameters.reclaimBatchPages)
    if freed == 0, waitForWriteback() { freed = reclaim(memoryClass, pages: parameters.reclaimBatchPages) }
    counters.directFreedPages += UInt64(freed)
    return freed
  }
}
