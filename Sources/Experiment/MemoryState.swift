/// What the memory looks like at one instant, on any testbed. Quantities that a testbed cannot tell are nil, never 0.
public struct MemoryState: Equatable, Sendable, Codable {
  /// The buddy free lists of one zone.
  public struct Zone: Equatable, Sendable, Codable {
    public let node: Int
    public let name: String
    /// Free blocks by order; the index is the order, a block of order n is 2^n pages.
    public let freeBlocks: [UInt64]

    public init(node: Int, name: String, freeBlocks: [UInt64]) {
      (self.node, self.name, self.freeBlocks) = (node, name, freeBlocks)
    }
  }

  /// Pressure stall information: cumulative microseconds in which some, or all, tasks waited for memory.
  public struct PressureStall: Equatable, Sendable, Codable {
    public let someMicroseconds: UInt64
    public let fullMicroseconds: UInt64?

    public init(someMicroseconds: UInt64, fullMicroseconds: UInt64?) {
      self.someMicroseconds = someMicroseconds
      self.fullMicroseconds = fullMicroseconds
    }
  }

  /// Inode objects after a stated share of the inodes, chosen at random, is gone: an object is freed with its last inode.
  public struct InodeOccupancy: Equatable, Sendable, Codable {
    public let freedSixteenths: Int
    /// What the inodes still in use would need by themselves.
    public let liveBytes: UInt64
    public let heldBytes: UInt64

    public init(freedSixteenths: Int, liveBytes: UInt64, heldBytes: UInt64) {
      (self.freedSixteenths, self.liveBytes, self.heldBytes) = (freedSixteenths, liveBytes, heldBytes)
    }
  }

  /// The testbed's own clock.
  public var takenAtNanoseconds: UInt64
  public var pageBytes: UInt64
  public var zones: [Zone]
  public var freeBytes: UInt64
  /// Free pages that processors keep to themselves: in no free list and not in ``freeBytes``.
  public var perCPUFreeBytes: UInt64?
  /// File pages that reclaim may take, those on the two file LRU lists: the paper's data cache (Fig. 13). Records of schema 1 have the
  /// page cache less shared memory there, which counts the locked text of programs along (some 12 MB).
  public var dataCacheBytes: UInt64?
  /// Pages that mlock(2) holds.
  public var lockedBytes: UInt64?
  /// File pages that wait to be written, and those being written.
  public var dirtyBytes: UInt64?
  public var writebackBytes: UInt64?
  public var inodeSlabBytes: UInt64?
  public var dentrySlabBytes: UInt64?
  public var reclaimableSlabBytes: UInt64?
  public var unreclaimableSlabBytes: UInt64?
  public var pressure: PressureStall?
  /// Held back by a memory scheme and of no use to anybody else: an emergency reserve.
  public var idleBytes: UInt64?
  /// Aligned 64 kB in which nothing is pinned, free or not: what could become a large block. Only a model can tell.
  public var unpinnedLargeGroups: UInt64?
  /// What would be left of the inode objects if most inodes were freed at random. Only a model can tell.
  public var inodeOccupancy: InodeOccupancy?
  /// Cumulative event counters under the kernel's names (/proc/vmstat): compact_stall, allocstall_normal, pgscan_direct …
  public var counters: [String: UInt64]

  public init(
    takenAtNanoseconds: UInt64, pageBytes: UInt64, zones: [Zone], freeBytes: UInt64, perCPUFreeBytes: UInt64? = nil,
    dataCacheBytes: UInt64? = nil,
    inodeSlabBytes: UInt64? = nil, dentrySlabBytes: UInt64? = nil, reclaimableSlabBytes: UInt64? = nil,
    unreclaimableSlabBytes: UInt64? = nil, pressure: PressureStall? = nil, counters: [String: UInt64] = [:]
  ) {
    (self.takenAtNanoseconds, self.pageBytes, self.zones) = (takenAtNanoseconds, pageBytes, zones)
    (self.freeBytes, self.perCPUFreeBytes, self.dataCacheBytes) = (freeBytes, perCPUFreeBytes, dataCacheBytes)
    (self.inodeSlabBytes, self.dentrySlabBytes) = (inodeSlabBytes, dentrySlabBytes)
    (self.reclaimableSlabBytes, self.unreclaimableSlabBytes) = (reclaimableSlabBytes, unreclaimableSlabBytes)
    (self.pressure, self.counters) = (pressure, counters)
  }

  /// Free blocks by order, over all zones.
  public var freeBlocks: [UInt64] {
    var sum: [UInt64] = []
    for zone in zones {
      for (order, blocks) in zone.freeBlocks.enumerated() {
        if order == sum.count { sum.append(0) }
        sum[order] += blocks
      }
    }
    return sum
  }

  /// Bytes in free blocks of `order` or above: with order 4 and 4 kB pages the paper's "64 kB or more".
  public func freeBytes(fromOrder order: Int) -> UInt64 {
    freeBlocks.enumerated().reduce(0) { $1.offset < order ? $0 : $0 + ($1.element << UInt64($1.offset)) * pageBytes }
  }

  /// What the free lists hold.
  public var listedFreeBytes: UInt64 { freeBytes(fromOrder: 0) }

  /// What ``freeBytes`` counts beyond that: memory that the kernel has not initialized yet, where it does so only when a zone runs short
  /// (`deferred_init`; 18.7 of 23.2 GiB were seen). Nothing can be allocated of it as it is. The two are read one after the other, so that
  /// a difference of a few MB means nothing.
  public var unlistedFreeBytes: UInt64 { freeBytes - min(listedFreeBytes, freeBytes) }

  /// The order of a 64 kB block, the largest that the paper's mount asks for.
  public var largeBlockOrder: Int {
    var order = 0
    while pageBytes << UInt64(order) < 65_536 { order += 1 }
    return order
  }

  /// The share of free memory that is in blocks too small for `order`, 0 to 1; nil when nothing is free
  /// (mm/vmstat.c, unusable_free_index).
  public func unusableFreeSpaceIndex(order: Int) -> Double? { zones.unusableFreeSpaceIndex(order: order) }
}

/// The watermarks of one zone (/proc/zoneinfo), in pages.
public struct ZoneWatermarks: Equatable, Sendable, Codable {
  public let node: Int
  public let name: String
  public let managedPages: UInt64
  public let minPages: UInt64
  public let lowPages: UInt64
  public let highPages: UInt64
  /// Pages kept from allocations that prefer a higher zone; the index is that zone's.
  public let protectionPages: [UInt64]
  /// Of these the one that counts for the kernel's own requests (GFP_KERNEL), which prefer the highest zone but Movable; nil in records of
  /// schema 1.
  public let kernelProtectionPages: UInt64?

  public init(
    node: Int, name: String, managedPages: UInt64, minPages: UInt64, lowPages: UInt64, highPages: UInt64,
    protectionPages: [UInt64], kernelProtectionPages: UInt64? = nil
  ) {
    (self.kernelProtectionPages, self.node, self.name) = (kernelProtectionPages, node, name)
    (self.managedPages, self.minPages, self.lowPages, self.highPages) = (managedPages, minPages, lowPages, highPages)
    self.protectionPages = protectionPages
  }
}

extension [ZoneWatermarks] {
  /// What ZONE_MOVABLE manages: pages that the kernel never takes for itself.
  public var movablePages: UInt64 { reduce(0) { $1.name == "Movable" ? $0 + $1.managedPages : $0 } }
}
