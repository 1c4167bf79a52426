/// The binary buddy allocator of every zone: free lists per order, last in first out, the smallest sufficient order first
/// (Linux 2.4, mm/page_alloc.c, `rmqueue` and `__free_pages_ok`).
///
/// Pages are numbered through all zones; each zone begins at a multiple of its largest block, so that a block's buddy is one
/// exclusive or away. With grouping by mobility a zone has a set of lists for each type (Linux 6, `struct free_area`).
///
/// Raw pointers, because ten million operations a second leave no time for bounds and uniqueness checks in each; whoever
/// doubts the lists has ``Machine/violation()``.
struct BuddyAllocator: ~Copyable {
  /// Where the pages of one zone lie.
  struct Span {
    let base: Int
    let count: Int
    var end: Int { base + count }
  }

  let pages: UnsafeMutablePointer<PageRecord>
  let pageCount: Int
  let maximumOrder: Int
  let typeCount: Int
  let zoneCount: Int
  let spans: UnsafeMutablePointer<Span>
  let freePages: UnsafeMutablePointer<Int>
  /// First block of each list, and how many it has; ``list(_:_:_:)`` tells which.
  private let heads: UnsafeMutablePointer<UInt32>
  private let counts: UnsafeMutablePointer<Int32>
  /// Which orders have a block, a bit each, for a zone and type.
  private let masks: UnsafeMutablePointer<UInt32>

  /// Blocks taken and given back.
  private(set) var operations: UInt64 = 0
  /// Pages that came into a block of ``largeOrder`` or more because smaller ones merged.
  private(set) var promotedPages: UInt64 = 0
  private(set) var smallFreedPages: UInt64 = 0

  /// 64 kB, the size that the paper draws the line at.
  static let largeOrder = 4
  private static let ordersPerList = 16

  init(zonePages: [Int], maximumOrder: Int, typeCount: Int) {
    precondition(maximumOrder < Self.ordersPerList && maximumOrder >= Self.largeOrder)
    self.maximumOrder = maximumOrder
    self.typeCount = typeCount
    zoneCount = zonePages.count
    spans = .allocate(capacity: zonePages.count)
    freePages = .allocate(capacity: zonePages.count)
    freePages.initialize(repeating: 0, count: zonePages.count)
    var base = 0
    for (zone, count) in zonePages.enumerated() {
      (spans + zone).initialize(to: Span(base: base, count: count))
      let block = 1 << maximumOrder
      base += (count + block - 1) / block * block
    }
    pageCount = base
    pages = .allocate(capacity: max(base, 1))
    let none = PageRecord(next: PageRecord.none, previous: PageRecord.none, sibling: PageRecord.none, tag: 0)
    pages.initialize(repeating: none, count: base)
    let lists = zonePages.count * typeCount * Self.ordersPerList
    heads = .allocate(capacity: lists)
    heads.initialize(repeating: PageRecord.none, count: lists)
    counts = .allocate(capacity: lists)
    counts.initialize(repeating: 0, count: lists)
    masks = .allocate(capacity: zonePages.count * typeCount)
    masks.initialize(repeating: 0, count: zonePages.count * typeCount)
  }

  deinit {
    pages.deallocate()
    spans.deallocate()
    freePages.deallocate()
    heads.deallocate()
    counts.deallocate()
    masks.deallocate()
  }

  @inline(__always)
  private func list(_ zone: Int, _ type: Int, _ order: Int) -> Int {
    (zone * typeCount + type) * Self.ordersPerList + order
  }

  func freeBlocks(zone: Int, type: Int, order: Int) -> Int { Int(counts[list(zone, type, order)]) }

  func firstFree(zone: Int, type: Int, order: Int) -> UInt32 { heads[list(zone, type, order)] }

  @inline(__always)
  func hasBlock(zone: Int, type: Int, order: Int) -> Bool { masks[zone * typeCount + type] >> UInt32(order) != 0 }

  /// The largest order that has a block; nil when the lists of this type are empty.
  func largestOrder(zone: Int, type: Int) -> Int? {
    let mask = masks[zone * typeCount + type]
    return mask == 0 ? nil : 31 - mask.leadingZeroBitCount
  }

  @inline(__always)
  func zone(of page: Int) -> Int {
    var zone = 0
    while zone + 1 < zoneCount && page >= spans[zone + 1].base { zone += 1 }
    return zone
  }

  @inline(__always)
  private func push(_ page: Int, _ order: Int, _ zone: Int, _ type: Int) {
    let index = list(zone, type, order)
    let head = heads[index]
    pages[page].next = head
    pages[page].previous = PageRecord.none
    pages[page].tag = PageRecord.tag(.free, order: order, owner: UInt32(truncatingIfNeeded: type))
    if head != PageRecord.none { pages[Int(head)].previous = UInt32(truncatingIfNeeded: page) }
    heads[index] = UInt32(truncatingIfNeeded: page)
    counts[index] += 1
    masks[zone * typeCount + type] |= 1 << UInt32(order)
  }

  /// Takes the free block that begins at `page` out of its list. Its record still says free.
  @inline(__always)
  private func unlink(_ page: Int, _ order: Int, _ zone: Int) {
    let record = pages[page]
    let type = Int(record.owner)
    let index = list(zone, type, order)
    if record.previous == PageRecord.none {
      heads[index] = record.next
    } else {
      pages[Int(record.previous)].next = record.next
    }
    if record.next != PageRecord.none { pages[Int(record.next)].previous = record.previous }
    counts[index] -= 1
    if heads[index] == PageRecord.none { masks[zone * typeCount + type] &= ~(1 << UInt32(order)) }
  }

  /// A block of 2^`order` pages with `tag` on its first page; nil when no block of `type` is as large.
  @inline(__always)
  mutating func allocate(zone: Int, type: Int, order: Int, tag: UInt32) -> Int? {
    let sufficient = masks[zone * typeCount + type] >> UInt32(order)
    guard sufficient != 0 else { return nil }
    var current = order + sufficient.trailingZeroBitCount
    let page = Int(heads[list(zone, type, current)])
    unlink(page, current, zone)
    while current > order {
      current -= 1
      push(page + 1 << current, current, zone, type)
    }
    pages[page].tag = tag
    freePages[zone] -= 1 << order
    operations += 1
    return page
  }

  /// Frees a block, merging it with its buddies for as long as they are free.
  ///
  /// - Parameter isCounted: false for what was free before and only taken apart: nobody freed it, and nothing was promoted.
  @inline(__always)
  mutating func free(_ first: Int, order startOrder: Int, zone: Int, type: Int, isCounted: Bool = true) {
    var page = first
    var order = startOrder
    let end = spans[zone].end
    while order < maximumOrder {
      let buddy = page ^ 1 << order
      guard buddy + 1 << order <= end, pages[buddy].kindAndOrder == PageRecord.tag(.free, order: order) >> 24 else {
        break
      }
      unlink(buddy, order, zone)
      pages[buddy].tag = PageRecord.tag(.inside)
      pages[page].tag = PageRecord.tag(.inside)
      page &= buddy
      order += 1
    }
    push(page, order, zone, type)
    freePages[zone] += 1 << startOrder
    operations += 1
    if isCounted && startOrder < Self.largeOrder {
      smallFreedPages += 1 << UInt64(startOrder)
      // The step over the line happens once at most; the buddies above it were large before.
      if order >= Self.largeOrder { promotedPages += 1 << UInt64(Self.largeOrder) }
    }
  }

  /// Takes the free block that begins at `page` whole out of its list.
  mutating func claim(_ page: Int, zone: Int, tag: UInt32) {
    let order = pages[page].order
    unlink(page, order, zone)
    freePages[zone] -= 1 << order
    pages[page].tag = tag
  }

  /// Moves a free block to the list of another type.
  func move(_ page: Int, zone: Int, to type: Int) {
    let order = pages[page].order
    unlink(page, order, zone)
    push(page, order, zone, type)
  }

  /// Puts a block into the lists as it is found at boot, without a thought for its buddy.
  func seed(_ page: Int, order: Int, zone: Int, type: Int) {
    push(page, order, zone, type)
    freePages[zone] += 1 << order
  }
}
