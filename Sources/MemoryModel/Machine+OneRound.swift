/// Blocks that the kernel tries for a while and then does without: a service's page cache, the buffers of a log.
extension Machine {
  /// PAGE_ALLOC_COSTLY_ORDER: up to it the kernel goes on for as long as reclaim makes progress.
  private static let costlyOrder = 3

  /// A block of 2^`order` pages; nil when one round of compaction and reclaim gives none.
  ///
  /// Above the costly order the kernel goes one round and no second: compaction without waiting, reclaim, compaction that waits
  /// (Linux 6, mm/page_alloc.c, `__alloc_pages_slowpath`). `__GFP_RETRY_MAYFAIL` would allow more, but of what decides on them
  /// `should_reclaim_retry` wants a block of that order to be free, and `should_compact_retry` a compaction that succeeded. Linux
  /// 2.4 does not loop above order 3 either (`__alloc_pages`).
  mutating func allocateInOneRound(_ order: Int, _ tag: UInt32, _ mobility: Mobility) -> Int? {
    if let page = allocateFromFreeLists(order, tag, .general, mobility, above: lowLimit) { return page }
    wakeKswapd(.general)
    if let page = allocateFromFreeLists(order, tag, .general, mobility, above: minLimit) { return page }
    if scheme.groupsByMobility && order > 0 {
      owedPages = 2 << order
      if order > Self.costlyOrder, let page = compactInOneRound(order, tag) { return page }
    }
    drainKeptPages()
    while true {
      let freed = directReclaim(.general)
      if let page = allocateFromFreeLists(order, tag, .general, mobility, above: minLimit) { return page }
      if let page = compactInOneRound(order, tag) { return page }
      if order > Self.costlyOrder || freed == 0 { return nil }
    }
  }

  private mutating func compactInOneRound(_ order: Int, _ tag: UInt32) -> Int? {
    guard order >= BuddyAllocator.largeOrder || (order > 0 && scheme.fallback == .compact) else { return nil }
    switch scheme.fallback {
    // The page cache cannot be mapped together, and the reserve is the mounts'.
    case .map, .reserve: return nil
    case .compact where order >= uncompactableOrder:
      // It is known that nothing can be moved. The kernel goes through the zones all the same (mm/compaction.c, `compact_zone`).
      let cost = buddy.pageCount >> BuddyAllocator.largeOrder * parameters.scannedGroupNanoseconds
      pass(cost)
      counters.reclaimNanoseconds += UInt64(cost)
      return allocateBySchemesMeans(order, tag)
    default: return allocateBySchemesMeans(order, tag)
    }
  }

  /// What kswapd was woken for during the operation before: it works on another processor, and what it frees is there for the next one.
  ///
  /// Whoever finds no block of an order has it free `compact_gap` pages (mm/vmscan.c, `kswapd_shrink_node`); each claim of another
  /// type's page block raises the watermarks, which it works off, and stops where all is dirty (`boost_watermark`, `balance_pgdat`).
  mutating func letKswapdWork() {
    var wanted = owedPages + boostPages
    (owedPages, boostPages) = (0, 0)
    while wanted > 0 {
      let freed = reclaim(.general, pages: min(wanted, parameters.reclaimBatchPages))
      guard freed > 0 else { return }
      counters.kswapdFreedPages += UInt64(freed)
      wanted -= freed
    }
  }
}
