import Experiment
@testable import MemoryModel
import Testing

/// Random sequences against a plain array of page states and a buddy allocator written for nothing but to be plain.
@Suite struct BuddyShadowTests {
  /// Lists are arrays, the last one put in at the end.
  private struct Shadow {
    let pages: Range<Int>
    let maximumOrder: Int
    var lists: [[[Int]]]
    /// Block that a page in use belongs to; nil is free.
    var holder: [Int?]

    init(pages: Range<Int>, maximumOrder: Int, types: Int) {
      self.pages = pages
      self.maximumOrder = maximumOrder
      lists = Array(repeating: Array(repeating: [], count: maximumOrder + 1), count: types)
      holder = Array(repeating: -1, count: pages.count)
    }

    mutating func allocate(_ type: Int, _ order: Int) -> Int? {
      guard let found = (order...maximumOrder).first(where: { !lists[type][$0].isEmpty }) else { return nil }
      let page = lists[type][found].removeLast()
      for half in (order..<found).reversed() { lists[type][half].append(page + (1 << half)) }
      return page
    }

    mutating func free(_ page: Int, _ order: Int, _ type: Int) {
      let other = page ^ (1 << order)
      for list in lists.indices where order < maximumOrder {
        if let place = lists[list][order].firstIndex(of: other) {
          lists[list][order].remove(at: place)
          return free(min(page, other), order + 1, type)
        }
      }
      lists[type][order].append(page)
    }

    /// Blocks by order when every aligned group of free pages is one block, as large as can be.
    func completeBlocks() -> [Int] {
      var counts = [Int](repeating: 0, count: maximumOrder + 1)
      var page = pages.lowerBound
      while page < pages.upperBound {
        guard holder[page - pages.lowerBound] == nil else {
          page += 1
          continue
        }
        var order = 0
        while order < maximumOrder, page % (2 << order) == 0, page + (2 << order) <= pages.upperBound,
          (page..<page + (2 << order)).allSatisfy({ holder[$0 - pages.lowerBound] == nil })
        { order += 1 }
        counts[order] += 1
        page += 1 << order
      }
      return counts
    }

    var largePages: Int {
      completeBlocks().enumerated().reduce(0) { $1.offset < 4 ? $0 : $0 + $1.element << $1.offset }
    }
  }

  @Test(arguments: [(1, 1), (2, 1), (3, 3), (4, 3)] as [(UInt64, Int)])
  func everyStepAgrees(seed: UInt64, types: Int) throws {
    // Two zones whose ends lie in the middle of a block.
    let sizes = [75, 108]
    var buddy = BuddyAllocator(zonePages: sizes, maximumOrder: 5, typeCount: types)
    var shadows = [
      Shadow(pages: 0..<75, maximumOrder: 5, types: types), Shadow(pages: 96..<204, maximumOrder: 5, types: types),
    ]
    var random = RandomGenerator(seed: seed)
    for zone in 0..<2 {
      for page in shadows[zone].pages {
        shadows[zone].free(page, 0, 0)
        shadows[zone].holder[page - shadows[zone].pages.lowerBound] = nil
        buddy.free(page, order: 0, zone: zone, type: 0)
      }
    }
    var held: [(page: Int, order: Int, zone: Int)] = []
    for step in 0..<1_500 {
      let zone = Int(random.below(2))
      let type = Int(random.below(UInt64(types)))
      let base = shadows[zone].pages.lowerBound
      // In turns more is taken and more is given back.
      if random.below(10) < (step / 150 % 2 == 0 ? 7 : 3) {
        let order = Int(random.below(6))
        let page = buddy.allocate(zone: zone, type: type, order: order, tag: PageRecord.tag(.kernel, order: order))
        #expect(page == shadows[zone].allocate(type, order))
        guard let page else { continue }
        try #require(page % (1 << order) == 0 && page >= base && page + (1 << order) <= shadows[zone].pages.upperBound)
        for inside in page..<page + (1 << order) {
          #expect(shadows[zone].holder[inside - base] == nil, "page \(inside) is in two blocks")
          shadows[zone].holder[inside - base] = page
        }
        held.append((page, order, zone))
      } else if !held.isEmpty {
        let block = held.remove(at: Int(random.below(UInt64(held.count))))
        let first = shadows[block.zone].pages.lowerBound
        let before = (shadows[block.zone].largePages, buddy.promotedPages, buddy.smallFreedPages)
        buddy.free(block.page, order: block.order, zone: block.zone, type: type)
        shadows[block.zone].free(block.page, block.order, type)
        for inside in block.page..<block.page + (1 << block.order) { shadows[block.zone].holder[inside - first] = nil }
        let gained = block.order < 4 ? shadows[block.zone].largePages - before.0 : 0
        #expect(buddy.promotedPages - before.1 == UInt64(gained))
        #expect(buddy.smallFreedPages - before.2 == (block.order < 4 ? 1 << UInt64(block.order) : 0))
      }
      try Self.compare(buddy, shadows, types: types)
    }
  }

  private static func compare(_ buddy: borrowing BuddyAllocator, _ shadows: [Shadow], types: Int) throws {
    for (zone, shadow) in shadows.enumerated() {
      let complete = shadow.completeBlocks()
      try #require(buddy.freePages[zone] == shadow.holder.count { $0 == nil })
      for order in 0...5 {
        var sum = 0
        for type in 0..<types {
          let count = buddy.freeBlocks(zone: zone, type: type, order: order)
          try #require(count == shadow.lists[type][order].count)
          let first = shadow.lists[type][order].last.map(UInt32.init) ?? PageRecord.none
          try #require(buddy.firstFree(zone: zone, type: type, order: order) == first)
          sum += count
        }
        try #require(sum == complete[order], "order \(order) is not merged completely")
      }
      for type in 0..<types {
        try #require(buddy.largestOrder(zone: zone, type: type) == shadow.lists[type].lastIndex { !$0.isEmpty })
      }
    }
  }
}
