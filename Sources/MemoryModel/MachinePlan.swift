public import Experiment

/// Free blocks of one zone by mobility and order, as /proc/pagetypeinfo has them.
public struct FreeByMobility: Equatable, Sendable {
  public let node: Int
  public let zone: String
  /// Three lists, by order: unmovable, movable, reclaimable.
  let blocks: [[UInt64]]

  public init(node: Int, zone: String, unmovable: [UInt64], movable: [UInt64], reclaimable: [UInt64]) {
    self.node = node
    self.zone = zone
    blocks = [unmovable, movable, reclaimable]
  }
}

/// The zones that a simulated machine starts with.
public struct MachinePlan: Equatable, Sendable {
  struct Zone: Equatable, Sendable {
    var node = 0
    var name: String
    /// Pages the allocator manages.
    var managedPages: Int
    /// Free blocks as found, by mobility (``Machine/Mobility``) and order; nil where all free pages are in one piece at the
    /// zone's end.
    var freeBlocks: [[Int]]?
    var freePages: Int
    var minPages: Int
    var lowPages: Int
    var highPages: Int
    /// Kept from requests that may also be met from another zone, which stands before this one in their list.
    var fallbackReservePages: Int
    /// Free pages that processors keep to themselves at the start, and give back before the failover.
    var returnedPages = 0
    /// The same, given back when a request finds no block.
    var keptPages = 0
  }

  /// Which zones a request goes through, in this order.
  struct ZoneLists: Equatable, Sendable {
    var fragmenting: [Int]
    var general: [Int]
  }

  var zones: [Zone]
  var lists: ZoneLists
  /// What is held back of the machine is not simulated.
  var ballastBytes: UInt64 = 0
  /// Data cache at the start, all of it in use.
  var inUseCacheBytes: UInt64 = 0
  /// Of a zone that only movable pages may use; the simulation has none.
  var movableBytes: UInt64 = 0

  /// The paper's machine: 3.25 GB of kernel memory in one zone, or in two where the scheme divides it, and what is left of the
  /// DMA zone, whose reserve keeps it out of use (Linux 2.4, `lower_zone_reserve_ratio`).
  init(_ parameters: ModelParameters, _ scheme: Scheme) {
    let used = parameters.zonePages - (parameters.bootFreePages - parameters.dmaFreePages)
    func zone(_ name: String, pages: Int, used: Int, reserve: Int) -> Zone {
      let marks = Self.watermarks(parameters, scheme, zonePages: pages, allPages: parameters.zonePages)
      return Zone(
        name: name, managedPages: pages, freePages: pages - used, minPages: marks.min, lowPages: marks.low,
        highPages: marks.high,
        fallbackReservePages: reserve)
    }
    let dma = Zone(
      name: "DMA", managedPages: 4_096, freePages: parameters.dmaFreePages, minPages: 32, lowPages: 64, highPages: 96,
      fallbackReservePages: max(parameters.zonePages / 256, parameters.dmaFreePages))
    guard scheme.isDivided else {
      zones = [zone("Normal", pages: parameters.zonePages, used: used, reserve: 0), dma]
      lists = ZoneLists(fragmenting: [0, 1], general: [0, 1])
      return
    }
    let general = parameters.zonePages - parameters.dividedFragmentingPages
    zones = [
      zone(
        "Fragmenting", pages: parameters.dividedFragmentingPages, used: parameters.dividedFragmentingUsedPages,
        reserve: general / parameters.dividedReserveRatio),
      zone("Other", pages: general, used: used - parameters.dividedFragmentingUsedPages, reserve: 0), dma,
    ]
    lists = ZoneLists(fragmenting: [0, 2], general: [1, 0, 2])
  }

  /// A real machine as it stood after settle: its zones, their free lists, watermarks and reserves. What is in use there is in
  /// use here, and stays. So does its data cache: the caches were dropped, and what is left then is mapped and used again at once
  /// (measured: 30 MB before 128 mounts, 30 MB after allocations had failed for want of memory).
  ///
  /// Free pages that processors keep to themselves (some 150 MB after a machine was emptied) are in no free list. Those of other
  /// processors, zones and types the injection cannot take; they come back, in large blocks, when the kernel gets round to it
  /// (which is chance, so it is told here and not modelled), and when a request finds no block and drains them (mm/page_alloc.c,
  /// `drain_all_pages`).
  ///
  /// - Parameters:
  ///   - byMobility: the free blocks of /proc/pagetypeinfo; where it has none, all count as movable. Blocks larger than the
  ///     scheme has are cut.
  ///   - keptBytes: what the processors still kept when the failover began; nil for all of it.
  public init(_ start: StartState, scheme: Scheme, byMobility: [FreeByMobility] = [], keptBytes: UInt64? = nil) {
    let largest = scheme.maximumOrder
    var plan: [Zone] = []
    for zone in start.state.zones where zone.name != "Movable" && zone.name != "Device" {
      guard let marks = start.watermarks.first(where: { $0.node == zone.node && $0.name == zone.name }) else {
        continue
      }
      let typed = byMobility.first { $0.node == zone.node && $0.zone == zone.name }
      let blocks = (typed?.blocks ?? [[], zone.freeBlocks, []]).map { counts in
        var cut = [Int](repeating: 0, count: largest + 1)
        for (order, count) in counts.enumerated() { cut[min(order, largest)] += Int(count) << max(0, order - largest) }
        return cut
      }
      // Normal is what GFP_HIGHUSER asks for where there is no HighMem: DMA 0, DMA32 1, Normal 2.
      let reserve =
        marks.protectionPages.indices.contains(2) ? marks.protectionPages[2] : marks.protectionPages.max() ?? 0
      plan.append(
        Zone(
          node: zone.node, name: zone.name, managedPages: Int(marks.managedPages), freeBlocks: blocks, freePages: 0,
          minPages: Int(marks.minPages), lowPages: Int(marks.lowPages), highPages: Int(marks.highPages),
          fallbackReservePages: Int(reserve)))
    }
    // What the processors keep belongs to no zone that the records name: the largest has most of it.
    if let most = plan.indices.max(by: { plan[$0].managedPages < plan[$1].managedPages }) {
      let own = start.state.perCPUFreeBytes ?? 0
      let kept = min(own, keptBytes ?? own)
      plan[most].keptPages = Int(kept / start.state.pageBytes)
      plan[most].returnedPages = Int((own - kept) / start.state.pageBytes)
    }
    for index in plan.indices {
      let blocks = plan[index].freeBlocks ?? []
      plan[index].freePages = blocks.reduce(0) { $1.enumerated().reduce($0) { $0 + $1.element << $1.offset } }
    }
    zones = plan
    let highestFirst = Array(plan.indices.reversed())
    lists = ZoneLists(fragmenting: highestFirst, general: highestFirst)
    ballastBytes = start.ballastBytes
    inUseCacheBytes = start.state.dataCacheBytes ?? 0
    movableBytes = start.watermarks.movablePages * start.state.pageBytes
  }

  /// Made from what was read of one, where the pressure helper lays the pattern.
  var isOfRealMachine: Bool { zones.contains { $0.freeBlocks != nil } }

  /// Whether there is anything to simulate.
  public var isEmpty: Bool { zones.allSatisfy { $0.freePages == 0 } }

  /// mm/page_alloc.c: of Linux 2.4 the stated pages; of Linux 6 `calculate_min_free_kbytes` and
  /// `__setup_per_zone_wmarks`, each zone by its share.
  static func watermarks(
    _ parameters: ModelParameters, _ scheme: Scheme, zonePages: Int, allPages: Int
  ) -> (min: Int, low: Int, high: Int) {
    guard scheme.watermarks == .linux6 else {
      return (parameters.watermarkMinPages, parameters.watermarkLowPages, parameters.watermarkHighPages)
    }
    let kilobytes =
      parameters.minFreeKilobytes > 0
      ? parameters.minFreeKilobytes : Swift.min(Swift.max(integerSquareRoot(allPages * 4 * 16), 128), 262_144)
    let minimum = kilobytes / 4 * zonePages / allPages
    let distance = Swift.max(minimum / 4, zonePages * parameters.watermarkScaleFactor / 10_000)
    return (minimum, minimum + distance, minimum + 2 * distance)
  }

  /// The largest number whose square is not above `value`.
  static func integerSquareRoot(_ value: Int) -> Int {
    var low = 0
    var high = 1 << 31
    while low < high {
      let middle = (low + high + 1) / 2
      if middle * middle <= value { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
