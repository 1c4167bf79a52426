import Experiment

/// The figures themselves.
extension Metric {
  /// 1 where all services came up, 0 where one did not: over runs it is k of n.
  public static let failoversComplete = Metric(
    "failovers.complete", "failovers complete", .count, .higher, unavailable: nil, role: .primary
  ) { $0.isComplete ? 1 : 0 }

  /// Over all file systems that were asked for, none with more than the mount timeout, and the service timeout where services work, which is what one whose service did not come up counts
  /// with: so a failover that stops has a time as well, and stopping early is no gain.
  public static let restrictedMean = Metric(
    "service.restricted_mean_ms", "mean time to service", .milliseconds, .lower,
    unavailable: nil, role: .primary
  ) { run in
    let (requested, completed) = (run.summary.mountsRequested, run.summary.servicesCompleted)
    let timeout = Double(run.record.scenario.restoreTimeoutNanoseconds)
    let served = run.record.mounts.reduce(0.0) {
      $1.outcome.isInService ? $0 + min(timeout, Double($1.serviceDurationNanoseconds)) : $0
    }
    return (served + Double(requested - completed) * timeout) / Double(max(1, requested)) / 1e6
  }

  /// What the watermarks keep free: up to there kswapd gives memory back, so that nobody has the use of it (mm/page_alloc.c,
  /// `__setup_per_zone_wmarks`).
  public static let keptFree = Metric(
    "memory.kept_free_mib", "memory kept free", .mebibytes, .lower,
    unavailable: "the watermarks of the run are not known", role: .safeguard
  ) { run in
    let marks = run.record.watermarks
    guard !marks.isEmpty else { return nil }
    return (marks.reduce(0) { $0 + $1.highPages } * run.record.host.pageBytes).mebibytes
  }

  /// Pages that cannot be moved, by the pin phase or the injection: the dose of fragmentation.
  public static let pinned = Metric(
    "memory.pinned_mib", "pinned", .mebibytes, .neither, unavailable: "nothing was pinned or injected", role: .covariate
  ) { run in
    run.record.pinnedBytes.map(\.mebibytes)
  }

  /// Services that came up: mounted, and their work done where they have some.
  public static let servicesCompleted = Metric(
    "services.completed", "services completed", .count, .higher, unavailable: nil, role: .primary
  ) { Double($0.summary.servicesCompleted) }

  /// Volumes that were mounted, with a degraded service or without.
  public static let mountsCompleted = Metric(
    "mounts.completed", "mounts completed", .count, .higher, unavailable: nil
  ) { Double($0.summary.mountsCompleted) }

  /// Files that could not be written and read back, over all services.
  public static let failedOperations = Metric(
    "service.failed_operations", "files that failed", .count, .lower, unavailable: noWork, growsWithMounts: true
  ) { $0.summary.serviceFilesFailed.map { Double($0) } }

  /// To create and write one file, over all services and all files that could be written.
  public static let serviceP99 = Metric(
    "service.p99_ms", "99th percentile of a write", .milliseconds, .lower, unavailable: "no service's work was recorded"
  ) { milliseconds($0.record.service?.p99Nanoseconds) }

  /// The scenario's file systems.
  public static let mountsRequested = Metric("mounts.requested", "mounts requested", .count, .neither, unavailable: nil)
  {
    Double($0.summary.mountsRequested)
  }

  /// Counted from 1. Where every mount came up it is one more than were asked for, so that runs can be compared.
  public static let firstStoppedMount = Metric(
    "mounts.first_stopped", "first stopped mount", .count, .higher, unavailable: nil
  ) { Double($0.summary.firstStoppedMount ?? $0.summary.mountsRequested + 1) }

  /// Demand, mount and sentinel, summed over all mounts that were tried.
  public static let totalTime = Metric(
    "total.seconds", "total time", .seconds, .lower, unavailable: noMount, growsWithMounts: true
  ) { $0.record.mounts.isEmpty ? nil : seconds($0.summary.totalNanoseconds) }

  /// Over the volumes that were mounted, with a degraded service or without, as are the next three.
  public static let mountMedian = Metric(
    "mount.median_ms", "median per service", .milliseconds, .lower, unavailable: noService, growsWithMounts: true,
    role: .safeguard
  ) { milliseconds($0.summary.medianNanoseconds) }

  /// With fewer than 100 services, nearly the maximum.
  public static let mountP99 = Metric(
    "mount.p99_ms", "99th percentile", .milliseconds, .lower, unavailable: noService, growsWithMounts: true,
    role: .safeguard
  ) { milliseconds($0.summary.p99Nanoseconds) }

  /// The mount alone, without the service's work: what the kernel had to do for its own memory, and not for the page cache.
  public static let mountCallP99 = Metric(
    "mount.call_p99_ms", "99th percentile of mount(2)", .milliseconds, .lower, unavailable: noService,
    growsWithMounts: true
  ) { run in
    milliseconds(
      Quantile.nanoseconds(
        of: run.record.mounts.filter(\.outcome.isMounted).compactMap(\.mountDurationNanoseconds), at: 0.99))
  }

  /// The slowest service.
  public static let mountMaximum = Metric(
    "mount.max_ms", "maximum", .milliseconds, .lower, unavailable: noService, growsWithMounts: true
  ) { milliseconds($0.summary.maximumNanoseconds) }

  /// What the tool puts between two mounts, where no pause was asked for.
  public static let pauseMedian = Metric(
    "pause.median_ms", "median pause between mounts", .milliseconds, .neither,
    unavailable: "there are fewer than two mounts"
  ) { milliseconds($0.summary.pauseMedianNanoseconds) }

  /// Of the mounting thread, in mount(2).
  public static let threadCPU = Metric(
    "cpu.seconds", "CPU time of mount(2)", .seconds, .lower, unavailable: "the CPU time of a mount is not known",
    growsWithMounts: true
  ) { run in run.threadCPUNanoseconds.map(seconds) }

  /// How often a task had to reclaim memory itself, over the failover (``ReclaimCounters``).
  public static let allocationStalls = Metric(
    "stalls.allocation", "allocation stalls", .count, .lower, unavailable: uncounted, growsWithMounts: true,
    role: .safeguard
  ) { $0.summary.allocationStalls.map { Double($0) } }

  /// How often a task had to compact memory itself, over the failover (``ReclaimCounters``).
  public static let compactionStalls = Metric(
    "stalls.compaction", "compaction stalls", .count, .lower, unavailable: uncounted, growsWithMounts: true,
    role: .safeguard
  ) { $0.summary.compactionStalls.map { Double($0) } }

  /// Free memory in blocks of 64 kB or more before the first mount: what the phases before it left.
  public static let largeFreeBefore = Metric(
    "free_large.before_mib", "free in 64 kB+ before", .mebibytes, .higher, unavailable: unobservedBefore,
    role: .covariate
  ) { $0.summary.largeFreeBytesBefore?.mebibytes }

  /// Free memory in blocks of 64 kB or more after the last mount.
  public static let largeFreeAfter = Metric(
    "free_large.after_mib", "free in 64 kB+ after", .mebibytes, .higher,
    unavailable: "memory was not observed after a mount"
  ) { $0.summary.largeFreeBytesAfter?.mebibytes }

  /// Which share of the free memory could not serve a request for 64 kB, before the first mount (mm/vmstat.c, unusable_free_index).
  public static let unusableIndexBefore = Metric(
    "unusable_index.before", "unusable index before", .share, .lower,
    unavailable: "memory was not observed before the first mount, or none was free",
    role: .covariate
  ) { $0.summary.unusableFreeSpaceIndexBefore }

  /// Pages of files in the page cache before the first mount: how much of the memory does its work for the users (the paper's Table 2, utilisation).
  public static let dataCacheBefore = Metric(
    "data_cache.before_mib", "data cache before", .mebibytes, .higher, unavailable: unobservedBefore, role: .covariate
  ) { $0.observations.stateBefore?.dataCacheBytes?.mebibytes }

  /// What the workload took to create its files: with the next, what a setting costs the service in normal times (Table 2, overhead).
  public static let populateTime = Metric(
    "populate.seconds", "time to create the files", .seconds, .lower, unavailable: "the workload created no files",
    role: .overhead
  ) { seconds($0.record.populate) }

  /// What it took for its writes to files chosen at random.
  public static let rewriteTime = Metric(
    "rewrite.seconds", "time of the rewrites", .seconds, .lower, unavailable: "the workload rewrote no files",
    role: .overhead
  ) { seconds($0.record.rewrite) }

  /// What the kernel looked at to make room, from the start of a run until its mounts begin: with the next three, what a setting costs in normal times where
  /// times mean nothing, as in an emulator (Table 2, overhead).
  public static let scannedPerFile = beforeTheMounts(
    "workload.scanned_per_file", "pages scanned per file", ReclaimCounters.scannedPages)

  /// What lay in the wrong zone: a list to walk, and no page to take (``ReclaimCounters/skippedPages(_:)``).
  public static let skippedPerFile = beforeTheMounts(
    "workload.skipped_per_file", "pages passed over per file", ReclaimCounters.skippedPages)

  /// What it took back.
  public static let reclaimedPerFile = beforeTheMounts(
    "workload.reclaimed_per_file", "pages reclaimed per file", ReclaimCounters.reclaimedPages)

  /// What it moved.
  public static let migratedPerFile = beforeTheMounts(
    "workload.migrated_per_file", "pages migrated per file", ReclaimCounters.migratedPages)

  /// What the run could not put back on the host.
  public static let leftovers = Metric(
    "host.leftovers", "left behind", .count, .lower, unavailable: "the run did not say what it left behind"
  ) {
    $0.record.leftovers.map { Double($0.items.count) }
  }

  /// Every metric once, in the order of tables and columns.
  public static let all: [Metric] = [
    failoversComplete, servicesCompleted, mountsCompleted, mountsRequested, firstStoppedMount, restrictedMean,
    totalTime, mountMedian, mountP99, mountCallP99, mountMaximum, failedOperations, serviceP99, pauseMedian, threadCPU,
    allocationStalls, compactionStalls, keptFree, pinned,
    largeFreeBefore, largeFreeAfter, unusableIndexBefore, dataCacheBefore, populateTime, rewriteTime,
    scannedPerFile, skippedPerFile, reclaimedPerFile, migratedPerFile, leftovers,
  ]

  private static let noMount = "no mount was tried"
  private static let noService = "no service came up"
  private static let noWork = "the services do nothing but mount, or were not played"
  private static let uncounted = "memory was not observed before and after the mounts, or the kernel does not count it"
  private static let unobservedBefore = "memory was not observed before the first mount"

  private static func beforeTheMounts(
    _ name: String, _ title: String, _ pages: @escaping @Sendable ([String: UInt64]) -> UInt64?
  ) -> Metric {
    Metric(
      name, title, .pagesPerFile, .lower,
      unavailable: "the workload created no files, or the kernel's counters were not read before and after it"
    ) { run in
      guard let files = run.record.populate?.operations, files > 0, let before = run.record.start?.state,
        let after = run.observations.stateBefore
      else { return nil }
      return ReclaimCounters.growth(from: pages(before.counters), to: pages(after.counters)).map {
        Double($0) / Double(files)
      }
    }
  }

  private static func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e9 }
  private static func seconds(_ workload: WorkloadRecord?) -> Double? {
    workload.flatMap { $0.operations > 0 ? seconds($0.durationNanoseconds) : nil }
  }
  private static func milliseconds(_ nanoseconds: UInt64?) -> Double? { nanoseconds.map { Double($0) / 1e6 } }
}
