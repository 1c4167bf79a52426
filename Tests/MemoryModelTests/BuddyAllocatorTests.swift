@testable import MemoryModel
import Testing

@Suite struct BuddyAllocatorTests {
  private static let tag = PageRecord.tag(.kernel)

  private static func orders(_ buddy: borrowing BuddyAllocator, zone: Int = 0) -> [Int] {
    (0...buddy.maximumOrder).map { buddy.freeBlocks(zone: zone, type: 0, order: $0) }
  }

  /// 32 pages in two blocks; the one at 16 was put in last.
  private static func two() -> BuddyAllocator {
    let buddy = BuddyAllocator(zonePages: [32], maximumOrder: 4, typeCount: 1)
    buddy.seed(0, order: 4, zone: 0, type: 0)
    buddy.seed(16, order: 4, zone: 0, type: 0)
    return buddy
  }

  private static func allocate(_ buddy: inout BuddyAllocator, _ order: Int) -> Int? {
    buddy.allocate(zone: 0, type: 0, order: order, tag: PageRecord.tag(.kernel, order: order))
  }

  @Test func splitsTheLastBlockPutInFromBelow() {
    var buddy = Self.two()
    #expect(Self.allocate(&buddy, 0) == 16)
    #expect(Self.orders(buddy) == [1, 1, 1, 1, 1])
    #expect(buddy.firstFree(zone: 0, type: 0, order: 0) == 17)
    #expect(buddy.firstFree(zone: 0, type: 0, order: 1) == 18)
    #expect(buddy.firstFree(zone: 0, type: 0, order: 2) == 20)
    #expect(buddy.firstFree(zone: 0, type: 0, order: 3) == 24)
    #expect(buddy.firstFree(zone: 0, type: 0, order: 4) == 0)
    #expect(buddy.freePages[0] == 31)
    #expect(buddy.operations == 1)
  }

  @Test func allocatesTheSmallestSufficientBlock() {
    var buddy = Self.two()
    // 16, and what is left of its block: 17, 18, 20, 24.
    #expect(Self.allocate(&buddy, 0) == 16)
    #expect(Self.allocate(&buddy, 2) == 20)
    #expect(Self.allocate(&buddy, 1) == 18)
    #expect(Self.allocate(&buddy, 1) == 24)
    #expect(Self.orders(buddy) == [1, 1, 1, 0, 1])
    #expect(Self.allocate(&buddy, 3) == 0)
    #expect(Self.orders(buddy) == [1, 1, 1, 1, 0])
    #expect(Self.allocate(&buddy, 4) == nil)
    #expect(buddy.largestOrder(zone: 0, type: 0) == 3)
    #expect(buddy.hasBlock(zone: 0, type: 0, order: 3) && !buddy.hasBlock(zone: 0, type: 0, order: 4))
    #expect(buddy.operations == 5)
  }

  @Test func lastInFirstOut() {
    var buddy = Self.two()
    for _ in 0..<32 { _ = Self.allocate(&buddy, 0) }
    #expect(Self.allocate(&buddy, 0) == nil)
    #expect(buddy.largestOrder(zone: 0, type: 0) == nil)
    // No two of them are buddies.
    for page in [4, 0, 9, 31] { buddy.free(page, order: 0, zone: 0, type: 0) }
    #expect((0..<5).map { _ in Self.allocate(&buddy, 0) } == [31, 9, 0, 4, nil])
  }

  @Test func aBlockInTheMiddleOfItsListLeavesIt() {
    var buddy = Self.two()
    for _ in 0..<32 { _ = Self.allocate(&buddy, 0) }
    for page in [4, 8, 12] { buddy.free(page, order: 0, zone: 0, type: 0) }
    // 9 merges with 8, which lies between 12 and 4.
    buddy.free(9, order: 0, zone: 0, type: 0)
    #expect(Self.orders(buddy) == [2, 1, 0, 0, 0])
    #expect((0..<3).map { _ in Self.allocate(&buddy, 0) } == [12, 4, 8])
    buddy.free(4, order: 0, zone: 0, type: 0)
    buddy.free(12, order: 0, zone: 0, type: 0)
    // 8 merges with 9, the last of the list.
    buddy.free(8, order: 0, zone: 0, type: 0)
    #expect((0..<2).map { _ in Self.allocate(&buddy, 0) } == [12, 4])
    #expect(Self.allocate(&buddy, 1) == 8)
    #expect(Self.allocate(&buddy, 0) == nil)
  }

  @Test func mergesOnlyWithItsBuddy() {
    var buddy = Self.two()
    for _ in 0..<32 { _ = Self.allocate(&buddy, 0) }
    // 1 and 2 are neighbours and no buddies, nor are 4 and 6..7.
    for page in [1, 2] { buddy.free(page, order: 0, zone: 0, type: 0) }
    #expect(Self.orders(buddy) == [2, 0, 0, 0, 0])
    buddy.free(3, order: 0, zone: 0, type: 0)
    #expect(Self.orders(buddy) == [1, 1, 0, 0, 0])
    buddy.free(0, order: 0, zone: 0, type: 0)
    #expect(Self.orders(buddy) == [0, 0, 1, 0, 0])
    #expect(buddy.pages[0].order == 2 && buddy.pages[2].kind == .inside)
    buddy.free(6, order: 1, zone: 0, type: 0)
    buddy.free(4, order: 0, zone: 0, type: 0)
    #expect(Self.orders(buddy) == [1, 1, 1, 0, 0])
    buddy.free(5, order: 0, zone: 0, type: 0)
    #expect(Self.orders(buddy) == [0, 0, 0, 1, 0])
    #expect(buddy.freePages[0] == 8)
  }

  @Test func noBlockGrowsBeyondTheLargestOrder() {
    var buddy = Self.two()
    #expect(Self.allocate(&buddy, 4) == 16)
    buddy.free(16, order: 4, zone: 0, type: 0)
    #expect(Self.orders(buddy) == [0, 0, 0, 0, 2])
  }

  @Test func promotionCountsThePagesThatComeOverTheLine() {
    var buddy = BuddyAllocator(zonePages: [64], maximumOrder: 6, typeCount: 1)
    buddy.seed(0, order: 6, zone: 0, type: 0)
    for _ in 0..<64 { _ = Self.allocate(&buddy, 0) }
    #expect(buddy.promotedPages == 0 && buddy.smallFreedPages == 0)
    for page in 0..<15 { buddy.free(page, order: 0, zone: 0, type: 0) }
    #expect(buddy.promotedPages == 0 && buddy.smallFreedPages == 15)
    buddy.free(15, order: 0, zone: 0, type: 0)
    #expect(buddy.promotedPages == 16 && buddy.smallFreedPages == 16)
    // 16 to 31 come back whole: no small block, and no promotion though they merge.
    buddy.free(16, order: 4, zone: 0, type: 0)
    #expect(Self.orders(buddy) == [0, 0, 0, 0, 0, 1, 0])
    #expect(buddy.promotedPages == 16 && buddy.smallFreedPages == 16)
    buddy.free(32, order: 3, zone: 0, type: 0)
    buddy.free(48, order: 4, zone: 0, type: 0)
    // The last 8 make 16, which make 32, which make 64: 16 pages are new in large blocks.
    buddy.free(40, order: 3, zone: 0, type: 0)
    #expect(Self.orders(buddy) == [0, 0, 0, 0, 0, 0, 1])
    #expect(buddy.promotedPages == 32 && buddy.smallFreedPages == 32)
    #expect(buddy.operations == 64 + 16 + 4)
  }

  @Test func aZoneThatEndsInTheMiddleOfABlock() {
    var buddy = BuddyAllocator(zonePages: [21, 40, 3], maximumOrder: 4, typeCount: 1)
    #expect((0..<3).map { buddy.spans[$0].base } == [0, 32, 80])
    #expect((0..<3).map { buddy.spans[$0].end } == [21, 72, 83])
    #expect(buddy.pageCount == 96)
    #expect([0, 20, 31, 32, 71, 79, 80, 95].map { buddy.zone(of: $0) } == [0, 0, 0, 1, 1, 1, 2, 2])
    for page in 0..<21 { buddy.free(page, order: 0, zone: 0, type: 0) }
    #expect(Self.orders(buddy) == [1, 0, 1, 0, 1])
    for page in (32..<72).reversed() { buddy.free(page, order: 0, zone: 1, type: 0) }
    #expect(Self.orders(buddy, zone: 1) == [0, 0, 0, 1, 2])
    for page in 80..<83 { buddy.free(page, order: 0, zone: 2, type: 0) }
    #expect(Self.orders(buddy, zone: 2) == [1, 1, 0, 0, 0])
    #expect((0..<3).map { buddy.freePages[$0] } == [21, 40, 3])
    #expect(buddy.allocate(zone: 2, type: 0, order: 2, tag: Self.tag) == nil)
    #expect(buddy.allocate(zone: 2, type: 0, order: 1, tag: Self.tag) == 80)
  }

  @Test func typesHaveListsOfTheirOwnAndMergeAcross() {
    var buddy = BuddyAllocator(zonePages: [32], maximumOrder: 4, typeCount: 3)
    buddy.seed(0, order: 4, zone: 0, type: 1)
    #expect(buddy.allocate(zone: 0, type: 0, order: 0, tag: Self.tag) == nil)
    #expect(buddy.allocate(zone: 0, type: 1, order: 3, tag: Self.tag) == 0)
    buddy.move(8, zone: 0, to: 2)
    #expect((0..<3).map { buddy.freeBlocks(zone: 0, type: $0, order: 3) } == [0, 0, 1])
    #expect(buddy.freePages[0] == 8)
    buddy.free(0, order: 3, zone: 0, type: 0)
    #expect((0..<3).map { buddy.freeBlocks(zone: 0, type: $0, order: 4) } == [1, 0, 0])
    #expect((0..<3).map { buddy.largestOrder(zone: 0, type: $0) } == [4, nil, nil])
  }

  @Test func claimTakesAFreeBlockWhole() {
    let tag = PageRecord.tag(.reserve, order: 4)
    var buddy = Self.two()
    buddy.claim(0, zone: 0, tag: tag)
    #expect(Self.orders(buddy) == [0, 0, 0, 0, 1] && buddy.firstFree(zone: 0, type: 0, order: 4) == 16)
    #expect(buddy.freePages[0] == 16 && buddy.pages[0].tag == tag)
  }
}
