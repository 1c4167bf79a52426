import Experiment
@testable import MemoryModel
import Testing

/// Faults in what the pages hold: the LRU, the files, the inode slabs.
@Suite struct PlantedCacheFaultTests {
  private static func machine() throws -> Machine {
    var machine = Small.machine(.conventional)
    for file in 0..<120 { must(machine.operate(onFile: file)) }
    try machine.checkInvariants()
    return machine
  }

  private static func fileOfSeveralPages(_ machine: borrowing Machine, _ least: Int = 2) throws -> Int {
    try #require((0..<120).first { machine.pages(ofFile: $0).count >= least })
  }

  @Test func aLinkOfTheLRU() throws {
    let machine = try Self.machine()
    machine.buddy.pages[Int(machine.lru[0].head)].next = PageRecord.none
    expectViolation("pages in the LRU, counted", in: machine)
  }

  @Test func aLinkBackOfTheLRU() throws {
    let machine = try Self.machine()
    let second = machine.buddy.pages[Int(machine.lru[0].head)].next
    machine.buddy.pages[Int(second)].previous = second
    expectViolation("page \(second) is in the LRU of zone 0 and does not belong there", in: machine)
  }

  @Test func theEndOfTheLRU() throws {
    let machine = try Self.machine()
    machine.lru[0].tail = machine.lru[0].head
    expectViolation("pages in the LRU, counted", in: machine)
  }

  @Test func theCountOfTheLRU() throws {
    let machine = try Self.machine()
    machine.lru[0].count -= 1
    expectViolation("pages in the LRU, counted", in: machine)
  }

  @Test func theCountOfTheServicesPages() throws {
    var machine = try Self.machine()
    must(machine.cacheFolio(4))
    try machine.checkInvariants()
    machine.filePages -= 16
    expectViolation("file pages, counted", in: machine)
    machine.filePages += 16
    machine.objectPages += 1
    expectViolation("object pages, counted", in: machine)
  }

  @Test func aFolioThatIsInNoLRU() throws {
    var machine = try Self.machine()
    must(machine.cacheFolio(4))
    let page = try #require(machine.pages(.file).first)
    machine.remove(page, zone: 0)
    machine.lru[0].count -= 15
    expectViolation("of services' files", in: machine)
  }

  @Test func aFolioThatCountsAsOnePage() throws {
    var machine = try Self.machine()
    must(machine.cacheFolio(4))
    machine.lru[0].count -= 15
    expectViolation("pages in the LRU, counted", in: machine)
  }

  @Test func aFreePageInTheLRU() throws {
    var machine = try Self.machine()
    let page = Int(machine.lru[0].head)
    machine.evict(page, zone: 0)
    machine.insert(page, zone: 0)
    #expect(throws: InvariantViolation.self) { try machine.checkInvariants() }
  }

  @Test func aPageInTheLRUOfAnotherZone() throws {
    let machine = try Self.machine()
    let page = Int(machine.lru[0].tail)
    machine.remove(page, zone: 0)
    machine.insert(page, zone: 1)
    expectViolation("page \(page) is in the LRU of zone 1 and does not belong there", in: machine)
  }

  @Test func aDataPageInNoLRU() throws {
    let machine = try Self.machine()
    machine.remove(Int(machine.lru[0].tail), zone: 0)
    #expect(throws: InvariantViolation.self) { try machine.checkInvariants() }
  }

  @Test func aPageOfAnotherFile() throws {
    let machine = try Self.machine()
    let page = machine.fileHead[3]
    machine.fileHead[3] = machine.fileHead[4]
    expectViolation("page \(machine.fileHead[4]) is not of file 3", in: machine)
    machine.fileHead[3] = page
    try machine.checkInvariants()
  }

  @Test func aCircleOfPages() throws {
    let machine = try Self.machine()
    let file = try Self.fileOfSeveralPages(machine)
    machine.buddy.pages[try #require(machine.pages(ofFile: file).last)].sibling = machine.fileHead[file]
    expectViolation("the pages of file \(file) run in a circle", in: machine)
  }

  @Test func aPageThatItsFileDoesNotKnow() throws {
    let machine = try Self.machine()
    let file = try Self.fileOfSeveralPages(machine)
    machine.fileHead[file] = machine.buddy.pages[Int(machine.fileHead[file])].sibling
    #expect(throws: InvariantViolation.self) { try machine.checkInvariants() }
  }

  @Test func aFilePageThatIsFree() throws {
    var machine = try Self.machine()
    let file = try Self.fileOfSeveralPages(machine)
    let head = machine.fileHead[file]
    machine.evict(Int(head), zone: 0)
    machine.fileHead[file] = head
    expectViolation("page \(head) is not of file \(file)", in: machine)
  }

  @Test func anInodeInNoSlab() throws {
    let machine = try Self.machine()
    machine.inodeBits[0] &= ~(1 << 9)
    expectViolation("inodes in slabs", in: machine)
  }

  @Test func aSlabThatIsAnothers() throws {
    let machine = try Self.machine()
    machine.slabPage[2] = machine.slabPage[3]
    expectViolation("page \(machine.slabPage[3]) is not slab 2", in: machine)
  }

  @Test func aSlabWithoutAPage() throws {
    let machine = try Self.machine()
    machine.slabPage[2] = PageRecord.none
    expectViolation("inodes in slabs", in: machine)
  }

  @Test func anEmptySlab() throws {
    let machine = try Self.machine()
    let page = Int(machine.slabPage[1])
    for inode in 6..<12 { machine.inodeBits[0] &= ~(1 << UInt64(inode)) }
    machine.buddy.pages[page].sibling = 0
    expectViolation("slab 1 is kept without an inode in it", in: machine)
  }
}
