public import Experiment

/// `allocations.csv`: what each mount and each service asked of the page allocator, one line for each kind of event. Lines end with a line
/// feed.
///
/// A line without a mount tells of the whole trace: `lost` and `outside` are always there, and an event that this kernel does not have is
/// there with an empty count. What has no line did not happen, as far as nothing was lost.
public enum AllocationsCSV {
  private static let columns = [
    "mount", "part", "whose", "event", "order", "migratetype", "fallback_migratetype", "direct_reclaim", "count",
    "duration_ns",
  ]

  public static func text(_ trace: AllocationTrace) -> String {
    var lines = [columns]
    for row in trace.rows {
      lines.append([
        "\(row.mount)", row.part.rawValue, row.asker.rawValue, row.event.rawValue, CSVCell.number(row.order),
        CSVCell.text(row.migrateType ?? ""), CSVCell.text(row.fallbackMigrateType ?? ""),
        row.allowsDirectReclaim.map { "\($0)" } ?? "", "\(row.count)", CSVCell.number(row.durationNanoseconds),
      ])
    }
    for event in trace.unavailable { lines.append(ofAll(event.rawValue, "")) }
    lines.append(ofAll("outside", "\(trace.eventsOutside)"))
    lines.append(ofAll("lost", "\(trace.lostEvents)"))
    return lines.map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private static func ofAll(_ event: String, _ count: String) -> [String] {
    columns.map { $0 == "event" ? event : $0 == "count" ? count : "" }
  }
}
