import Experiment

/// What is compared: one number a run.
public enum ComparisonMetric: String, CaseIterable, Sendable, Codable {
  /// Demand, mount and sentinel summed over all mounts that were tried, nanoseconds (``RunSummary/totalNanoseconds``).
  case totalTime = "total-time"
  /// Of the services that came up, nanoseconds.
  case mountMedian = "mount-median"
  case mountP99 = "mount-p99"
  /// Of the mounting thread, nanoseconds.
  case threadCPU = "thread-cpu"
  /// Counted from 1; a run in which none stopped counts as one more than were asked for.
  case firstStoppedMount = "first-stopped-mount"
  case mountsCompleted = "mounts-completed"
  /// Times a task had to reclaim, or to compact, by itself, over the failover (``ReclaimCounters``).
  case allocationStalls = "allocation-stalls"
  case compactionStalls = "compaction-stalls"
  /// Bytes in free blocks of 64 kB or more before the first mount: what the phases before left, an outcome like the others.
  case largeFreeBytesBefore = "large-free-bytes-before"
  /// At the order of 64 kB, 0 to 1, before the first mount (mm/vmstat.c, unusable_free_index).
  case unusableIndexBefore = "unusable-index-before"

  public enum Direction: String, Sendable, Codable {
    case lower
    case higher
  }

  public enum Unit: String, Sendable, Codable {
    case nanoseconds
    case count
    case bytes
    /// 0 to 1.
    case share
  }

  /// For tables.
  public var title: String {
    switch self {
    case .totalTime: "total time"
    case .mountMedian: "median per service"
    case .mountP99: "99th percentile"
    case .threadCPU: "CPU time of mount(2)"
    case .firstStoppedMount: "first stopped mount"
    case .mountsCompleted: "mounts completed"
    case .allocationStalls: "allocation stalls"
    case .compactionStalls: "compaction stalls"
    case .largeFreeBytesBefore: "free in 64 kB+ before"
    case .unusableIndexBefore: "unusable index before"
    }
  }

  /// Those that say whether the service came back, the most telling one first; what a setting is recommended by.
  public static let byWeight: [ComparisonMetric] = [
    .mountsCompleted, .firstStoppedMount, .totalTime, .mountP99, .mountMedian, .threadCPU, .allocationStalls, .compactionStalls,
    .largeFreeBytesBefore, .unusableIndexBefore,
  ]

  /// Which values are the better ones.
  public var better: Direction {
    switch self {
    case .totalTime, .mountMedian, .mountP99, .threadCPU, .allocationStalls, .compactionStalls, .unusableIndexBefore: .lower
    case .firstStoppedMount, .mountsCompleted, .largeFreeBytesBefore: .higher
    }
  }

  public var unit: Unit {
    switch self {
    case .totalTime, .mountMedian, .mountP99, .threadCPU: .nanoseconds
    case .firstStoppedMount, .mountsCompleted, .allocationStalls, .compactionStalls: .count
    case .largeFreeBytesBefore: .bytes
    case .unusableIndexBefore: .share
    }
  }

  /// Whether a run that stops early has less of it for that alone: the mounts that were not done are the ones on the fullest memory.
  public var growsWithMounts: Bool {
    switch self {
    case .totalTime, .mountMedian, .mountP99, .threadCPU, .allocationStalls, .compactionStalls: true
    case .firstStoppedMount, .mountsCompleted, .largeFreeBytesBefore, .unusableIndexBefore: false
    }
  }

  /// In ``unit``; nil where the run has no such figure.
  ///
  /// - Parameter count: for what ``growsWithMounts``: how many mounts are looked at, 0 for none to look at.
  public func value(of run: ComparedRun, firstMounts count: Int) -> Double? {
    if growsWithMounts && count == 0 { return nil }
    let summary = growsWithMounts && count < run.record.mounts.count ? run.summary(ofFirst: count) : run.summary
    return switch self {
    case .totalTime: Double(summary.totalNanoseconds)
    case .mountMedian: summary.medianNanoseconds.map { Double($0) }
    case .mountP99: summary.p99Nanoseconds.map { Double($0) }
    case .threadCPU: run.threadCPUNanoseconds(ofFirst: count).map { Double($0) }
    case .firstStoppedMount: Double(summary.firstStoppedMount ?? summary.mountsRequested + 1)
    case .mountsCompleted: Double(summary.mountsCompleted)
    case .allocationStalls: summary.allocationStalls.map { Double($0) }
    case .compactionStalls: summary.compactionStalls.map { Double($0) }
    case .largeFreeBytesBefore: summary.largeFreeBytesBefore.map { Double($0) }
    case .unusableIndexBefore: summary.unusableFreeSpaceIndexBefore
    }
  }
}
