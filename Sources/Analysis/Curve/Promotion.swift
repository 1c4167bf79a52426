public import Experiment

/// Promotion, the measure of Fig. 14 and 15 of the paper (section 5.2.2): how many MB newly became part of blocks of 64 kB or
/// more per MB freed from memory objects below 64 kB, mount by mount. Near 1, what reclaim frees becomes large blocks; near 0,
/// the freed pages stay single because permanent ones lie between them.
///
/// Measured from the observation before the mount to the one after it, so that both halves of the ratio span the same time:
///
/// - promoted = max(0, growth of the free memory in blocks of 64 kB or more + the blocks of that size that the demand took). A
///   block that the demand took must have existed first; without that term, a mount that made a block and used it would
///   not count. What mount(2) itself takes of large blocks, and what is split for smaller requests, the kernel does
///   not show: promotion is a lower bound, and clamped because a shrinking free list is consumption, not negative promotion.
/// - reclaimed = pages that kswapd and direct reclaim took (`pgsteal_*`) x the page size. Slab pages (inodes, dentries) that
///   the shrinkers freed are not in it: the kernel counts objects there, not pages, and the net change of the slabs cannot tell
///   freed from newly taken.
///
/// Compaction promotes without freeing anything. So a mount during which nothing was reclaimed has no ratio (nil), and a ratio can be above 1.
public struct Promotion: Equatable, Sendable {
  /// 1 for the first file system.
  public let mount: Int
  /// Bytes that newly became part of blocks of 64 kB or more.
  public let promotedBytes: UInt64
  /// Bytes that reclaim freed meanwhile.
  public let reclaimedBytes: UInt64

  /// nil when nothing was reclaimed.
  public var ratio: Double? { reclaimedBytes == 0 ? nil : Double(promotedBytes) / Double(reclaimedBytes) }

  /// nil when the kernel does not count reclaimed pages.
  public init?(of mount: MountRecord, before: MemoryState, after: MemoryState) {
    guard
      let pages = ReclaimCounters.growth(
        from: ReclaimCounters.reclaimedPages(before.counters), to: ReclaimCounters.reclaimedPages(after.counters))
    else { return nil }
    let order = after.largeBlockOrder
    let had = before.freeBytes(fromOrder: order)
    let has = after.freeBytes(fromOrder: order) + Self.largeBytesHeld(by: mount.demand)
    self.mount = mount.number
    promotedBytes = has > had ? has - had : 0
    reclaimedBytes = pages * after.pageBytes
  }

  /// Of each mount of a run in turn; nil where an observation is missing or the kernel does not count.
  public static func perMount(_ mounts: [MountRecord], _ observations: [Observation]) -> [Promotion?] {
    let states = observations.statesByMount
    return mounts.map { mount in
      guard let before = states[mount.number - 1], let after = states[mount.number] else { return nil }
      return Promotion(of: mount, before: before, after: after)
    }
  }

  /// Bytes in the blocks of 64 kB or more that the demand holds. The helper takes the largest first, so of a demand that was
  /// not met in full the held blocks are the first of the list.
  private static func largeBytesHeld(by demand: DemandRecord?) -> UInt64 {
    guard let demand else { return 0 }
    var left = demand.heldBlocks
    var bytes: UInt64 = 0
    for blocks in demand.demanded {
      let held = min(left, UInt64(max(0, blocks.count)))
      left -= held
      let blockBytes = UInt64(4096) << UInt64(max(0, blocks.order))
      if blockBytes >= 65_536 { bytes += held * blockBytes }
    }
    return bytes
  }
}

/// The shape of promotion over the mounts of a run, as in Fig. 14 and 15.
public struct PromotionProfile: Equatable, Sendable {
  /// The mount around which promotion is highest: the middle of the five mounts with the highest mean. Single mounts vary by a
  /// factor of a hundred, a high one being followed by a low one (section 5.2.2), so the single highest says little.
  public let peakMount: Int
  /// The highest single ratio.
  public let highestRatio: Double
  /// The ratio of the last mount that reclaimed at all, as a share of ``highestRatio``, 0 to 1.
  public let lastToHighest: Double
  /// The first mount with any promotion.
  public let firstMount: Int

  static let window = 5

  /// - Parameter ratios: by mount; nil for a mount during which nothing was reclaimed. nil when nothing was promoted at all.
  public init?(_ ratios: [Double?]) {
    guard let highest = ratios.compactMap({ $0 }).max(), highest > 0,
      let first = ratios.firstIndex(where: { ($0 ?? 0) > 0 }), let last = ratios.compactMap({ $0 }).last
    else { return nil }
    highestRatio = highest
    firstMount = first + 1
    lastToHighest = last / highest
    // Where nothing was reclaimed, nothing was promoted.
    let values = ratios.map { $0 ?? 0 }
    var best = (mount: first + 1, sum: -1.0)
    for middle in values.indices {
      let around = values[max(0, middle - Self.window / 2)...min(values.count - 1, middle + Self.window / 2)]
      let mean = around.reduce(0, +) / Double(around.count)
      if mean > best.sum { best = (middle + 1, mean) }
    }
    peakMount = best.mount
  }
}
