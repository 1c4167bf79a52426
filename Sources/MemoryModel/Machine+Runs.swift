/// LKmalloc's merging: neighbours of any size, at any alignment, are one free run (paper, section 6).
///
/// The free lists stay a buddy's; a map with a bit for each free page finds the runs.
extension Machine {
  func trackRange(_ first: Int, _ end: Int) {
    guard scheme.mergesAnyNeighbours else { return }
    var page = first
    while page < end {
      let record = buddy.pages[page]
      if record.kind == .free { trackFreed(page, record.order) }
      page += 1 << record.order
    }
  }

  func trackAllocated(_ page: Int, _ order: Int) {
    for page in page..<(page + 1 << order) { freeBits[page >> 6] &= ~(1 << UInt64(page & 63)) }
  }

  func trackFreed(_ page: Int, _ order: Int) {
    for page in page..<(page + 1 << order) { freeBits[page >> 6] |= 1 << UInt64(page & 63) }
  }

  /// First page of a run of 2^`order` free pages in a zone that general requests may use.
  ///
  /// A run of up to 64 lies in two neighbouring words. Both are folded onto themselves by 1, 2, 4 … bits, until only bits that
  /// begin a run are left.
  private func firstRun(_ order: Int) -> Int? {
    precondition(order <= 6, "a run of more than 64 pages is not looked for")
    let wanted = 1 << order
    for zone in plan.lists.general {
      let limit = minLimit[MemoryClass.general.rawValue * Self.zoneLimit + zone]
      guard buddy.freePages[zone] > limit + wanted - 1 else { continue }
      let span = buddy.spans[zone]
      let last = (span.end - 1) >> 6
      for index in (span.base >> 6)...last {
        var low = freeBits[index]
        guard low != 0 else { continue }
        var high = index == last ? 0 : freeBits[index + 1]
        var distance: UInt64 = 1
        for _ in 0..<order {
          low &= low >> distance | high << (64 - distance)
          high &= high >> distance
          distance <<= 1
        }
        if low != 0 { return index << 6 + low.trailingZeroBitCount }
      }
    }
    return nil
  }

  /// Takes such a run out of the free blocks that it lies in, whose other parts stay free.
  mutating func allocateRun(_ order: Int, _ tag: UInt32) -> Int? {
    guard let first = firstRun(order) else { return nil }
    let end = first + 1 << order
    let zone = buddy.zone(of: first)
    var page = first
    while page < end {
      let head = headOfFree(page)
      let size = 1 << buddy.pages[head].order
      buddy.claim(head, zone: zone, tag: PageRecord.tag(.inside))
      for outside in head..<(head + size) where outside < first || outside >= end {
        buddy.free(outside, order: 0, zone: zone, type: 0, isCounted: false)
      }
      page = head + size
    }
    for page in first..<end { buddy.pages[page].tag = PageRecord.tag(.inside) }
    buddy.pages[first].tag = tag
    trackAllocated(first, order)
    return first
  }

  private func headOfFree(_ page: Int) -> Int {
    for order in 0...buddy.maximumOrder {
      let head = page & ~(1 << order - 1)
      let record = buddy.pages[head]
      if record.kind == .free && head + 1 << record.order > page { return head }
    }
    preconditionFailure("page \(page) is marked free and is in no free block")
  }
}
