public import Experiment
import TextTable

/// The phases of a run with their times, and the rate and latencies of those that do file operations.
public enum PhaseTable {
  private struct Row {
    let phase: String
    var duration: String
    var operations = "-"
    var rate = "-"
    var median = "-"
    var p99 = "-"
  }

  /// Ends with a line break; empty when no phase began. A `-` stands where a phase has no such figure.
  public static func text(_ record: RunRecord) -> String {
    let rows = record.phases.map { phase -> Row in
      var row = Row(
        phase: phase.phase.rawValue, duration: phase.durationNanoseconds.map(HumanNumber.duration) ?? "cut off")
      if let work = work(of: phase.phase, in: record), work.operations > 0 {
        row.operations = HumanNumber.grouped(work.operations)
        if work.durationNanoseconds > 0 {
          let rate = Double(work.operations) / Double(work.durationNanoseconds) * 1e9
          if rate < 1e15 { row.rate = HumanNumber.grouped(UInt64(rate.rounded())) }
        }
        row.median = work.latency.percentile(50).map(HumanNumber.duration) ?? "-"
        row.p99 = work.latency.percentile(99).map(HumanNumber.duration) ?? "-"
      }
      return row
    }
    let table = TextTable<Row> {
      [
        Column(title: "phase", value: $0.phase), Column(title: "duration", value: $0.duration, align: .right),
        Column(title: "operations", value: $0.operations, align: .right),
        Column(title: "operations/s", value: $0.rate, align: .right),
        Column(title: "median latency", value: $0.median, align: .right),
        Column(title: "p99 latency", value: $0.p99, align: .right),
      ]
    }
    return table.string(for: rows)?.withoutTrailingSpaces ?? ""
  }

  private static func work(of phase: Phase, in record: RunRecord) -> WorkloadRecord? {
    switch phase {
    case .populate: record.populate
    case .rewrite: record.rewrite
    default: nil
    }
  }
}
