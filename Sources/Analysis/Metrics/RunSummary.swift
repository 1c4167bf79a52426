public import Experiment

extension RunSummary {
  /// The figures of a run from what it recorded; valid also for a run that was cut off.
  ///
  /// Median, 99th percentile and maximum are over the services that were mounted, degraded or not: the time of one that was not
  /// is its timeout. Quantiles are linear (``Quantile``). Stalls are counted from the observation before the first mount to the last
  /// one; without a mount in between they are nil, not 0.
  public init(of record: RunRecord, observations: [Observation]) {
    let mounts = record.mounts
    let services = mounts.filter { $0.outcome.isMounted }.map(\.serviceDurationNanoseconds)
    self.init(
      mountsRequested: record.scenario.fileSystems, mountsCompleted: mounts.count { $0.outcome.isMounted },
      totalNanoseconds: mounts.reduce(0) { $0 + $1.serviceDurationNanoseconds },
      mountNanoseconds: mounts.reduce(0) { $0 + ($1.mountDurationNanoseconds ?? 0) },
      demandNanoseconds: mounts.reduce(0) { $0 + ($1.demand?.durationNanoseconds ?? 0) })
    let work = UInt64(record.scenario.service.files)
    // A machine that plays no services has no figures of them.
    if work > 0, mounts.contains(where: { $0.service != nil || !$0.outcome.isMounted }) {
      servicesDegraded = mounts.count { $0.outcome.isMounted && !$0.outcome.isInService }
      serviceFilesFailed = ServiceFigures.failedFiles(mounts, filesEach: work)
    }
    if let stopped = mounts.first(where: { !$0.outcome.isInService }) {
      firstStoppedMount = stopped.number
      firstStoppedExplanation = stopped.outcome.explanation
    }
    medianNanoseconds = Quantile.nanoseconds(of: services, at: 0.5)
    p99Nanoseconds = Quantile.nanoseconds(of: services, at: 0.99)
    maximumNanoseconds = services.max()

    var context = MountContext()
    let pauses = mounts.map { mount in
      context.add(mount)
      return context.pauseNanoseconds
    }
    elapsedNanoseconds = mounts.last?.endedAtNanoseconds
    pauseMedianNanoseconds = Quantile.nanoseconds(of: Array(pauses.dropFirst()), at: 0.5)
    if let elapsedNanoseconds, elapsedNanoseconds > 0, pauses.count > 1 {
      let conversation = mounts.reduce(0) { $0 + ($1.demand?.conversationNanoseconds ?? 0) }
      pauseShare = Double(pauses.reduce(0, +) + conversation) / Double(elapsedNanoseconds)
    }

    let watermarks = record.watermarks
    guard let before = observations.stateBefore else { return }
    let order = before.largeBlockOrder
    freeBytesBefore = before.listedFreeBytes
    unlistedFreeBytesBefore = before.unlistedFreeBytes
    largeFreeBytesBefore = before.freeBytes(fromOrder: order)
    usableLargeFreeBytesBefore = before.usableFreeBytes(fromOrder: order, watermarks)
    unusableFreeSpaceIndexBefore =
      before.unusableFreeSpaceIndex(order: order, watermarks) ?? before.unusableFreeSpaceIndex(order: order)
    guard let after = observations.stateAfter else { return }
    freeBytesAfter = after.listedFreeBytes
    unlistedFreeBytesAfter = after.unlistedFreeBytes
    largeFreeBytesAfter = after.freeBytes(fromOrder: order)
    usableLargeFreeBytesAfter = after.usableFreeBytes(fromOrder: order, watermarks)
    allocationStalls = observations.growth(of: ReclaimCounters.allocationStalls)
    compactionStalls = observations.growth(of: ReclaimCounters.compactionStalls)
  }
}

/// What the kernel's cumulative event counters (/proc/vmstat) say about reclaim; nil where a kernel does not count.
public enum ReclaimCounters {
  /// How often a task had to reclaim memory itself (direct reclaim): `allocstall` of kernels before 4.10, since then one counter
  /// for each zone (include/linux/vm_event_item.h, ALLOCSTALL).
  public static func allocationStalls(_ counters: [String: UInt64]) -> UInt64? {
    let zones = counters.filter { $0.key == "allocstall" || $0.key.hasPrefix("allocstall_") }
    return zones.isEmpty ? nil : zones.values.reduce(0, +)
  }

  /// How often a task had to compact memory itself (direct compaction); nil without CONFIG_COMPACTION.
  public static func compactionStalls(_ counters: [String: UInt64]) -> UInt64? { counters["compact_stall"] }

  /// Pages reclaimed from the page cache and from programs, by anyone; nil for kernels before 4.8, which count by zone.
  public static func reclaimedPages(_ counters: [String: UInt64]) -> UInt64? { byAnyReclaimer("pgsteal", counters) }

  /// Pages looked at for that, whether or not they could be reclaimed; nil as above.
  public static func scannedPages(_ counters: [String: UInt64]) -> UInt64? { byAnyReclaimer("pgscan", counters) }

  /// What lay in a zone that could not serve the request and was passed over (mm/vmscan.c, `isolate_lru_folios`): pages of ZONE_MOVABLE while the kernel
  /// looks for memory for itself. On the inactive lists `pgscan` counts them as well, on the active ones it does not, and with CONFIG_LRU_GEN nowhere.
  public static func skippedPages(_ counters: [String: UInt64]) -> UInt64? {
    let zones = counters.filter { $0.key.hasPrefix("pgskip_") }
    return zones.isEmpty ? nil : zones.values.reduce(0, +)
  }

  /// Pages moved elsewhere, by compaction or for another reason; nil without CONFIG_MIGRATION.
  public static func migratedPages(_ counters: [String: UInt64]) -> UInt64? { counters["pgmigrate_success"] }

  /// `_anon` and `_file` count the same pages again, split by kind, and so are left out.
  private static func byAnyReclaimer(_ event: String, _ counters: [String: UInt64]) -> UInt64? {
    guard let kswapd = counters["\(event)_kswapd"], let direct = counters["\(event)_direct"] else { return nil }
    // A reclaimer that a kernel does not have has done nothing.
    return kswapd + direct + (counters["\(event)_khugepaged"] ?? 0) + (counters["\(event)_proactive"] ?? 0)
  }

  /// How much a counter grew; nil when either end is unknown, or when it went backwards, which a counter never does.
  static func growth(from before: UInt64?, to after: UInt64?) -> UInt64? {
    guard let before, let after, after >= before else { return nil }
    return after - before
  }
}
