extension AllocationProfile {
  /// The mean over the mounts, by kind; largest order first, then by how many.
  public struct MeanCount: Equatable, Sendable {
    public let kind: AllocationCount.Kind
    public let blocksPerMount: Double
    public let failed: UInt64
  }

  /// Every kind that any mount asked for.
  public var meanCounts: [MeanCount] {
    var sums: [AllocationCount.Kind: (blocks: UInt64, failed: UInt64)] = [:]
    for count in mounts.flatMap(\.allocations) {
      sums[count.kind, default: (0, 0)].blocks += count.blocks
      sums[count.kind, default: (0, 0)].failed += count.failed
    }
    return sums.map { kind, sum in
      MeanCount(kind: kind, blocksPerMount: Double(sum.blocks) / Double(max(1, mounts.count)), failed: sum.failed)
    }.sorted { first, second in
      if first.kind.order != second.kind.order { return first.kind.order > second.kind.order }
      if first.blocksPerMount != second.blocksPerMount { return first.blocksPerMount > second.blocksPerMount }
      return (first.kind.migrateType, first.kind.gfpFlags.joined(separator: "|"))
        < (second.kind.migrateType, second.kind.gfpFlags.joined(separator: "|"))
    }
  }

  /// The kernel memory of the mean mount as a demand: the blocks that were given, of each order the mean over the mounts
  /// rounded up.
  ///
  /// Movable blocks are left out: page cache and the memory of programs are not the kernel's to hold. A block of two 4 kB pages
  /// counts as two single pages, since such blocks cannot be held exactly (``MountDemand/parse(_:)``): the amount is kept, and no
  /// contiguity is demanded that the mount did not ask for. nil where a block is larger, or more are needed, than a demand may
  /// name.
  public var demand: MountDemand? {
    guard !mounts.isEmpty, host.pageBytes >= 4096, host.pageBytes & (host.pageBytes - 1) == 0 else { return nil }
    // A demand counts in pages of 4 kB, whatever the machine's.
    let shift = host.pageBytes.trailingZeroBitCount - UInt64(4096).trailingZeroBitCount
    var sums: [Int: UInt64] = [:]
    for count in mounts.flatMap(\.allocations) where !count.kind.isMovable && count.blocks > 0 {
      let order = count.kind.order + shift
      guard (0...MountDemand.maximumOrder).contains(order) else { return nil }
      sums[order == 1 ? 0 : order, default: 0] += order == 1 ? 2 * count.blocks : count.blocks
    }
    let divisor = UInt64(mounts.count)
    let blocks = sums.sorted { $0.key > $1.key }.map { order, sum in
      MountDemand.Blocks(order: order, count: Int(clamping: sum / divisor + (sum % divisor == 0 ? 0 : 1)))
    }
    guard blocks.allSatisfy({ $0.count <= MountDemand.maximumCount }) else { return nil }
    return MountDemand(blocks: blocks)
  }
}
