import Experiment

/// The lines of a summary about what was asked of the page allocator.
enum AllocationLines {
  /// None where it was not traced.
  static func fields(_ record: RunRecord) -> [(label: String, value: String)] {
    guard let totals = record.allocations else { return [] }
    let bound = totals.lostEvents > 0 ? "at least " : ""
    let before = [
      work(totals.compaction, "compaction"), work(totals.directReclaim, "direct reclaim"),
      count(totals.kswapdWakeups, "wake-up", "of kswapd"), count(totals.fallbacks, "block", "of another migratetype"),
    ]
    return [
      ("asked of the allocator", blocks(totals, bound, pageBytes: record.host.pageBytes)),
      ("  before it gave them", bound + before.joined(separator: ", ")),
      ("  by others meanwhile", bound + work(totals.othersCompaction, "compaction")),
    ]
  }

  private static func blocks(_ totals: AllocationTotals, _ bound: String, pageBytes: UInt64) -> String {
    func size(_ order: Int) -> String { HumanNumber.blockSize(pageBytes << UInt64(order)) }
    guard let blocks = totals.blocks else { return "unavailable" }
    let least = size(AllocationTrace.leastOrder)
    // With lost events none is none that is known of.
    guard !blocks.isEmpty else { return bound.isEmpty ? "no block of \(least) or more" : "not known" }
    return bound
      + blocks.map { blocks in
        count(blocks.given + blocks.failed, "block", "of \(size(blocks.order)) by \(who(blocks.part))")
          + (blocks.failed > 0 ? " (\(HumanNumber.grouped(blocks.failed)) in vain)" : "")
      }.joined(separator: ", ")
  }

  private static func who(_ part: AllocationTrace.Part) -> String {
    switch part {
    case .demand: "demands"
    case .mount: "mounts"
    case .service: "services"
    }
  }

  /// "1 wake-up of kswapd", "2 wake-ups of kswapd".
  private static func count(_ count: UInt64?, _ what: String, _ which: String? = nil) -> String {
    guard let count else { return ([what + "s"] + [which, "unavailable"].compactMap { $0 }).joined(separator: " ") }
    return [HumanNumber.grouped(count), count == 1 ? what : what + "s", which].compactMap { $0 }.joined(separator: " ")
  }

  private static func work(_ work: DirectWork?, _ what: String) -> String {
    guard let work else { return count(nil, what) }
    let time = work.calls > 0 ? " (\(HumanNumber.duration(work.durationNanoseconds)))" : ""
    return count(work.calls + work.incompleteCalls, what) + time
      + (work.incompleteCalls > 0 ? ", \(HumanNumber.grouped(work.incompleteCalls)) of them not timed" : "")
  }
}
