import Experiment
@testable import MemoryModel
import Testing

/// What is the scheme's own, each on a machine whose every page was put where it is.
@Suite struct SchemeMechanicsTests {
  // MARK: divided

  @Test func dividedSendsFragmentingObjectsToTheirZone() throws {
    var machine = Small.machine(.divided)
    for file in 0..<300 { must(machine.operate(onFile: file)) }
    for _ in 0..<50 { must(machine.pinSnapshotPage()) }
    must(machine.allocateForMount(2) == .allocated)
    let fragmenting = machine.pages(.inode) + machine.pages(.snapshot)
    #expect(fragmenting.count == 103 && fragmenting.allSatisfy { machine.buddy.zone(of: $0) == 0 })
    let general = machine.pages(.data) + machine.pages(.mount)
    #expect(!general.isEmpty && general.allSatisfy { machine.buddy.zone(of: $0) == 1 })
  }

  @Test func generalRequestsFallBackAboveTheReserve() {
    var machine = Small.machine(.divided, pattern: InjectionPattern(pinnedPages: 1, transientPages: 1))
    var first: Int?
    while let page = machine.injectTransient(.general, .unmovable) {
      if first == nil, machine.buddy.zone(of: Int(page)) == 0 { first = machine.buddy.freePages[1] }
    }
    // The low watermark is 32; the reserve 1/32 of the other zone's 1,024 pages.
    #expect(first == 32)
    #expect(machine.buddy.freePages[0] == 32 + 32 && machine.buddy.freePages[1] == 32)
    // What the zone is for goes on to its own watermark.
    while machine.injectPinned() {}
    #expect(machine.buddy.freePages[0] == 32)
    #expect(machine.buddy.freePages[1] == 32)
  }

  @Test func fragmentingRequestsDoNotFallBack() {
    var machine = Small.machine(.divided)
    while machine.pinSnapshotPage() {}
    #expect(machine.buddy.freePages[0] == 16)
    #expect(machine.pages(.snapshot).allSatisfy { machine.buddy.zone(of: $0) == 0 })
  }

  // MARK: unit-extension

  @Test func unitExtensionTakesUnits() {
    var machine = Small.machine(.unitExtension)
    for _ in 0..<16 { must(machine.pinSnapshotPage()) }
    #expect(machine.snapshotPages == 16)
    must(machine.pinSnapshotPage())
    #expect(machine.snapshotPages == 32)
    #expect(machine.pages(.snapshot).allSatisfy { machine.buddy.pages[$0].order == 4 })
    // 5.65 inodes a page, 90.4 a unit: 0 to 90 are in the first.
    for inode in 0...90 { must(machine.operate(onFile: inode)) }
    #expect(machine.inodePages == 16)
    must(machine.operate(onFile: 91))
    #expect(machine.inodePages == 32)
    #expect(machine.pages(.inode).count == 2)
  }

  @Test func unitExtensionFreesAUnitWithItsLastInode() throws {
    var machine = Small.machine(.unitExtension)
    for inode in 0...90 { must(machine.operate(onFile: inode)) }
    let unit = try #require(machine.pages(.inode).first)
    for inode in 0..<90 { machine.dropInode(inode) }
    #expect(machine.inodePages == 16 && machine.pages(.inode) == [unit])
    let free = machine.freePageCount
    machine.dropInode(90)
    #expect(machine.inodePages == 0 && machine.freePageCount == free + 16)
    #expect(machine.counters.freedInodes == 91)
    try machine.checkInvariants()
  }

  @Test func othersFreeAPageWithItsLastInode() {
    var machine = Small.machine(.conventional)
    for inode in 0..<12 { must(machine.operate(onFile: inode)) }
    #expect(machine.inodePages == 2)
    // 0 to 5 share a page.
    for inode in [0, 1, 2, 4, 5] { machine.dropInode(inode) }
    #expect(machine.inodePages == 2)
    machine.dropInode(3)
    #expect(machine.inodePages == 1)
  }

  // MARK: noncontiguous

  /// Full of snapshot pages but for `holes`.
  private static func full(_ scheme: Scheme, holes: [Int], _ change: (inout ModelParameters) -> Void = { _ in })
    -> Machine
  {
    var machine = Small.empty(scheme, change)
    while machine.pinSnapshotPage() {}
    for page in holes { machine.freeSnapshotPage(page) }
    return machine
  }

  @Test func noncontiguousStopsAtTheRegionsSize() throws {
    // Every other page is free: 250 of them, and none has its buddy.
    var machine = Self.full(.noncontiguous, holes: (0..<250).map { 2 * $0 })
    let free = machine.freePageCount
    for block in 1...4 {
      must(machine.allocateForMount(4) == .allocated)
      #expect(machine.counters.mappedPages == UInt64(16 * block) && machine.freePageCount == free - 16 * block)
    }
    must(machine.allocateForMount(4) == .unavailable)
    #expect(machine.counters.mappedPages == 64 && machine.mountPages == 64)
    // Below 64 kB there is no such way.
    must(machine.allocateForMount(3) == .unavailable)
    #expect(machine.pages(.mount).count == 64)
    try machine.checkInvariants()
  }

  @Test func noncontiguousGivesBackWhatDoesNotSuffice() throws {
    // 2 pages are left below the watermark; 10 above it are too few.
    var machine = Self.full(.noncontiguous, holes: (0..<10).map { 2 * $0 })
    must(machine.allocateForMount(4) == .unavailable)
    #expect(machine.mountPages == 0 && machine.pages(.mount).isEmpty)
    try machine.checkInvariants()
  }

  // MARK: emergency-reserve

  @Test func emergencyReserveUsesItsBlocksAndNoMore() throws {
    var machine = Self.full(.emergencyReserve, holes: [])
    #expect(machine.pages(.reserve).count == 4 && machine.state().idleBytes == 4 * 65_536)
    let reserve = Set(machine.pages(.reserve))
    must(machine.allocateForMount(3) == .unavailable)
    must(machine.allocateForMount(5) == .unavailable)
    #expect(machine.reserveBlocks.count == 4)
    for used in 1...4 {
      must(machine.allocateForMount(4) == .allocated)
      #expect(machine.counters.reserveBlocksUsed == UInt64(used) && machine.reserveBlocks.count == 4 - used)
    }
    must(machine.allocateForMount(4) == .unavailable)
    #expect(Set(machine.pages(.mount)) == reserve && machine.state().idleBytes == 0)
    try machine.checkInvariants()
  }

  @Test func emergencyReserveComesLast() {
    var machine = Self.full(.emergencyReserve, holes: Array(512..<544))
    must(machine.allocateForMount(4) == .allocated)
    #expect(machine.counters.reserveBlocksUsed == 0)
  }

  // MARK: lkmalloc

  @Test func lkmallocFindsARunThatIsNotAligned() throws {
    // 24 to 39 are free: blocks of 8 and 8 that are no buddies.
    var machine = Self.full(.lkmalloc, holes: Array(24..<40))
    #expect(machine.freeBlocks(0)[3] == 2 && machine.freeBlocks(0)[4] == 0)
    must(machine.allocateForMount(4) == .allocated)
    #expect(machine.pages(.mount) == [24] && machine.buddy.pages[24].order == 4)
    try machine.checkInvariants()

    var conventional = Self.full(.conventional, holes: Array(24..<40))
    must(conventional.allocateForMount(4) == .unavailable)
  }

  @Test func lkmallocLeavesTheRestOfTheBlocksFree() throws {
    // 56 to 77, across the end of a word of the map; of it 57 is still in use.
    var machine = Self.full(.lkmalloc, holes: [56] + (58..<78))
    must(machine.allocateForMount(4) == .allocated)
    #expect(machine.pages(.mount) == [58])
    // 72 to 75 were one block, 76 and 77 another.
    #expect((74..<78).allSatisfy { machine.freeBits[$0 >> 6] & 1 << UInt64($0 & 63) != 0 })
    try machine.checkInvariants()
    must(machine.allocateForMount(1) == .allocated)
    #expect(machine.pages(.mount) == [58, 74])
  }

  @Test func lkmallocNeedsTheWholeRun() {
    var machine = Self.full(.lkmalloc, holes: Array(24..<39) + Array(41..<56))
    must(machine.allocateForMount(4) == .unavailable)
  }

  /// A run that is taken frees nothing, and promotes nothing.
  @Test func lkmallocCountsNoFreedPages() {
    var machine = Self.full(.lkmalloc, holes: [56] + (58..<78))
    let before = machine.buddy.smallFreedPages
    must(machine.allocateForMount(4) == .allocated)
    #expect(machine.buddy.smallFreedPages == before)
  }
}
