public import Experiment

/// The phases of a run: their times, and rate and latencies of those that do file operations.
public enum PhaseTable {
  /// Ends with a line break; empty when no phase began. A `-` stands where a phase has no such figure.
  public static func text(_ record: RunRecord) -> String { cells(record).text }

  static func cells(_ record: RunRecord) -> TableCells {
    TableCells(
      headings: [.init(title: "phase")]
        + ["duration", "operations", "operations/s", "median latency", "p99 latency", "tool's CPU", "tool's memory"].map
      {
        .init(title: $0, isNumber: true)
      },
      rows: record.phases.map { phase in
        var rate = "-"
        let work = work(of: phase.phase, in: record).flatMap { $0.operations > 0 ? $0 : nil }
        if let work, work.durationNanoseconds > 0 {
          let perSecond = Double(work.operations) / Double(work.durationNanoseconds) * 1e9
          if perSecond < 1e15 { rate = HumanNumber.grouped(UInt64(perSecond.rounded())) }
        }
        return [
          phase.phase.rawValue, phase.durationNanoseconds.map(HumanNumber.duration) ?? "cut off",
          work.map { HumanNumber.grouped($0.operations) } ?? "-", rate,
          work?.percentile(50).map(HumanNumber.duration) ?? "-",
          work?.percentile(99).map(HumanNumber.duration) ?? "-",
          phase.tool.map { HumanNumber.duration($0.cpuNanoseconds) } ?? "-",
          phase.tool.map { "\(ByteSize.humanText($0.residentBytes)), \(ByteSize.humanText($0.fileBytes)) of files" }
            ?? "-",
        ]
      })
  }

  private static func work(of phase: Phase, in record: RunRecord) -> WorkloadRecord? {
    switch phase {
    case .populate: record.populate
    case .rewrite: record.rewrite
    default: nil
    }
  }
}
