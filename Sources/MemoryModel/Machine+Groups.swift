/// Aligned groups of pages: which are nearly free, and how they are emptied.
extension Machine {
  /// Pages of the aligned group that are in use and may go; nil when one may not, or the group lies inside a larger block, or
  /// nothing in it is in use.
  private func occupied(_ group: Int, _ order: Int, canMove: (PageKind) -> Bool) -> Int? {
    var occupied = 0
    var page = group
    let end = group + 1 << order
    while page < end {
      let record = buddy.pages[page]
      let kind = record.kind
      if kind != .free {
        // A unit of several pages does not move.
        guard kind != .inside, kind != .absent, canMove(kind), record.order == 0 else { return nil }
        occupied += 1
      }
      page += 1 << record.order
    }
    return page == end ? occupied : nil
  }

  /// The aligned group with the fewest pages in use among those that can be emptied; looks at up to `window` groups from where
  /// the last search ended, and no further than the first with `enough` or fewer in use. One in use is the least there can be: a
  /// free group would be in the lists.
  mutating func emptiestGroup(_ order: Int, window: Int, enough: Int = 1, canMove: (PageKind) -> Bool) -> Int? {
    var best: (group: Int, occupied: Int)?
    let size = 1 << order
    let groups = buddy.pageCount / size
    var looked = 0
    while looked < min(window, groups) {
      looked += 1
      let group = collectCursor % groups * size
      collectCursor += 1
      guard isUsable(group), let occupied = occupied(group, order, canMove: canMove) else { continue }
      if best.map({ occupied < $0.occupied }) ?? true { best = (group, occupied) }
      if occupied <= enough { break }
    }
    let cost = looked * parameters.scannedGroupNanoseconds
    pass(cost)
    counters.reclaimNanoseconds += UInt64(cost)
    return best?.group
  }

  /// Whether general requests may take from the zone of `page` at all.
  private func isUsable(_ page: Int) -> Bool {
    let zone = buddy.zone(of: page)
    let limit = minLimit[MemoryClass.general.rawValue * Self.zoneLimit + zone]
    return plan.lists.general.contains(zone) && buddy.freePages[zone] > limit
  }

  /// Copies all pages in use out of the group and takes it as one block. False, and nothing changed, when there is no room
  /// elsewhere.
  mutating func vacate(_ group: Int, _ order: Int, _ tag: UInt32) -> Bool {
    let zone = buddy.zone(of: group)
    let end = group + 1 << order
    var moving: [Int] = []
    var claimed: [(page: Int, order: Int)] = []
    var page = group
    while page < end {
      let record = buddy.pages[page]
      if record.kind == .free { claimed.append((page, record.order)) } else { moving.append(page) }
      page += 1 << record.order
    }
    for block in claimed { buddy.claim(block.page, zone: zone, tag: PageRecord.tag(.inside)) }
    var targets: [Int] = []
    for _ in moving {
      guard let target = allocateFromFreeLists(0, PageRecord.tag(.kernel), .general, .movable, above: minLimit) else {
        break
      }
      targets.append(target)
    }
    guard targets.count == moving.count else {
      for target in targets { free(target, order: 0, zone: buddy.zone(of: target)) }
      for block in claimed {
        buddy.free(block.page, order: block.order, zone: zone, type: typeOfFree(block.page), isCounted: false)
      }
      return false
    }
    for (source, target) in zip(moving, targets) { move(source, to: target) }
    for page in group..<end { buddy.pages[page].tag = PageRecord.tag(.inside) }
    buddy.pages[group].tag = tag
    counters.copiedPages += UInt64(moving.count)
    let cost = moving.count * parameters.copiedPageNanoseconds
    pass(cost)
    counters.reclaimNanoseconds += UInt64(cost)
    return true
  }

  private func typeOfFree(_ page: Int) -> Int {
    scheme.groupsByMobility ? Int(pageBlockType[page / Self.pageBlockPages]) : 0
  }

  /// The content of one page goes to another, with every link that leads to it.
  private mutating func move(_ source: Int, to target: Int) {
    let record = buddy.pages[source]
    buddy.pages[target].tag = record.tag
    buddy.pages[target].sibling = record.sibling
    switch record.kind {
    case .data, .file:
      let sourceZone = buddy.zone(of: source)
      let targetZone = buddy.zone(of: target)
      if sourceZone == targetZone {
        buddy.pages[target].next = record.next
        buddy.pages[target].previous = record.previous
        if record.previous == PageRecord.none {
          lru[sourceZone].head = UInt32(target)
        } else {
          buddy.pages[Int(record.previous)].next = UInt32(target)
        }
        if record.next == PageRecord.none {
          lru[sourceZone].tail = UInt32(target)
        } else {
          buddy.pages[Int(record.next)].previous = UInt32(target)
        }
      } else {
        remove(source, zone: sourceZone)
        insert(target, zone: targetZone)
      }
      guard record.kind == .data else { return }
      let file = Int(record.owner)
      if fileHead[file] == UInt32(source) { return fileHead[file] = UInt32(target) }
      var other = Int(fileHead[file])
      while buddy.pages[other].sibling != UInt32(source) { other = Int(buddy.pages[other].sibling) }
      buddy.pages[other].sibling = UInt32(target)
    case .inode: slabPage[Int(record.owner)] = UInt32(target)
    default: break
    }
  }

  /// Aligned 64 kB groups in which nothing is pinned: all of them could be free if everything reclaimable were.
  func unpinnedGroups() -> Int {
    var groups = 0
    let size = 1 << BuddyAllocator.largeOrder
    for zone in 0..<buddy.zoneCount where plan.lists.general.contains(zone) {
      let span = buddy.spans[zone]
      var group = span.base
      while group + size <= span.end {
        let record = buddy.pages[group]
        if record.kind == .free && record.order >= BuddyAllocator.largeOrder {
          groups += 1 << (record.order - BuddyAllocator.largeOrder)
          group += 1 << record.order
          continue
        }
        if occupied(group, BuddyAllocator.largeOrder, canMove: \.isReclaimable) != nil { groups += 1 }
        group += size
      }
    }
    return groups
  }
}
