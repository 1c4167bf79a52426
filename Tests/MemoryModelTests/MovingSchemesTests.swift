import Experiment
@testable import MemoryModel
import Testing

/// The schemes that choose which pages go, or move them: garbage collection, Navarro's reclaim, Linux 6.
@Suite struct MovingSchemesTests {
  /// What each file has, the inodes and the pinned pages: what no copying may change.
  private struct Content: Equatable {
    let pagesOfFiles: [Int]
    let snapshotPages: Int
    let inodes: Int

    init(_ machine: borrowing Machine) {
      pagesOfFiles = (0..<machine.fileCount).map { machine.pages(ofFile: $0).count }
      snapshotPages = machine.pages(.snapshot).count
      inodes = (0..<machine.fileCount).count { machine.isPresent($0) }
    }
  }

  /// Groups 0 to 125 full, all but those of `whole` with a pinned page first; 8 of the last 32 pages are free.
  private static func filled(_ scheme: Scheme, whole: Set<Int> = []) -> Machine {
    var machine = Small.empty(scheme) { ($0.minFreeKilobytes, $0.watermarkScaleFactor) = (16, 1) }
    must(machine.fillGroups(127) { whole.contains($0) })
    for _ in 0..<8 { must(machine.injectPinned()) }
    return machine
  }

  // MARK: garbage-collection

  @Test func garbageCollectionEmptiesTheEmptiestGroup() throws {
    var machine = Self.filled(.garbageCollection)
    let group = try #require(machine.pages(ofFile: 40).min()) / 16 * 16
    for page in machine.pages(ofFile: 40).prefix(12) { machine.evict(page, zone: 0) }
    let other = machine.pages(ofFile: 90)
    for page in other.prefix(6) { machine.evict(page, zone: 0) }
    let before = Content(machine)
    must(machine.allocateForMount(4) == .allocated)
    // A pinned page and three of the file.
    #expect(machine.pages(.mount) == [group] && machine.counters.copiedPages == 4)
    #expect(Content(machine) == before)
    #expect(machine.counters.directFreedPages == 0 && machine.counters.kswapdFreedPages == 0)
    // All 160 groups were looked at, the DMA zone's among them.
    #expect(machine.clockNanoseconds == UInt64(4 * 5_000 + 160 * 100))
    try machine.checkInvariants()
  }

  @Test func garbageCollectionKeepsEveryLink() throws {
    var machine = Small.machine(.garbageCollection)
    for file in 0..<400 {
      must(machine.operate(onFile: file))
      must(machine.pinSnapshotPage())
    }
    while machine.counters.copiedPages == 0 { must(machine.allocateForMount(4) == .allocated) }
    var blocks = 0
    for _ in 0..<12 {
      while machine.freePageCount < 200 { must(machine.directReclaim(.general) > 0) }
      let before = Content(machine)
      let taken = machine.allocateForMount(4) == .allocated
      blocks += taken ? 1 : 0
      #expect(Content(machine) == before)
      try machine.checkInvariants()
      #expect((0..<400).allSatisfy { machine.pages(ofFile: $0).allSatisfy { machine.buddy.pages[$0].kind == .data } })
    }
    #expect(blocks == 12 && machine.counters.copiedPages > 0)
  }

  /// The LRU's order is that of use, whatever was copied.
  @Test func aCopiedPageKeepsItsPlaceInTheLRU() throws {
    var machine = Self.filled(.garbageCollection)
    for page in machine.pages(ofFile: 40).prefix(12) { machine.evict(page, zone: 0) }
    func owners(_ machine: borrowing Machine) -> [UInt32] {
      var owners: [UInt32] = []
      var page = machine.lru[0].head
      while page != PageRecord.none {
        owners.append(machine.buddy.pages[Int(page)].owner)
        page = machine.buddy.pages[Int(page)].next
      }
      return owners
    }
    let before = owners(machine)
    must(machine.allocateForMount(4) == .allocated)
    #expect(machine.counters.copiedPages == 4 && owners(machine) == before)
  }

  /// Behind the end of a zone that is no multiple of the largest block are no pages.
  @Test func garbageCollectionStaysOffWhatIsNoPage() throws {
    let parameters = Small.parameters { $0.collectWindowGroups = 1 }
    var plan = Small.plan(.garbageCollection, parameters)
    plan.zones[0].managedPages -= 256
    plan.zones[0].freePages -= 256
    var machine = Machine(scheme: .garbageCollection, parameters: parameters, plan: plan, scenario: Small.scenario())
    Self.scatter(&machine)
    machine.collectCursor = 1_792 / 16
    must(machine.allocateForMount(4) == .unavailable)
    try machine.checkInvariants()
  }

  /// The second 64 kB of a block of 128 kB begin no block, and belong to a mount.
  @Test func garbageCollectionStaysOffTheMiddleOfABlock() throws {
    var machine = Small.machine(.garbageCollection) { $0.collectWindowGroups = 1 }
    must(machine.allocateForMount(5) == .allocated)
    let block = try #require(machine.pages(.mount).first)
    Self.scatter(&machine)
    machine.collectCursor = block / 16 + 1
    must(machine.allocateForMount(4) == .unavailable)
    try machine.checkInvariants()
  }

  /// Full, but for single pages: enough to copy a group to.
  private static func scatter(_ machine: inout Machine) {
    while machine.injectPinned() {}
    for page in machine.pages(.snapshot).prefix(400) where page % 8 == 0 { machine.freeSnapshotPage(page) }
    while machine.allocateFromFreeLists(
      4, PageRecord.tag(.kernel, order: 4), .general, .unmovable, above: machine.minLimit) != nil
    {}
  }

  // MARK: navarro

  @Test func navarroEvictsOnlyTheChosenGroup() throws {
    var machine = Self.filled(.navarro, whole: [20, 50, 80])
    let chosen = try #require(machine.pages(ofFile: 50).min())
    for page in machine.pages(ofFile: 50).prefix(10) { machine.evict(page, zone: 0) }
    // Its pages are the last that the LRU would give.
    must(machine.access(file: 50, pages: 6))
    let before = (0..<127).map { machine.pages(ofFile: $0) }
    must(machine.allocateForMount(4) == .allocated)
    #expect(machine.pages(.mount) == [chosen])
    #expect(machine.counters.directFreedPages == 6 && machine.counters.kswapdFreedPages == 0)
    #expect(machine.counters.directReclaims == 0)
    for file in 0..<127 { #expect(machine.pages(ofFile: file) == (file == 50 ? [] : before[file])) }
    try machine.checkInvariants()
  }

  @Test func navarroCannotReclaimWhatIsPinned() throws {
    var machine = Self.filled(.navarro)
    let pinned = machine.pages(.snapshot)
    must(machine.allocateForMount(4) == .unavailable)
    #expect(machine.dataPages == 0 && machine.pages(.snapshot) == pinned)
    try machine.checkInvariants()
  }

  // MARK: linux-6

  private static func pageBlocks(_ machine: borrowing Machine, _ kind: PageKind) -> Set<Int> {
    Set(machine.pages(kind).map { $0 / Machine.pageBlockPages })
  }

  @Test func linux6SeparatesByMobility() throws {
    var machine = Small.machine(.linux6, files: 900) { ($0.zonePages, $0.bootFreePages) = (8_192, 8_192 - 64 + 32) }
    // 900 files, 180 pinned pages, and far from all of memory.
    for file in 0..<900 {
      must(machine.operate(onFile: file))
      if file % 5 == 0 { must(machine.pinSnapshotPage()) }
    }
    let data = Self.pageBlocks(machine, .data)
    let inodes = Self.pageBlocks(machine, .inode)
    let snapshots = Self.pageBlocks(machine, .snapshot)
    #expect(!data.isEmpty && !inodes.isEmpty && !snapshots.isEmpty)
    #expect(data.isDisjoint(with: inodes) && data.isDisjoint(with: snapshots) && inodes.isDisjoint(with: snapshots))
    #expect(snapshots.allSatisfy { machine.pageBlockType[$0] == UInt8(Machine.Mobility.unmovable.rawValue) })
    #expect(inodes.allSatisfy { machine.pageBlockType[$0] == UInt8(Machine.Mobility.reclaimable.rawValue) })
    // A page block of order 10 each for the inodes and the snapshots.
    #expect(machine.counters.stolenPageBlocks == 2)

    var conventional = Small.machine(.conventional, files: 900) {
      ($0.zonePages, $0.bootFreePages) = (8_192, 8_192 - 64 + 32)
    }
    for file in 0..<900 {
      must(conventional.operate(onFile: file))
      if file % 5 == 0 { must(conventional.pinSnapshotPage()) }
    }
    #expect(!Self.pageBlocks(conventional, .data).isDisjoint(with: Self.pageBlocks(conventional, .snapshot)))
  }

  @Test func linux6CompactsDataAndNothingElse() throws {
    var machine = Self.filled(.linux6, whole: [20, 50, 80])
    for file in 0..<127 {
      for page in machine.pages(ofFile: file).prefix(9) where page % 2 == 0 { machine.evict(page, zone: 0) }
    }
    while machine.allocateFromFreeLists(
      4, PageRecord.tag(.kernel, order: 4), .general, .unmovable, above: machine.minLimit) != nil
    {}
    let before = Content(machine)
    let pinned = machine.pages(.snapshot)
    let data = Set(machine.pages(.data))
    must(machine.allocateForMount(4) == .allocated)
    let taken = try #require(machine.pages(.mount).first)
    let copied = data.intersection(taken..<taken + 16).count
    #expect(machine.counters.copiedPages == UInt64(copied) && copied > 0)
    #expect(machine.counters.compactions == 1 && machine.counters.compactionSuccesses == 1)
    #expect(machine.pages(.snapshot) == pinned && Content(machine) == before)
    #expect(machine.counters.directFreedPages == 0)
    #expect(data.subtracting(taken..<taken + 16).isSubset(of: machine.pages(.data)))
    try machine.checkInvariants()
  }

  /// `compaction_suitable`: twice the block above the low watermark, 5 + 32 pages.
  @Test func linux6KeepsRoomForCompaction() throws {
    var machine = Self.filled(.linux6)
    // Of each two neighbours one was used later, so that no block comes free by itself.
    for page in machine.pages(.data) where page % 2 == 0 { machine.touch(page) }
    let pinned = machine.pages(.snapshot)
    must(machine.allocateForMount(4) == .allocated)
    // From 8 to 40 free pages in batches of 8, with a try before each.
    #expect(machine.counters.directFreedPages == 32 && machine.counters.kswapdFreedPages == 0)
    #expect(machine.counters.compactions == 5 && machine.counters.compactionSuccesses == 1)
    #expect(machine.counters.copiedPages > 0 && machine.pages(.snapshot) == pinned)
    try machine.checkInvariants()
  }
}
