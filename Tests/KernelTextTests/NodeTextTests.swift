@testable import KernelText
import Testing

/// The texts that have a line or a paragraph for each zone.
@Suite struct NodeTextTests {
  private static func buddy(_ kernel: String) throws -> [BuddyInfo.Zone] {
    try BuddyInfo.parse(try Fixture.text(kernel, "buddyinfo")).zones
  }

  @Test func buddyInfoOfOneNode() throws {
    let zones = try Self.buddy("4.19")
    #expect(zones.map(\.name) == ["DMA", "DMA32", "Normal"] && zones.allSatisfy { $0.node == 0 })
    #expect(zones[2].freeBlocks == [4096, 1024, 256, 64, 16, 4, 1, 0, 0, 0, 0])
  }

  @Test func buddyInfoOfTwoNodes() throws {
    let zones = try Self.buddy("5.10")
    #expect(zones.map(\.node) == [0, 0, 1])
    #expect(zones[2].name == "Normal" && zones[2].freeBlocks == [7, 6, 5, 4, 3, 2, 1, 0, 0, 2, 700])
  }

  @Test func buddyInfoAsRecorded() throws {
    let zones = try Self.buddy("6.18")
    #expect(zones.map(\.name) == ["DMA", "DMA32", "Normal"])
    #expect(zones[1].freeBlocks == [274, 281, 287, 292, 278, 254, 240, 207, 187, 158, 571])
    // Zone DMA was not in use: its blocks are what zoneinfo, read a moment later, calls free. 256 + 512 + 3 x 1024.
    let pages = zones[0].freeBlocks.enumerated().reduce(0) { $0 + $1.element << UInt64($1.offset) }
    #expect(pages == 3840)
    #expect(try ZoneInfo.parse(try Fixture.text("6.18", "zoneinfo")).zones[0].freePages == pages)
  }

  @Test(arguments: ["4.19", "5.10", "6.1", "6.18"])
  func freeListsSumToBuddyInfo(kernel: String) throws {
    // The second zone: written so, or quiet while both files were recorded.
    let zones = try Self.buddy(kernel)
    let info = try PageTypeInfo.parse(try Fixture.text(kernel, "pagetypeinfo"))
    let zone = zones[1]
    let lists = info.free.filter { $0.node == zone.node && $0.zone == zone.name }
    for order in zone.freeBlocks.indices {
      #expect(lists.reduce(0) { $0 + $1.freeBlocks[order].blocks } == zone.freeBlocks[order])
    }
  }

  @Test(
    "the protection that counts is the one against Normal, not the last",
    arguments: [("4.19", [3924, 989, 0, 0]), ("6.18", [24_090, 21_071, 0, 0, 0])] as [(String, [UInt64?])])
  func kernelProtection(kernel: String, expected: [UInt64?]) throws {
    // A Movable zone with memory in it raises the reserves against Movable, which the kernel's own allocations do not meet.
    let text = try Fixture.text(kernel, "zoneinfo")
      .replacing("3924, 3924)", with: "3924, 9999)").replacing("24090, 24090, 24090)", with: "24090, 99999, 99999)")
    let info = try ZoneInfo.parse(text)
    #expect(info.zones.map(info.kernelProtectionPages) == expected)
  }

  @Test func kernelProtectionOfANodeWithoutNormalMemory() throws {
    // Two nodes: DMA32 of the first is against Normal as well, which has no memory there; zones without pages have no protections.
    let info = try ZoneInfo.parse(Fixture.text("5.10", "zoneinfo"))
    #expect(info.zones.map(info.kernelProtectionPages) == [1947, 0, nil, nil, nil, nil, nil, 0, nil, nil])
  }

  @Test func pageTypesOfOneNode() throws {
    let info = try PageTypeInfo.parse(try Fixture.text("4.19", "pagetypeinfo"))
    #expect(info.pageBlockOrder == 9 && info.pagesPerBlock == 512)
    #expect(info.free.count == 6 && info.pageBlocks.count == 3)
    #expect(info.free[4].zone == "Normal" && info.free[4].migrateType == "Unmovable")
    #expect(info.free[4].freeBlocks.map(\.blocks) == [96, 24, 6, 4, 1, 0, 0, 0, 0, 0, 0])
    #expect(
      info.pageBlocks[1].counts == ["Unmovable": 40, "Movable": 1460, "Reclaimable": 28, "HighAtomic": 0, "Isolate": 0])
  }

  @Test func pageTypesOfTwoNodes() throws {
    let info = try PageTypeInfo.parse(try Fixture.text("5.10", "pagetypeinfo"))
    #expect(info.free.map(\.node) == [0, 0, 0, 0, 1, 1, 1])
    #expect(info.pageBlocks.map(\.zone) == ["DMA", "DMA32", "Normal"] && info.pageBlocks.map(\.node) == [0, 0, 1])
    #expect(info.pageBlocks[2].counts["Unmovable"] == 120)
  }

  /// Counting on would hold the zone's lock too long; the kernel says only that there are more.
  @Test func aCountThatWasGivenUp() throws {
    let info = try PageTypeInfo.parse(try Fixture.text("6.1", "pagetypeinfo"))
    #expect(info.free[1].freeBlocks[0] == PageTypeInfo.FreeCount(blocks: 100_000, isLowerBound: true))
    #expect(info.free[1].freeBlocks[1] == PageTypeInfo.FreeCount(blocks: 1, isLowerBound: false))
    #expect(info.free[2].migrateType == "CMA" && info.pageBlocks[0].counts["CMA"] == 32)
  }

  @Test func pageTypesAsRecorded() throws {
    let info = try PageTypeInfo.parse(try Fixture.text("6.18", "pagetypeinfo"))
    #expect(info.free.count == 15 && info.pageBlocks.count == 3)
    #expect(
      info.pageBlocks[1].counts == ["Unmovable": 210, "Movable": 1317, "Reclaimable": 1, "HighAtomic": 0, "Isolate": 0])
  }

  /// With page_owner=on the kernel goes on with a second table of the same shape. Its numbers are no page blocks of a type.
  @Test func mixedBlocksAreNoPageBlocks() throws {
    let text = try Fixture.text("5.10", "pagetypeinfo")
    let mixed =
      "\nNumber of mixed blocks    Unmovable      Movable  Reclaimable   HighAtomic      Isolate \n"
      + "Node 0, zone      DMA            0            1            0            0            0 \n\n"
    // After each node's own table, as walk_zones_in_node does it.
    let second = try #require(text.ranges(of: "Page block order").last)
    let both = text[..<second.lowerBound] + mixed + text[second.lowerBound...] + mixed
    #expect(try PageTypeInfo.parse(String(both)) == PageTypeInfo.parse(text))
  }

  @Test(arguments: [
    "Node 0, zone      DMA            1            7 \n", "Pages per block:  512\n", "Page block order: 9\n",
    "Page block order: nine\nPages per block:  512\n", "Page block order:\nPages per block:  512\n",
  ])
  func pageTypesWithoutTheirHeading(text: String) {
    #expect(throws: KernelTextError.self) { try PageTypeInfo.parse(text) }
  }

  private static func zones(_ kernel: String) throws -> [ZoneInfo.Zone] {
    try ZoneInfo.parse(try Fixture.text(kernel, "zoneinfo")).zones
  }

  @Test func zonesBeforeTheBoost() throws {
    let zones = try Self.zones("4.19")
    #expect(zones.map(\.name) == ["DMA", "DMA32", "Normal", "Movable"])
    let normal = zones[2]
    #expect(normal.freePages == 8192 && normal.minPages == 4208 && normal.lowPages == 5260 && normal.highPages == 6312)
    #expect(normal.spannedPages == 262_144 && normal.presentPages == 262_144 && normal.managedPages == 253_200)
    #expect(zones.allSatisfy { $0.boostPages == nil })
    #expect(zones[0].protectionPages == [0, 2935, 3924, 3924] && zones[3].protectionPages == [0, 0, 0, 0])
    #expect(zones.map(\.perCPUPages) == [0, 186 + 43, 57, 0])
  }

  @Test func zonesOfTwoNodes() throws {
    let info = try ZoneInfo.parse(try Fixture.text("5.10", "zoneinfo"))
    #expect(info.zones.map(\.node) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    let populated = info.zones.filter { $0.managedPages > 0 }
    #expect(populated.map(\.name) == ["DMA", "DMA32", "Normal"] && populated.map(\.node) == [0, 0, 1])
    #expect(populated[2].highPages == 13_050 && populated[2].boostPages == nil)
    // A zone without pages ends before its protection; it must not take the next one's.
    #expect(info.zones[2].protectionPages.isEmpty && info.zones[6].protectionPages.isEmpty)
    #expect(info.perCPUPages == 100 + 23 + 301 + 12)
  }

  @Test func zonesWithBoost() throws {
    let zones = try Self.zones("6.1")
    #expect(zones.map(\.boostPages) == [2816, 0, 0, 0])
    #expect(zones[0].minPages == 5632 && zones[0].highPages == 11_264)
    #expect(zones.map(\.managedPages) == [990_000, 0, 25_600, 0] && zones.map(\.perCPUPages) == [50, 0, 10, 0])
  }

  @Test func zonesAsRecorded() throws {
    let zones = try Self.zones("6.18")
    #expect(zones.map(\.name) == ["DMA", "DMA32", "Normal", "Movable", "Device"])
    #expect(zones[1].minPages == 2116 && zones[1].lowPages == 2888 && zones[1].highPages == 3660)
    #expect(zones[1].managedPages == 772_915 && zones[1].protectionPages == [0, 0, 21071, 21071, 21071])
    // "high" of the processors' lists, high_min and high_max must not be taken for the zone's.
    #expect(zones[2].highPages == 25_557 && zones[3].highPages == 32)
    #expect(zones[1].perCPUPages == 119 + 87 && zones[2].perCPUPages == 180933 + 87011)
  }

  /// 4.14 to 4.19 had a counter that the list of names hid by an empty name, of which zoneinfo showed the number alone.
  @Test func aCounterWithoutName() throws {
    let text = try Fixture.text("4.19", "zoneinfo")
    let odd = text.replacing("      nr_written   18227\n", with: "      nr_written   18227\n                   40960\n")
    #expect(odd != text)
    #expect(try ZoneInfo.parse(odd) == ZoneInfo.parse(text))
  }

  @Test(
    arguments: [
      ([0, 0, 0], 0, nil), ([], 4, nil),
      // Of 8 + 8 + 16 = 32 pages: the 16 in two blocks of order 3 serve an order-3 request.
      ([8, 4, 0, 2], 3, 0.5), ([8, 4, 0, 2], 0, 0), ([8, 4, 0, 2], 1, 0.25), ([8, 4, 0, 2], 2, 0.5),
      ([8, 4, 0, 2], 4, 1),
      // One page and one block of 4 MiB: 1 of 1,025.
      ([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 4, 1.0 / 1025), ([0, 0, 0, 0, 1], 4, 0),
    ] as [([UInt64], Int, Double?)])
  func unusableShareByHand(blocks: [UInt64], order: Int, expected: Double?) {
    #expect(unusableFreeSpaceIndex(freeBlocks: blocks, order: order) == expected)
  }

  @Test func unusableShareOfAFixture() throws {
    // Zone Normal of 4.19: 4096 + 2048 + 1024 + 512 + 256 + 128 + 64 = 8,128 pages, of which 256 + 128 + 64 = 448 from order 4.
    let zone = try #require(try Self.buddy("4.19").last)
    #expect(unusableFreeSpaceIndex(freeBlocks: zone.freeBlocks, order: 4) == 7680.0 / 8128)
  }
}
