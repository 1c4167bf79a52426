import Experiment

/// The simulated machine: page frames in zones, what they hold, and the time that passes.
///
/// It knows nothing of the paper's thresholds. Integers throughout, one seeded generator: the same seed gives the same machine
/// on every processor.
struct Machine: ~Copyable {
  /// Which zone list a request goes by (paper, section 4.2.2).
  enum MemoryClass: Int {
    case fragmenting = 0
    case general = 1
  }

  /// Free lists of `linux-6`; the others have one.
  enum Mobility: Int {
    case unmovable = 0
    case movable = 1
    case reclaimable = 2
  }

  /// The LRU of one zone: its data pages, the most recently used first.
  struct LRU {
    var head = PageRecord.none
    var tail = PageRecord.none
    var count = 0
  }

  struct Counters {
    var kswapdFreedPages: UInt64 = 0
    var directFreedPages: UInt64 = 0
    var directReclaims: UInt64 = 0
    var refaults: UInt64 = 0
    var copiedPages: UInt64 = 0
    var mappedPages: UInt64 = 0
    var reserveBlocksUsed: UInt64 = 0
    var freedInodes: UInt64 = 0
    var compactions: UInt64 = 0
    var compactionSuccesses: UInt64 = 0
    var stolenPageBlocks: UInt64 = 0
    var reclaimNanoseconds: UInt64 = 0
  }

  static let zoneLimit = 4

  let scheme: Scheme
  let parameters: ModelParameters
  let plan: MachinePlan
  var buddy: BuddyAllocator
  var random: RandomGenerator
  var clockNanoseconds: UInt64 = 0
  var counters = Counters()

  let lru: UnsafeMutablePointer<LRU>
  /// Zones of each class in the order they are gone through, `zoneLimit` entries a class.
  let zoneList: UnsafeMutablePointer<Int>
  let zoneListCount: (Int, Int)
  /// A request may take a zone's pages while more than this many are free, by class and zone.
  let minLimit: UnsafeMutablePointer<Int>
  let lowLimit: UnsafeMutablePointer<Int>
  let highLimit: UnsafeMutablePointer<Int>

  /// First cached page of each file; the working set's pages are files of one page behind the scenario's.
  let fileHead: UnsafeMutablePointer<UInt32>
  let fileCount: Int
  let workingSetCount: Int
  /// Which inodes are in memory, a bit each.
  let inodeBits: UnsafeMutablePointer<UInt64>
  /// Page of each inode slab; an inode belongs to one slab for good.
  let slabPage: UnsafeMutablePointer<UInt32>
  let slabCount: Int
  let inodesPerSlabHundredths: Int
  let slabOrder: Int
  var pruneCursor = 0
  let sizeSeed: UInt64

  /// Migratetype of each page block of 2 MB; empty without grouping.
  let pageBlockType: UnsafeMutablePointer<UInt8>
  let pageBlockCount: Int

  /// A bit for each free page; only where neighbours merge without alignment.
  let freeBits: UnsafeMutablePointer<UInt64>
  let freeBitWords: Int

  var reserveBlocks: [UInt32] = []
  var dataPages = 0
  var inodePages = 0
  var snapshotPages = 0
  var mountPages = 0
  /// Of the services' files: what they hold in the page cache, and the kernel's own objects for them.
  var filePages = 0
  var objectPages = 0
  /// What part of an object's page the files so far have used up.
  var fileObjectHundredths = 0
  var writeback: Writeback
  var served = Served()
  /// Pages that kswapd is to free before the next file of a service is written: for a block that was missing, and because watermarks
  /// were boosted.
  var owedPages = 0
  var boostPages = 0
  /// Blocks that hold the helper's pipes while it injects, and how many of them no pipe has yet.
  var rings: [UInt32] = []
  var spareRings = 0
  var transientPages = 0
  /// Snapshot pages that a unit still has room for.
  var unitRoom = 0
  var collectCursor = 0
  var inMount = false
  private var isDrained = false
  private var isReturned = false
  var mountsTried = 0
  /// From this order up every aligned group has something pinned in it.
  var unreclaimableOrder = Int.max
  /// From this order up no aligned group has only movable pages in use; until a page is cached anew.
  var uncompactableOrder = Int.max
  let isInodeResident: Bool

  init(scheme: Scheme, parameters: ModelParameters, plan: MachinePlan, scenario: Scenario) {
    (self.scheme, self.parameters, self.plan) = (scheme, parameters, plan)
    random = RandomGenerator(seed: scenario.seed)
    sizeSeed = random.next()
    // Linux 2.4 writes what is dirty at the LRU's end itself.
    writeback = Writeback(
      nanosecondsPerPage: scheme.watermarks == .linux6 ? parameters.writtenPageNanoseconds : 0,
      folioOrder: scenario.volumes.blockOrder)
    let spans = plan.zones.map { ZoneLayout.pagesNeeded($0, maximumOrder: scheme.maximumOrder) }
    buddy = BuddyAllocator(
      zonePages: spans, maximumOrder: scheme.maximumOrder, typeCount: scheme.groupsByMobility ? 3 : 1)
    precondition(plan.zones.count <= Self.zoneLimit && buddy.pageCount <= PageRecord.ownerLimit)

    let zones = plan.zones.count
    lru = .allocate(capacity: zones)
    lru.initialize(repeating: LRU(), count: zones)
    zoneList = .allocate(capacity: 2 * Self.zoneLimit)
    minLimit = .allocate(capacity: 2 * Self.zoneLimit)
    lowLimit = .allocate(capacity: 2 * Self.zoneLimit)
    highLimit = .allocate(capacity: 2 * Self.zoneLimit)
    for pointer in [zoneList, minLimit, lowLimit, highLimit] {
      pointer.initialize(repeating: 0, count: 2 * Self.zoneLimit)
    }
    zoneListCount = (plan.lists.fragmenting.count, plan.lists.general.count)
    for (index, list) in [plan.lists.fragmenting, plan.lists.general].enumerated() {
      for (place, zone) in list.enumerated() { zoneList[index * Self.zoneLimit + place] = zone }
    }

    isInodeResident = scenario.inodeResident
    let hasWorkload = scenario.pattern == nil
    fileCount = hasWorkload ? Int(scenario.files) : 0
    workingSetCount = hasWorkload && scenario.files > 0 ? parameters.workingSetPages : 0
    fileHead = .allocate(capacity: max(fileCount + workingSetCount, 1))
    fileHead.initialize(repeating: PageRecord.none, count: fileCount + workingSetCount)
    let words = (fileCount + 63) / 64
    inodeBits = .allocate(capacity: max(words, 1))
    inodeBits.initialize(repeating: 0, count: words)
    slabOrder = scheme.objectUnit == .largeBlock ? parameters.unitOrder : 0
    inodesPerSlabHundredths = parameters.inodesPerPageHundredths << slabOrder
    slabCount = fileCount * 100 / inodesPerSlabHundredths + 1
    slabPage = .allocate(capacity: slabCount)
    slabPage.initialize(repeating: PageRecord.none, count: slabCount)

    pageBlockCount = scheme.groupsByMobility ? (buddy.pageCount + Self.pageBlockPages - 1) / Self.pageBlockPages : 0
    pageBlockType = .allocate(capacity: max(pageBlockCount, 1))
    pageBlockType.initialize(repeating: UInt8(Mobility.movable.rawValue), count: pageBlockCount)
    freeBitWords = scheme.mergesAnyNeighbours ? buddy.pageCount / 64 + 1 : 0
    freeBits = .allocate(capacity: max(freeBitWords, 1))
    freeBits.initialize(repeating: 0, count: freeBitWords)

    for zone in 0..<zones {
      setLimits(zone, (plan.zones[zone].minPages, plan.zones[zone].lowPages, plan.zones[zone].highPages))
      ZoneLayout.fill(&self, zone)
    }
    // A workload of minutes uses up what an injection of seconds does not reach.
    if hasWorkload {
      returnPages()
      drainKeptPages()
    }
    if scheme.fallback == .reserve { takeReserve() }
  }

  deinit {
    lru.deallocate()
    for pointer in [zoneList, minLimit, lowLimit, highLimit] { pointer.deallocate() }
    fileHead.deallocate()
    inodeBits.deallocate()
    slabPage.deallocate()
    pageBlockType.deallocate()
    freeBits.deallocate()
  }

  /// Bytes of the simulation's own memory, all tables together.
  var footprintBytes: Int {
    buddy.pageCount * MemoryLayout<PageRecord>.stride + (fileCount + workingSetCount) * 4 + (fileCount + 63) / 64 * 8
      + slabCount * 4
      + pageBlockCount + freeBitWords * 8
  }

  /// Pages of a page block: 2 MB on x86-64, the size of a huge page.
  static let pageBlockPages = 512

  @inline(__always)
  mutating func pass(_ nanoseconds: Int) { clockNanoseconds += UInt64(nanoseconds) }

  /// Watermarks and, in a zone that is another's fallback, the reserve on top of them.
  private func setLimits(_ zone: Int, _ marks: (min: Int, low: Int, high: Int)) {
    for (index, list) in [plan.lists.fragmenting, plan.lists.general].enumerated() {
      guard let place = list.firstIndex(of: zone) else { continue }
      let reserve = place == 0 ? 0 : plan.zones[zone].fallbackReservePages
      minLimit[index * Self.zoneLimit + zone] = marks.min + reserve
      lowLimit[index * Self.zoneLimit + zone] = marks.low + reserve
      highLimit[index * Self.zoneLimit + zone] = marks.high + reserve
    }
  }

  /// New settings of Linux 6, shared out by the zones' sizes; of no meaning to the schemes of 2005.
  /// - Returns: one for each zone.
  func setWatermarks(_ parameters: ModelParameters) -> [(min: Int, low: Int, high: Int)] {
    guard scheme.watermarks == .linux6 else { return [] }
    let all = plan.zones.reduce(0) { $0 + $1.managedPages }
    let marks = plan.zones.map {
      MachinePlan.watermarks(parameters, scheme, zonePages: $0.managedPages, allPages: all)
    }
    for (zone, marks) in marks.enumerated() { setLimits(zone, marks) }
    return marks
  }

  /// Once: some of what the processors kept to themselves is free for all.
  mutating func returnPages() {
    guard !isReturned else { return }
    isReturned = true
    for zone in plan.zones.indices where plan.zones[zone].returnedPages > 0 {
      ZoneLayout.drain(&self, zone, kept: false)
    }
  }

  /// Once: the rest of it.
  mutating func drainKeptPages() {
    guard !isDrained else { return }
    isDrained = true
    for zone in plan.zones.indices where plan.zones[zone].keptPages > 0 { ZoneLayout.drain(&self, zone, kept: true) }
  }

  private mutating func takeReserve() {
    while reserveBlocks.count << BuddyAllocator.largeOrder < parameters.reservePages,
      let page = allocate(order: BuddyAllocator.largeOrder, kind: .reserve, memoryClass: .general, mobility: .unmovable)
    {
      reserveBlocks.append(UInt32(page))
    }
  }
}
