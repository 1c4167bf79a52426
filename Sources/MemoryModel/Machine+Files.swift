import Experiment

/// What file operations leave in memory: inodes in slabs, data in the LRU.
extension Machine {
  /// Cached pages of a file, 1 to twice the mean less 1, the same at each access.
  @inline(__always)
  func pageCount(ofFile file: Int) -> Int {
    let spread = UInt64(2 * parameters.pagesPerOperation - 1)
    // splitmix64's finalizer: neighbouring numbers give unrelated sizes.
    var z = sizeSeed &+ UInt64(file) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return 1 + Int(((z >> 32) &* spread) >> 32)
  }

  /// One file operation: its inode comes into memory, its pages into the cache, all of them become the most recently used.
  /// False when there is no memory for it.
  @inline(__always)
  mutating func access(file: Int, pages wanted: Int) -> Bool {
    var have = 0
    var page = fileHead[file]
    while page != PageRecord.none {
      touch(Int(page))
      page = buddy.pages[Int(page)].sibling
      have += 1
    }
    while have < wanted {
      guard let new = allocate(order: 0, kind: .data, owner: UInt32(file), memoryClass: .general, mobility: .movable)
      else { return false }
      buddy.pages[new].sibling = fileHead[file]
      fileHead[file] = UInt32(new)
      insert(new, zone: buddy.zone(of: new))
      dataPages += 1
      uncompactableOrder = Int.max
      have += 1
    }
    return true
  }

  @inline(__always)
  mutating func operate(onFile file: Int) -> Bool {
    if inodeBits[file >> 6] & 1 << UInt64(file & 63) == 0, !bringInode(file) { return false }
    pass(parameters.operationNanoseconds)
    return access(file: file, pages: pageCount(ofFile: file))
  }

  /// Touches page `index` of the working set; false without memory.
  @inline(__always)
  mutating func touchWorkingSet(_ index: Int) -> Bool {
    let file = fileCount + index
    if fileHead[file] == PageRecord.none {
      counters.refaults += 1
      pass(parameters.refaultNanoseconds)
    }
    return access(file: file, pages: 1)
  }

  private func slab(of inode: Int) -> Int { inode * 100 / inodesPerSlabHundredths }

  /// The slab's record counts its inodes where a data page has its sibling.
  private mutating func bringInode(_ inode: Int) -> Bool {
    let slab = slab(of: inode)
    if slabPage[slab] == PageRecord.none {
      guard
        let page = allocate(
          order: slabOrder, kind: .inode, owner: UInt32(slab), memoryClass: .fragmenting, mobility: .reclaimable)
      else { return false }
      slabPage[slab] = UInt32(page)
      buddy.pages[page].sibling = 0
      inodePages += 1 << slabOrder
    }
    // Through its address, here and below: with the thread sanitizer Swift 6.3.1 breaks off over the subscript.
    let word = inodeBits + (inode >> 6)
    word.pointee |= 1 << UInt64(inode & 63)
    buddy.pages[Int(slabPage[slab])].sibling += 1
    return true
  }

  /// Drops an inode; its slab's pages come free with the last one.
  mutating func dropInode(_ inode: Int) {
    let word = inodeBits + (inode >> 6)
    word.pointee &= ~(1 << UInt64(inode & 63))
    counters.freedInodes += 1
    let slab = slab(of: inode)
    let page = Int(slabPage[slab])
    buddy.pages[page].sibling -= 1
    guard buddy.pages[page].sibling == 0 else { return }
    slabPage[slab] = PageRecord.none
    inodePages -= 1 << slabOrder
    free(page, order: slabOrder, zone: buddy.zone(of: page))
  }

  /// `shrink_icache_memory` comes last, after the data, and does nothing in a mount, which allocates without __GFP_FS
  /// (Linux 2.4, fs/inode.c). Returns the number of pages freed.
  mutating func pruneWhereAllowed(_ wanted: Int) -> Int {
    guard !isInodeResident, !inMount else { return 0 }
    return prune(inodes: wanted * inodesPerSlabHundredths / 100)
  }

  /// Linux 6 shrinks the slabs along with the LRU, as large a share of the one as of the other (mm/vmscan.c, `shrink_slab`); with
  /// vfs_cache_pressure 0 nothing of them.
  mutating func pruneInProportion(_ freed: Int, of total: Int) {
    guard fileCount > 0, !inMount, !isInodeResident else { return }
    let present = inodePages * parameters.inodesPerPageHundredths / 100
    let share = present * freed / max(total, 1) * parameters.inodePressureHundredths / 100
    _ = prune(inodes: share)
  }

  /// In the order of the files, around and around.
  private mutating func prune(inodes: Int) -> Int {
    let before = inodePages
    var left = inodes
    var looked = 0
    while left > 0 && looked < fileCount {
      if inodeBits[pruneCursor >> 6] & 1 << UInt64(pruneCursor & 63) != 0 {
        dropInode(pruneCursor)
        left -= 1
      }
      pruneCursor = pruneCursor + 1 == fileCount ? 0 : pruneCursor + 1
      looked += 1
    }
    return before - inodePages
  }

  /// One page of snapshot metadata, or a unit that has room for more; false without memory.
  mutating func pinSnapshotPage() -> Bool {
    if unitRoom > 0 {
      unitRoom -= 1
      return true
    }
    guard allocate(order: slabOrder, kind: .snapshot, memoryClass: .fragmenting, mobility: .unmovable) != nil else {
      return false
    }
    snapshotPages += 1 << slabOrder
    unitRoom = 1 << slabOrder - 1
    return true
  }

  /// What would be left if a share of the inodes, chosen at random, were dropped. Nothing is.
  func inodeOccupancy() -> MemoryState.InodeOccupancy {
    var lots = RandomGenerator(seed: sizeSeed)
    var left = [UInt8](repeating: 0, count: slabCount)
    var live: UInt64 = 0
    for inode in 0..<fileCount where inodeBits[inode >> 6] & 1 << UInt64(inode & 63) != 0 {
      guard lots.below(16) >= UInt64(parameters.freedInodeShareSixteenths) else { continue }
      left[slab(of: inode)] = 1
      live += 1
    }
    let held = left.reduce(into: UInt64(0)) { $0 += UInt64($1) } << UInt64(slabOrder) * 4096
    let inodeBytes = UInt64(4096 * 100 / parameters.inodesPerPageHundredths)
    return MemoryState.InodeOccupancy(
      freedSixteenths: parameters.freedInodeShareSixteenths, liveBytes: live * inodeBytes, heldBytes: held)
  }
}
