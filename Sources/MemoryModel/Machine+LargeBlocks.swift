/// Blocks that a mount holds, and what each scheme does when they are missing.
extension Machine {
  /// The outcome of asking for one block.
  enum BlockResult {
    case allocated
    /// Nothing is left to reclaim, or the mount timed out first.
    case unavailable
  }

  /// A block for a mount, held for good. Up to order 3 the kernel goes on by itself; above that one try is made for each call
  /// and the caller loops (Linux 2.4, `__alloc_pages`).
  mutating func allocateForMount(order: Int, deadline: UInt64, asksOnce: Bool, retries: inout UInt64) -> BlockResult {
    let tag = PageRecord.tag(.mount, order: order)
    if allocateFromFreeLists(order, tag, .general, .unmovable, above: lowLimit) != nil { return held(order) }
    wakeKswapd(.general)
    drainKeptPages()
    while true {
      if allocateFromFreeLists(order, tag, .general, .unmovable, above: minLimit) != nil { return held(order) }
      if order >= BuddyAllocator.largeOrder, allocateBySchemesMeans(order, tag) != nil { return held(order) }
      let isOver = clockNanoseconds >= deadline || (asksOnce && retries > 0)
      guard !isOver, directReclaim(.general) > 0 else {
        // Nothing will ever come. It asks again without a pause, which keeps the processor busy until the timeout.
        if !asksOnce && clockNanoseconds < deadline {
          counters.reclaimNanoseconds += deadline - clockNanoseconds
          clockNanoseconds = deadline
        }
        return .unavailable
      }
      retries += 1
    }
  }

  private mutating func held(_ order: Int) -> BlockResult {
    mountPages += 1 << order
    return .allocated
  }

  /// The first page of the block, or of those that make it up.
  mutating func allocateBySchemesMeans(_ order: Int, _ tag: UInt32) -> Int? {
    if scheme.mergesAnyNeighbours && order <= 6 { return allocateRun(order, tag) }
    return switch scheme.fallback {
    case .reclaim: nil
    case .collect: collect(order, tag)
    case .map: mapPages(order, tag)
    case .reserve: allocateReserved(order, tag)
    case .selectiveReclaim: reclaimSelectively(order, tag)
    case .compact: compact(order, tag)
    }
  }

  private mutating func allocateReserved(_ order: Int, _ tag: UInt32) -> Int? {
    guard order == BuddyAllocator.largeOrder, let page = reserveBlocks.popLast() else { return nil }
    counters.reserveBlocksUsed += 1
    buddy.pages[Int(page)].tag = tag
    return Int(page)
  }

  /// Single pages, one page table entry each, as long as the region has addresses.
  private mutating func mapPages(_ order: Int, _ tag: UInt32) -> Int? {
    let pages = 1 << order
    guard Int(counters.mappedPages) + pages <= parameters.mappedRegionPages else { return nil }
    var taken: [Int] = []
    for _ in 0..<pages {
      guard let page = allocate(order: 0, kind: .mount, memoryClass: .general, mobility: .unmovable) else {
        for page in taken { free(page, order: 0, zone: buddy.zone(of: page)) }
        return nil
      }
      taken.append(page)
    }
    counters.mappedPages += UInt64(pages)
    pass(pages * parameters.mappedPageNanoseconds)
    return taken.first
  }

  /// Copies what occupies the emptiest group of a window to elsewhere, whatever it is but what has been there since boot and
  /// what the mounts hold.
  private mutating func collect(_ order: Int, _ tag: UInt32) -> Int? {
    guard
      let group = emptiestGroup(
        order, window: parameters.collectWindowGroups, canMove: { $0 != .kernel && $0 != .mount })
    else { return nil }
    return vacate(group, order, tag) ? group : nil
  }

  /// Reclaims the pages of the group that the fewest reclaimable pages occupy, and nothing else does. What completes a block
  /// counts, not what was used last; working-set pages that are hit come back as refaults (Navarro et al., section 4.4).
  private mutating func reclaimSelectively(_ order: Int, _ tag: UInt32) -> Int? {
    // What is pinned stays so: where no group was left, none will come.
    guard order < unreclaimableOrder else { return nil }
    guard let group = emptiestGroup(order, window: Int.max, canMove: \.isMovable) else {
      unreclaimableOrder = order
      return nil
    }
    let zone = buddy.zone(of: group)
    var freed = 0
    for page in group..<(group + 1 << order) where buddy.pages[page].kind.isMovable {
      freed += evictAny(page, zone: zone) ?? 0
    }
    counters.directFreedPages += UInt64(freed)
    let cost = freed * parameters.freedPageNanoseconds
    pass(cost)
    counters.reclaimNanoseconds += UInt64(cost)
    return allocateFromFreeLists(order, tag, .general, .unmovable, above: minLimit)
  }

  /// Moves the data pages of the next group away that holds no others, however many they are. Linux compacts a zone only while it has twice the block above its low watermark
  /// (mm/compaction.c, `compaction_suitable`).
  private mutating func compact(_ order: Int, _ tag: UInt32) -> Int? {
    counters.compactions += 1
    // Reclaim only takes data away: where no group was left, none comes before a page is cached anew.
    guard order < uncompactableOrder else { return nil }
    guard let group = emptiestGroup(order, window: Int.max, enough: 1 << order, canMove: \.isMovable) else {
      uncompactableOrder = order
      return nil
    }
    let zone = buddy.zone(of: group)
    guard buddy.freePages[zone] > lowLimit[MemoryClass.general.rawValue * Self.zoneLimit + zone] + 2 << order,
      vacate(group, order, tag)
    else { return nil }
    counters.compactionSuccesses += 1
    return group
  }
}
