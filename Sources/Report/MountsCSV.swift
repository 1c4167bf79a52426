import Analysis
public import Experiment

/// `mounts.csv`: one line for each mount that was tried. Units stand last in the names; a cell for a value that the system does not
/// report is empty, never 0. Lines end with a line feed.
public enum MountsCSV {
  /// Counters of /proc/vmstat whose growth during the mount has a column, in the order of the columns; `allocstall` is the sum
  /// over the zones.
  private static let counters = [
    "compact_stall", "compact_fail", "compact_success", "compact_migrate_scanned", "compact_free_scanned", "allocstall",
    "pgscan_kswapd", "pgscan_direct", "pgsteal_kswapd", "pgsteal_direct", "pgmigrate_success", "pgmigrate_fail",
  ]

  /// The page allocator's orders on x86-64; `free_order_N` counts blocks of 2^N pages over all zones.
  private static let orders = 0...10

  private static let columns =
    [
      "number", "outcome", "errno", "explanation", "started_at_ns", "pause_ns", "elapsed_ns", "demand_ns", "demand_met",
      "demand_retries", "demand_cpu_ns", "demand_conversation_ns", "mount_ns", "thread_cpu_ns", "sentinel_ns",
      "service_work_ns",
      "service_files", "service_failed_files", "service_slowest_write_ns",
      "service_ns", "cumulative_ns", "kswapd_cpu_ns", "kcompactd_cpu_ns",
    ] + counters + [
      "free_bytes", "free_64k_bytes", "usable_64k_bytes", "per_cpu_free_bytes", "data_cache_bytes", "locked_bytes",
      "dirty_bytes", "writeback_bytes", "inode_slab_bytes", "dentry_slab_bytes", "slab_reclaimable_bytes",
      "slab_unreclaimable_bytes", "psi_some_us", "psi_full_us", "promotion_ratio",
    ] + orders.map { "free_order_\($0)" }

  /// The first line, with its line feed.
  public static let header = columns.joined(separator: ",") + "\n"

  /// The whole file. `watermarks` are those of the start state; without them nothing can be said of what is usable.
  public static func text(
    _ mounts: [MountRecord], _ observations: [Observation], watermarks: [ZoneWatermarks] = []
  ) -> String {
    let states = Dictionary(observations.map { ($0.afterMount, $0) }, uniquingKeysWith: { first, _ in first })
    var text = header
    var context = MountContext(watermarks: watermarks)
    for mount in mounts {
      context.add(mount)
      text += row(mount, context, before: states[mount.number - 1], after: states[mount.number])
    }
    return text
  }

  /// One line, with its line feed. `context` has gone on to this mount.
  public static func row(
    _ mount: MountRecord, _ context: MountContext, before: Observation?, after: Observation?
  ) -> String {
    let cells =
      mountCells(mount, context) + counterCells(mount)
      + stateCells(mount, before?.state, after?.state, context.watermarks)
    precondition(cells.count == columns.count, "the cells of mounts.csv do not match its columns")
    return cells.joined(separator: ",") + "\n"
  }

  private static func mountCells(_ mount: MountRecord, _ context: MountContext) -> [String] {
    let background = mount.background
    return [
      "\(mount.number)", CSVCell.text(mount.outcome.word), CSVCell.number(errorNumber(mount.outcome)),
      CSVCell.text(mount.outcome.explanation), "\(mount.startedAtNanoseconds)",
      "\(context.pauseNanoseconds)", "\(mount.endedAtNanoseconds)",
      CSVCell.number(mount.demand?.durationNanoseconds), mount.demand.map { "\($0.isMet)" } ?? "",
      CSVCell.number(mount.demand?.retries), CSVCell.number(mount.demand?.cpuNanoseconds),
      CSVCell.number(mount.demand?.conversationNanoseconds), CSVCell.number(mount.mountDurationNanoseconds),
      CSVCell.number(mount.threadCPUNanoseconds), CSVCell.number(mount.sentinelDurationNanoseconds),
      CSVCell.number(mount.service?.durationNanoseconds), CSVCell.number(mount.service?.files),
      CSVCell.number(mount.service.map { $0.files - $0.rightFiles }),
      CSVCell.number(mount.service?.slowestWriteNanoseconds),
      "\(mount.serviceDurationNanoseconds)", "\(context.cumulativeNanoseconds)",
      CSVCell.number(background.kswapdNanoseconds),
      CSVCell.number(background.kcompactdNanoseconds),
    ]
  }

  private static func counterCells(_ mount: MountRecord) -> [String] {
    counters.map { name in
      CSVCell.number(
        name == "allocstall" ? ReclaimCounters.allocationStalls(mount.counterDeltas) : mount.counterDeltas[name])
    }
  }

  private static func stateCells(
    _ mount: MountRecord, _ before: MemoryState?, _ after: MemoryState?, _ watermarks: [ZoneWatermarks]
  ) -> [String] {
    let blocks = after?.freeBlocks ?? []
    var promotion: Promotion?
    if let before, let after { promotion = Promotion(of: mount, before: before, after: after) }
    return [
      CSVCell.number(after?.freeBytes), CSVCell.number(after.map { $0.freeBytes(fromOrder: $0.largeBlockOrder) }),
      CSVCell.number(after.flatMap { $0.usableFreeBytes(fromOrder: $0.largeBlockOrder, watermarks) }),
      CSVCell.number(after?.perCPUFreeBytes), CSVCell.number(after?.dataCacheBytes), CSVCell.number(after?.lockedBytes),
      CSVCell.number(after?.dirtyBytes), CSVCell.number(after?.writebackBytes), CSVCell.number(after?.inodeSlabBytes),
      CSVCell.number(after?.dentrySlabBytes),
      CSVCell.number(after?.reclaimableSlabBytes), CSVCell.number(after?.unreclaimableSlabBytes),
      CSVCell.number(growth(before?.pressure?.someMicroseconds, after?.pressure?.someMicroseconds)),
      CSVCell.number(growth(before?.pressure?.fullMicroseconds, after?.pressure?.fullMicroseconds)),
      CSVCell.number(promotion?.ratio),
    ] + orders.map { $0 < blocks.count ? "\(blocks[$0])" : "" }
  }

  /// Of a sum since boot, from one observation to the next.
  private static func growth(_ before: UInt64?, _ after: UInt64?) -> UInt64? {
    guard let before, let after, after >= before else { return nil }
    return after - before
  }

  private static func errorNumber(_ outcome: MountOutcome) -> Int32? {
    switch outcome {
    case .failed(_, let number, _), .demandNotMet(_, let number): number
    case .mounted, .degraded, .sentinelWrong, .outOfMemory, .timedOut, .stuck: nil
    }
  }
}
