/// What the kernel's cumulative event counters (/proc/vmstat) tell about reclaim. Answers nil where a kernel does not count.
public enum ReclaimCounters {
  /// Times a task had to reclaim by itself before it got its memory: `allocstall` of kernels before 4.10, since then one counter
  /// for each zone (include/linux/vm_event_item.h, ALLOCSTALL).
  public static func allocationStalls(_ counters: [String: UInt64]) -> UInt64? {
    let zones = counters.filter { $0.key == "allocstall" || $0.key.hasPrefix("allocstall_") }
    return zones.isEmpty ? nil : zones.values.reduce(0, +)
  }

  /// Times a task had to compact memory by itself; nil without CONFIG_COMPACTION.
  public static func compactionStalls(_ counters: [String: UInt64]) -> UInt64? { counters["compact_stall"] }

  /// Pages taken from the page cache and from programs, by whoever did it; nil for kernels before 4.8, which count by zone.
  ///
  /// `pgsteal_anon` and `pgsteal_file` count the same pages again, split by kind, and so are left out.
  public static func reclaimedPages(_ counters: [String: UInt64]) -> UInt64? {
    guard let kswapd = counters["pgsteal_kswapd"], let direct = counters["pgsteal_direct"] else { return nil }
    // Who is not there on a kernel has taken nothing.
    return kswapd + direct + (counters["pgsteal_khugepaged"] ?? 0) + (counters["pgsteal_proactive"] ?? 0)
  }

  /// How much a counter grew; nil when either end is unknown, or when it went back, which a counter does not.
  static func growth(from before: UInt64?, to after: UInt64?) -> UInt64? {
    guard let before, let after, after >= before else { return nil }
    return after - before
  }
}
