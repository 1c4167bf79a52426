/// What is inconsistent in a simulated machine: a bug in the model.
public struct InvariantViolation: Error, Equatable, CustomStringConvertible {
  public let description: String
}

extension Machine {
  /// Looks at every page: none is in two places, blocks are aligned, buddies are merged, and the counts of every list, zone and
  /// kind add up. Throws the first inconsistency.
  func checkInvariants() throws(InvariantViolation) {
    var found = [PageKind: Int]()
    for zone in 0..<buddy.zoneCount {
      let free = try checkBlocks(of: zone, &found)
      try require(
        free == buddy.freePages[zone], "zone \(zone): \(free) pages in free blocks, counted \(buddy.freePages[zone])")
      try checkLists(of: zone)
      try checkLRU(of: zone)
    }
    for (kind, counted) in [
      (PageKind.data, dataPages), (.inode, inodePages), (.snapshot, snapshotPages), (.transient, transientPages),
      (.file, filePages), (.object, objectPages),
    ] {
      try require(found[kind, default: 0] == counted, "\(found[kind, default: 0]) \(kind) pages, counted \(counted)")
    }
    try require(
      found[.mount, default: 0] == mountPages, "\(found[.mount, default: 0]) mount pages, counted \(mountPages)")
    let inLRU = (0..<buddy.zoneCount).reduce(0) { $0 + lru[$1].count }
    try require(
      inLRU == dataPages + filePages,
      "\(dataPages) data pages and \(filePages) of services' files, \(inLRU) in the LRUs")
    try checkFiles()
    try checkSlabs()
  }

  private func require(_ holds: Bool, _ text: @autoclosure () -> String) throws(InvariantViolation) {
    if !holds { throw InvariantViolation(description: text()) }
  }

  /// Walks a zone from block to block.
  private func checkBlocks(
    of zone: Int, _ found: inout [PageKind: Int]
  ) throws(InvariantViolation) -> Int {
    let span = buddy.spans[zone]
    var free = 0
    var freeBlocks = [Int](repeating: 0, count: buddy.maximumOrder + 1)
    var page = span.base
    while page < span.end {
      let record = buddy.pages[page]
      let size = 1 << record.order
      try require(record.kind != .inside && record.kind != .absent, "page \(page) is in no block")
      try require(page + size <= span.end, "the block at \(page) leaves its zone")
      for inner in (page + 1)..<max(page + size, page + 1) {
        try require(
          buddy.pages[inner].kind == .inside, "page \(inner) is \(buddy.pages[inner].kind) inside the block at \(page)")
      }
      found[record.kind, default: 0] += size
      if record.kind == .free {
        free += size
        freeBlocks[record.order] += 1
        try require(page % size == 0, "the free block at \(page) of order \(record.order) is not aligned")
        let buddyPage = page ^ size
        let isMerged =
          record.order == buddy.maximumOrder || buddyPage + size > span.end
          || buddy.pages[buddyPage].kindAndOrder != record.kindAndOrder
        try require(isMerged, "the free buddies at \(page) and \(buddyPage) of order \(record.order) are not merged")
      } else if !scheme.mergesAnyNeighbours {
        try require(page % size == 0, "the block at \(page) of order \(record.order) is not aligned")
      }
      if scheme.mergesAnyNeighbours {
        for inner in page..<(page + size) {
          let isMarked = freeBits[inner >> 6] & 1 << UInt64(inner & 63) != 0
          try require(isMarked == (record.kind == .free), "page \(inner) is \(record.kind), its bit says otherwise")
        }
      }
      page += size
    }
    for (order, blocks) in freeBlocks.enumerated() {
      let listed = (0..<buddy.typeCount).reduce(0) { $0 + buddy.freeBlocks(zone: zone, type: $1, order: order) }
      try require(blocks == listed, "zone \(zone), order \(order): \(blocks) free blocks, \(listed) in the free lists")
    }
    return free
  }

  private func checkLists(of zone: Int) throws(InvariantViolation) {
    for type in 0..<buddy.typeCount {
      for order in 0...buddy.maximumOrder {
        var page = buddy.firstFree(zone: zone, type: type, order: order)
        var previous = PageRecord.none
        var count = 0
        while page != PageRecord.none {
          let record = buddy.pages[Int(page)]
          try require(
            record.kind == .free && record.order == order && Int(record.owner) == type && record.previous == previous
              && buddy.zone(of: Int(page)) == zone,
            "page \(page) is in the free list of zone \(zone), type \(type), order \(order), and does not belong there")
          previous = page
          page = record.next
          count += 1
        }
        let counted = buddy.freeBlocks(zone: zone, type: type, order: order)
        try require(count == counted, "zone \(zone), order \(order): \(count) free blocks, counted \(counted)")
        let sums = (buddy.largestOrder(zone: zone, type: type) ?? -1) >= order
        try require(count == 0 || sums, "zone \(zone), order \(order): the mask of the orders hides a list")
      }
    }
  }

  private func checkLRU(of zone: Int) throws(InvariantViolation) {
    var page = lru[zone].head
    var previous = PageRecord.none
    var count = 0
    while page != PageRecord.none {
      let record = buddy.pages[Int(page)]
      try require(
        record.kind.isMovable && record.previous == previous && buddy.zone(of: Int(page)) == zone,
        "page \(page) is in the LRU of zone \(zone) and does not belong there")
      previous = page
      page = record.next
      count += 1 << record.order
      try require(count <= buddy.pageCount, "the LRU of zone \(zone) runs in a circle")
    }
    try require(
      count == lru[zone].count && previous == lru[zone].tail,
      "zone \(zone): \(count) pages in the LRU, counted \(lru[zone].count)")
  }

  private func checkFiles() throws(InvariantViolation) {
    var owned = 0
    for file in 0..<(fileCount + workingSetCount) {
      var page = fileHead[file]
      var count = 0
      while page != PageRecord.none {
        let record = buddy.pages[Int(page)]
        try require(record.kind == .data && Int(record.owner) == file, "page \(page) is not of file \(file)")
        page = record.sibling
        count += 1
        try require(count <= 16, "the pages of file \(file) run in a circle")
      }
      owned += count
    }
    try require(owned == dataPages, "\(owned) pages belong to files, and \(dataPages) are data")
  }

  private func checkSlabs() throws(InvariantViolation) {
    var present = 0
    for word in 0..<((fileCount + 63) / 64) { present += inodeBits[word].nonzeroBitCount }
    var held = 0
    for slab in 0..<slabCount where slabPage[slab] != PageRecord.none {
      let record = buddy.pages[Int(slabPage[slab])]
      try require(record.kind == .inode && Int(record.owner) == slab, "page \(slabPage[slab]) is not slab \(slab)")
      try require(record.sibling > 0, "slab \(slab) is kept without an inode in it")
      held += Int(record.sibling)
    }
    try require(held == present, "\(held) inodes in slabs, \(present) in memory")
  }
}
