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

  /// Pages taken from the page cache and from programs, by whoever did it.
  ///
  /// `pgsteal_anon` and `pgsteal_file` count the same pages again, split by kind, and so are left out. Kernels before 4.8 count
  /// for each zone (`pgsteal_kswapd_normal`).
  public static func reclaimedPages(_ counters: [String: UInt64]) -> UInt64? {
    func pages(by who: String) -> UInt64? {
      if let all = counters["pgsteal_\(who)"] { return all }
      let zones = counters.filter { $0.key.hasPrefix("pgsteal_\(who)_") }
      return zones.isEmpty ? nil : zones.values.reduce(0, +)
    }
    guard let kswapd = pages(by: "kswapd"), let direct = pages(by: "direct") else { return nil }
    return kswapd + direct + (pages(by: "khugepaged") ?? 0) + (pages(by: "proactive") ?? 0)
  }

  /// How much a counter grew; nil when either end is unknown, or when it went back, which a counter does not.
  static func growth(from before: UInt64?, to after: UInt64?) -> UInt64? {
    guard let before, let after, after >= before else { return nil }
    return after - before
  }
}
