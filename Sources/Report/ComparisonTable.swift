public import Analysis
import Experiment

/// Runs compared with runs, metric by metric.
public enum ComparisonTable {
  /// Each pair with its table and the differences between its sides below it, then the rules. Ends with a line break.
  public static func text(_ comparison: RunComparison, width: Int? = nil) -> String {
    comparison.pairs.map { pair in
      heading(pair) + "\n\n" + cells(pair.metrics).text + "\n" + notes(pair).map { note($0, width) }.joined()
    }.joined(separator: "\n") + "\n" + closing(comparison).map { note($0, width) }.joined()
  }

  /// The same for a README.
  public static func markdown(_ comparison: RunComparison) -> String {
    comparison.pairs.map { pair in
      "**" + heading(pair) + "**\n\n" + cells(pair.metrics).markdown + "\n" + notes(pair).map { "- \($0)\n" }.joined()
    }.joined(separator: "\n") + "\n" + closing(comparison).map { "- \($0)\n" }.joined()
  }

  private static func heading(_ pair: RunComparison.Pair) -> String {
    func runs(_ count: Int) -> String { count == 1 ? "1 run" : "\(count) runs" }
    return
      "base \(SingleLine.text(pair.base)) (\(runs(pair.baseRuns))), new \(SingleLine.text(pair.new)) (\(runs(pair.newRuns)))"
  }

  static func cells(_ metrics: [MetricComparison]) -> TableCells {
    TableCells(
      headings: [
        .init(title: "metric"), .init(title: "base", isNumber: true), .init(title: "new", isNumber: true),
        .init(title: "ratio (95 %)", isNumber: true), .init(title: "p", isNumber: true), .init(title: "verdict"),
      ],
      rows: metrics.map { metric in
        [
          title(metric), metric.baseMedian.map { value($0, metric.metric) } ?? "-",
          metric.newMedian.map { value($0, metric.metric) } ?? "-",
          metric.ratio.map(ratio) ?? "-", metric.adjustedP.map(probability) ?? "-", verdict(metric),
        ]
      })
  }

  private static func title(_ metric: MetricComparison) -> String {
    metric.firstMounts.map { "\(metric.metric.title), first \($0)" } ?? metric.metric.title
  }

  /// A median for people.
  static func value(_ value: Double, _ metric: Metric) -> String {
    switch metric.unit {
    case .seconds: HumanNumber.duration(UInt64((max(0, value) * 1e9).rounded()))
    case .milliseconds: HumanNumber.duration(UInt64((max(0, value) * 1e6).rounded()))
    case .mebibytes: ByteSize.humanText(UInt64((max(0, value) * 1_048_576).rounded()))
    case .share: HumanNumber.fixed(value, decimals: 3)
    case .count:
      value == value.rounded() ? HumanNumber.grouped(UInt64(max(0, value))) : HumanNumber.fixed(value, decimals: 1)
    }
  }

  /// `1.54 (1.50 to 1.58)`.
  static func ratio(_ ratio: MedianRatio) -> String {
    func text(_ value: Double) -> String {
      if !value.isFinite { return "infinite" }
      return HumanNumber.fixed(value, decimals: value >= 100 ? 0 : value >= 10 ? 1 : 2)
    }
    return "\(text(ratio.ratio)) (\(text(ratio.lower)) to \(text(ratio.upper)))"
  }

  static func probability(_ p: Double) -> String {
    p < 0.0001 ? "<0.0001" : HumanNumber.fixed(p, decimals: p < 0.001 ? 4 : p < 0.1 ? 3 : 2)
  }

  static func verdict(_ metric: MetricComparison) -> String {
    switch metric.verdict {
    case .inconclusive:
      metric.moreRuns.map { "inconclusive: \($0) more \($0 == 1 ? "run" : "runs") a side may decide it" }
        ?? "inconclusive: more than \(HumanNumber.grouped(UInt64(VerdictRules.repeatsLimit))) runs a side would be needed"
    default: metric.verdict.rawValue
    }
  }

  private static func notes(_ pair: RunComparison.Pair) -> [String] {
    var notes = pair.barriers.map { "FORCED although these sides should not be compared: \($0)" }
    if pair.tuning.isEmpty { notes.append("both sides have the same tuning: any difference is noise, or the machine") }
    notes += pair.tuning.map { "\($0.fact): \($0.base) in base, \($0.new) in new" }
    notes += pair.environment.map { "also different: \($0.fact): \($0.base) in base, \($0.new) in new" }
    notes += pair.leftOut.map { "left out because it was cut off: \(SingleLine.text($0))" }
    return notes + shortened(pair)
  }

  /// Where runs stopped at different mounts.
  static func shortened(_ pair: RunComparison.Pair) -> [String] {
    pair.metrics.lazy.compactMap(\.firstMounts).first.map { count in
      [
        "a run stopped early: times, CPU time and stalls cover only the first \(count) mounts, which every run completed"
      ]
    } ?? []
  }

  private static func closing(_ comparison: RunComparison) -> [String] {
    (comparison.tooFew.map { [$0] } ?? [])
      + [
        "values are medians over runs; "
          + rules(tests: comparison.tests, differencePercent: comparison.differencePercent)
      ]
  }

  /// The rules of the verdicts (``VerdictRules``) in a line.
  static func rules(tests: Int, differencePercent: Double) -> String {
    let percent = HumanNumber.fixed(
      differencePercent, decimals: differencePercent.rounded() == differencePercent ? 0 : 1)
    return
      "p is from the Mann-Whitney test, Holm-corrected for \(tests) \(tests == 1 ? "test" : "tests"); better or worse: p < 0.05, and the "
      + "interval excludes 1; no difference: the whole interval lies within \(percent) %"
  }

  static func note(_ text: String, _ width: Int?) -> String {
    LineWrapping.listItem(text, width: max(42, width ?? 132))
  }
}
