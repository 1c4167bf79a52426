import Experiment
@testable import MemoryModel
import Testing

/// Each fault that is planted in a sound machine is found.
@Suite struct PlantedFaultTests {
  /// With some of everything in it.
  private static func machine(_ scheme: Scheme = .conventional) throws -> Machine {
    var machine = Small.machine(scheme)
    for file in 0..<120 { must(machine.operate(onFile: file)) }
    for _ in 0..<20 { must(machine.pinSnapshotPage()) }
    for page in 0..<4 { must(machine.touchWorkingSet(page)) }
    must(machine.allocateForMount(4) == .allocated)
    machine.dropInode(7)
    try machine.checkInvariants()
    return machine
  }

  /// A free block whose list has others, by zone 0's largest such order.
  private static func freeBlock(_ machine: borrowing Machine, type: Int = 0) throws -> (page: Int, order: Int) {
    let order = try #require(
      (0..<machine.buddy.maximumOrder).last { machine.buddy.freeBlocks(zone: 0, type: type, order: $0) > 0 })
    return (Int(machine.buddy.firstFree(zone: 0, type: type, order: order)), order)
  }

  @Test func aCountOfFreePages() throws {
    let machine = try Self.machine()
    machine.buddy.freePages[0] += 1
    expectViolation("zone 0:", in: machine)
  }

  @Test(arguments: ["data", "inode", "snapshot", "transient", "mount"])
  func aCountOfAKind(kind: String) throws {
    var machine = try Self.machine()
    switch kind {
    case "data": machine.dataPages += 1
    case "inode": machine.inodePages -= 1
    case "snapshot": machine.snapshotPages += 1
    case "transient": machine.transientPages += 1
    default: machine.mountPages -= 16
    }
    expectViolation("\(kind) pages, counted", in: machine)
  }

  @Test func aTag() throws {
    let machine = try Self.machine()
    let page = try #require(machine.pages(.snapshot).first)
    machine.buddy.pages[page].tag = PageRecord.tag(.data)
    expectViolation("pages, counted", in: machine)
  }

  @Test func aPageInNoBlock() throws {
    let machine = try Self.machine()
    let page = try #require(machine.pages(.snapshot).last)
    machine.buddy.pages[page].tag = PageRecord.tag(.inside)
    expectViolation("page \(page) is in no block", in: machine)
  }

  @Test func aPageInTwoBlocks() throws {
    let machine = try Self.machine()
    let mount = try #require(machine.pages(.mount).first)
    machine.buddy.pages[mount + 5].tag = PageRecord.tag(.snapshot)
    expectViolation("page \(mount + 5) is snapshot inside the block at \(mount)", in: machine)
  }

  @Test func anOrder() throws {
    let machine = try Self.machine()
    let block = try Self.freeBlock(machine)
    machine.buddy.pages[block.page].tag = PageRecord.tag(.free, order: block.order + 1)
    #expect(throws: InvariantViolation.self) { try machine.checkInvariants() }
  }

  @Test func aBlockThatIsNotAligned() throws {
    let machine = try Self.machine()
    let mount = try #require(machine.pages(.mount).first)
    // One page on, with a page of its own before it.
    machine.buddy.pages[mount].tag = PageRecord.tag(.mount)
    for page in mount + 1..<mount + 16 { machine.buddy.pages[page].tag = PageRecord.tag(.inside) }
    machine.buddy.pages[mount + 1].tag = PageRecord.tag(.mount, order: 3)
    for page in mount + 9..<mount + 16 { machine.buddy.pages[page].tag = PageRecord.tag(.mount) }
    expectViolation("the block at \(mount + 1) of order 3 is not aligned", in: machine)
  }

  @Test func aBlockThatLeavesItsZone() throws {
    let machine = try Self.machine()
    let last = machine.buddy.spans[1].end - 1
    machine.buddy.pages[last].tag = PageRecord.tag(.kernel, order: 1)
    #expect(throws: InvariantViolation.self) { try machine.checkInvariants() }
  }

  @Test func buddiesThatAreNotMerged() throws {
    var machine = try Self.machine()
    let block = try Self.freeBlock(machine)
    machine.buddy.claim(block.page, zone: 0, tag: PageRecord.tag(.inside))
    let half = block.page + 1 << (block.order - 1)
    machine.buddy.seed(block.page, order: block.order - 1, zone: 0, type: 0)
    machine.buddy.seed(half, order: block.order - 1, zone: 0, type: 0)
    expectViolation(
      "the free buddies at \(block.page) and \(half) of order \(block.order - 1) are not merged", in: machine)
  }

  @Test(arguments: [true, false])
  func aLinkOfAFreeList(forward: Bool) throws {
    var machine = try Self.machine()
    // Two free single pages in one list.
    let pages = machine.pages(.snapshot)
    try #require(pages.count > 8)
    for page in [pages[1], pages[7]] { machine.freeSnapshotPage(page) }
    let order = machine.buddy.pages[pages[7]].order
    let head = Int(machine.buddy.firstFree(zone: 0, type: 0, order: order))
    try #require(machine.buddy.freeBlocks(zone: 0, type: 0, order: order) > 1)
    try machine.checkInvariants()
    if forward {
      machine.buddy.pages[head].next = PageRecord.none
    } else {
      machine.buddy.pages[head].previous = UInt32(pages[0])
    }
    #expect(throws: InvariantViolation.self) { try machine.checkInvariants() }
  }

  @Test func aBlockInTheListOfAnotherZone() throws {
    let machine = try Self.machine()
    let block = try Self.freeBlock(machine)
    machine.buddy.move(block.page, zone: 1, to: 0)
    #expect(throws: InvariantViolation.self) { try machine.checkInvariants() }
  }

  @Test func aBlockOfAnotherType() throws {
    let machine = try Self.machine(.linux6)
    let block = try Self.freeBlock(machine, type: 1)
    machine.buddy.pages[block.page].tag = PageRecord.tag(.free, order: block.order, owner: 2)
    expectViolation("does not belong there", in: machine)
  }

  @Test func aFreeBlockInNoList() throws {
    var machine = try Self.machine()
    let block = try Self.freeBlock(machine)
    machine.buddy.claim(block.page, zone: 0, tag: PageRecord.tag(.free, order: block.order))
    machine.buddy.freePages[0] += 1 << block.order
    #expect(throws: InvariantViolation.self) { try machine.checkInvariants() }
  }

  @Test func theMapOfFreePages() throws {
    let machine = try Self.machine(.lkmalloc)
    let page = try #require(machine.pages(.snapshot).first)
    machine.freeBits[page >> 6] ^= 1 << UInt64(page & 63)
    expectViolation("page \(page) is snapshot, its bit says otherwise", in: machine)
  }

  @Test func theMapOfPagesInUse() throws {
    let machine = try Self.machine(.lkmalloc)
    let page = try Self.freeBlock(machine).page
    machine.freeBits[page >> 6] ^= 1 << UInt64(page & 63)
    expectViolation("page \(page) is free, its bit says otherwise", in: machine)
  }

  @Test func aMachineWithoutFaults() throws {
    for scheme in Scheme.all { try Self.machine(scheme).checkInvariants() }
  }
}
