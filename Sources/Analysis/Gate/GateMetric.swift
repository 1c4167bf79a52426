import Experiment

/// What a requirement may be about: one number a run.
public enum GateMetric: String, CaseIterable, Sendable, Codable {
  case mountsCompleted = "mounts.completed"
  case mountsRequested = "mounts.requested"
  /// Counted from 1; where none stopped, one more than were asked for.
  case mountsFirstStopped = "mounts.first_stopped"
  case totalSeconds = "total.seconds"
  case mountMedianMilliseconds = "mount.median_ms"
  case mountP99Milliseconds = "mount.p99_ms"
  case mountMaximumMilliseconds = "mount.max_ms"
  case cpuSeconds = "cpu.seconds"
  case allocationStalls = "stalls.allocation"
  case compactionStalls = "stalls.compaction"
  /// Free memory in blocks of 64 kB or more.
  case largeFreeBeforeMebibytes = "free_large.before_mib"
  case largeFreeAfterMebibytes = "free_large.after_mib"
  /// 0 to 1.
  case unusableIndexBefore = "unusable_index.before"
  /// What the run could not put back on the host.
  case leftovers = "host.leftovers"

  /// nil where the run has no such figure. The figures of services are over those that came up.
  public func value(of run: ComparedRun) -> Double? {
    let summary = run.summary
    func milliseconds(_ value: UInt64?) -> Double? { value.map { Double($0) / 1e6 } }
    func mebibytes(_ value: UInt64?) -> Double? { value.map { Double($0) / 1_048_576 } }
    return switch self {
    case .mountsCompleted: Double(summary.mountsCompleted)
    case .mountsRequested: Double(summary.mountsRequested)
    case .mountsFirstStopped: Double(summary.firstStoppedMount ?? summary.mountsRequested + 1)
    case .totalSeconds: Double(summary.totalNanoseconds) / 1e9
    case .mountMedianMilliseconds: milliseconds(summary.medianNanoseconds)
    case .mountP99Milliseconds: milliseconds(summary.p99Nanoseconds)
    case .mountMaximumMilliseconds: milliseconds(summary.maximumNanoseconds)
    case .cpuSeconds: run.threadCPUNanoseconds(ofFirst: run.record.mounts.count).map { Double($0) / 1e9 }
    case .allocationStalls: summary.allocationStalls.map { Double($0) }
    case .compactionStalls: summary.compactionStalls.map { Double($0) }
    case .largeFreeBeforeMebibytes: mebibytes(summary.largeFreeBytesBefore)
    case .largeFreeAfterMebibytes: mebibytes(summary.largeFreeBytesAfter)
    case .unusableIndexBefore: summary.unusableFreeSpaceIndexBefore
    case .leftovers: run.record.leftovers.map { Double($0.items.count) }
    }
  }
}
