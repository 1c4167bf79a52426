public import Analysis
import Experiment
import TextTable

/// The model beside the measurement, figure by figure.
public enum ModelComparisonTable {
  private struct Row {
    let figure: String
    let measured: String
    let model: String
    let deviation: String
  }

  /// Ends with a line break. A `-` stands where a side has no such figure.
  public static func text(_ comparison: ModelComparison) -> String {
    var rows = [
      row("mounts completed", comparison.mountsCompleted),
      row("first demand that was retried", comparison.firstRefusedDemand),
      row("first demand not met", comparison.firstUnmetDemand),
      row("free memory before", comparison.freeBytesBefore, ByteSize.humanText),
      row("  in blocks of 64 kB+", comparison.largeFreeBytesBefore, ByteSize.humanText),
      row("  in blocks of 64 kB+ after", comparison.largeFreeBytesAfter, ByteSize.humanText),
      row("data cache before", comparison.dataCacheBytesBefore, ByteSize.humanText),
      row("  after", comparison.dataCacheBytesAfter, ByteSize.humanText),
      row("inode slab before", comparison.inodeSlabBytesBefore, ByteSize.humanText),
    ]
    if let services = comparison.services {
      rows.insert(
        contentsOf: [
          row("services completed", services.completed), row("files that failed", services.filesFailed),
          row("first service with such a file", services.firstFailingMount),
          row("compaction stalls", services.compactionStalls), row("reclaim stalls", services.allocationStalls),
        ], at: 1)
    }
    for order in comparison.freeBlocksBefore {
      rows.append(row("free blocks of \(4 << order.order) kB before", order.blocks))
    }
    let table = TextTable<Row> {
      [
        Column(title: "model \(comparison.scheme)", value: $0.figure),
        Column(title: "measured", value: $0.measured, align: .right),
        Column(title: "model", value: $0.model, align: .right),
        Column(title: "off by", value: $0.deviation, align: .right),
      ]
    }
    return table.string(for: rows)?.withoutTrailingSpaces ?? ""
  }

  private static func row(
    _ figure: String, _ pair: ModelComparison.Pair, _ word: (UInt64) -> String = HumanNumber.grouped
  ) -> Row {
    Row(
      figure: figure, measured: pair.measured.map(word) ?? "-", model: pair.model.map(word) ?? "-",
      deviation: pair.deviation.map {
        (($0 * 100).rounded() > 0 ? "+" : "") + HumanNumber.fixed($0 * 100, decimals: 0) + " %"
      } ?? "-")
  }
}
