public import Analysis
import Experiment

/// Runs compared with runs: whether all services came up, the primary figures, the safeguards, and on request the rest.
public enum ComparisonTable {
  /// Each pair with its tables and the differences between its sides below them, then how to read it. Ends with a line break.
  ///
  /// - Parameter showsAll: also the figures that nothing is judged by.
  public static func text(_ comparison: RunComparison, showsAll: Bool = false, width: Int? = nil) -> String {
    comparison.pairs.map { pair in
      ComparisonSection(pair, heading(pair), marginPercent: comparison.marginPercent, showsAll: showsAll)
        .text(notes: notes(pair), width: width)
    }.joined(separator: "\n") + "\n"
      + HowToRead.text(comparison.pairs, marginPercent: comparison.marginPercent, width: width)
  }

  /// The same for a README.
  public static func markdown(_ comparison: RunComparison, showsAll: Bool = false) -> String {
    comparison.pairs.map { pair in
      ComparisonSection(pair, heading(pair), marginPercent: comparison.marginPercent, showsAll: showsAll)
        .markdown(notes: notes(pair))
    }.joined(separator: "\n") + "\n" + HowToRead.markdown(comparison.pairs, marginPercent: comparison.marginPercent)
  }

  private static func heading(_ pair: RunComparison.Pair) -> String {
    "base \(SingleLine.text(pair.base)), new \(SingleLine.text(pair.new))"
  }

  private static func notes(_ pair: RunComparison.Pair) -> [String] {
    var notes = pair.barriers.map { "FORCED although these sides should not be compared: \($0)" }
    // What a forced comparison is of stands in the line above.
    if pair.tuning.isEmpty && notes.isEmpty {
      notes.append("both sides have the same tuning: any difference is noise, or the machine")
    }
    notes += pair.tuning.map { "\($0.fact): \($0.base) in base, \($0.new) in new" }
    notes += pair.environment.map { "also different: \($0.fact): \($0.base) in base, \($0.new) in new" }
    return notes + pair.broken.map { "broke, and counts as a failover that was lost: \(SingleLine.text($0))" }
  }

  /// A median for people.
  static func value(_ value: Double, _ metric: Metric) -> String {
    switch metric.unit {
    case .seconds: HumanNumber.duration(UInt64((max(0, value) * 1e9).rounded()))
    case .milliseconds: HumanNumber.duration(UInt64((max(0, value) * 1e6).rounded()))
    case .mebibytes: ByteSize.humanText(UInt64((max(0, value) * 1_048_576).rounded()))
    case .share, .pagesPerFile: HumanNumber.fixed(value, decimals: 3)
    case .count:
      value == value.rounded() ? HumanNumber.grouped(UInt64(max(0, value))) : HumanNumber.fixed(value, decimals: 1)
    }
  }

  /// `59 (53 - 64)`: the median and, where they differ, the extremes.
  static func spread(_ median: Double, _ least: Double, _ most: Double, _ metric: Metric) -> String {
    guard least < most else { return value(median, metric) }
    return "\(value(median, metric)) (\(value(least, metric)) - \(value(most, metric)))"
  }

  /// `6 of 7 (42 to 100 %)`, `0 of 7 (up to 41 %)`.
  static func proportion(_ proportion: Proportion) -> String {
    guard proportion.of > 0 else { return "no run" }
    let interval = proportion.interval()
    return
      "\(proportion.count) of \(proportion.of) (\(percent(interval.lowerBound)) to \(percent(interval.upperBound)) %)"
  }

  /// What none lost of so many still allows; nil where one was lost.
  static func allowance(_ proportion: Proportion) -> String? {
    guard proportion.of > 0, proportion.count == proportion.of else { return nil }
    return
      "none lost of \(proportion.of) still allows \(percent(Proportion(0, of: proportion.of).upperBound())) % lost (one-sided 95 %)"
  }

  /// What comes before everything else: did all services come up?
  static func services(_ complete: Proportion, with setting: String = "") -> String {
    "all services came up in \(proportion(complete)) failovers\(setting)"
      + (allowance(complete).map { "; " + $0 } ?? "")
  }

  /// The same of runs, be they of one setting or not; a run that broke is a failover that was lost.
  public static func services(_ runs: [ComparedRun]) -> String {
    services(ComparisonSide(path: "", runs: runs).complete)
  }

  private static func percent(_ share: Double) -> String { HumanNumber.fixed(share * 100, decimals: 0) }

  static func probability(_ p: Double) -> String {
    p < 0.0001 ? "<0.0001" : HumanNumber.fixed(p, decimals: p < 0.001 ? 4 : p < 0.1 ? 3 : 2)
  }

  /// A decimal only where it has one.
  static func margin(_ percent: Double) -> String {
    HumanNumber.fixed(percent, decimals: percent.rounded() == percent ? 0 : 1)
  }

  static func note(_ text: String, _ width: Int?) -> String {
    LineWrapping.listItem(text, width: max(42, width ?? 132))
  }
}

/// One side against another.
struct ComparisonSection {
  private let pair: RunComparison.Pair
  let heading: String
  private let marginPercent: Double
  private let showsAll: Bool

  init(_ pair: RunComparison.Pair, _ heading: String, marginPercent: Double, showsAll: Bool) {
    (self.pair, self.heading, self.marginPercent, self.showsAll) = (pair, heading, marginPercent, showsAll)
  }

  func text(notes: [String], width: Int?) -> String {
    services.map { $0 + "\n" }.joined() + "\n" + tables.map { "\($0.title)\n\n\($0.cells.text)\n" }.joined()
      + notes.map { ComparisonTable.note($0, width) }.joined()
  }

  func markdown(notes: [String]) -> String {
    services.map { "**\($0)**\n\n" }.joined() + tables.map { "\($0.title)\n\n\($0.cells.markdown)\n" }.joined()
      + notes.map { "- \($0)\n" }.joined()
  }

  /// What comes before everything else.
  private var services: [String] {
    // Sides of as many runs allow the same.
    let allowed = Set([pair.baseComplete, pair.newComplete].compactMap(ComparisonTable.allowance)).sorted()
    let complete =
      "all services came up in \(ComparisonTable.proportion(pair.baseComplete)) failovers of the base and "
      + "\(ComparisonTable.proportion(pair.newComplete)) of the new side"
    return [heading, design, ([complete] + allowed).joined(separator: "; ")]
  }

  private var design: String {
    switch pair.design {
    case .rounds: "\(pair.blocks) \(pair.blocks == 1 ? "round" : "rounds") with a run of both"
    case .batches:
      "measured in turns: \(pair.blocks) pairs of batches"
        + ", always in one order: a steady drift of the machine would look like an effect (a sweep changes the order)"
    case .sessions:
      "not measured in turns: whatever else differed between the two sittings is in every difference, so that there are intervals and no verdicts"
    case .planned:
      (pair.blocks == 0 ? "settings of sweeps" : "settings of a sweep, \(pair.blocks) rounds with a run of both")
        + ": the plan says when and by what they are judged, and `sweep collect` does it"
    }
  }

  var tables: [(title: String, cells: TableCells)] {
    var tables = [
      ("Primary", cells(pair.metrics(.primary))), ("Safeguards" + question, cells(pair.metrics(.safeguard))),
    ]
    let overhead = pair.metrics(.overhead).filter { $0.baseMedian != nil || $0.newMedian != nil }
    if !overhead.isEmpty { tables.append(("Overhead of the workload" + question, cells(overhead))) }
    let given = pair.metrics(.covariate).filter { $0.baseMedian != nil || $0.newMedian != nil }
    if !given.isEmpty { tables.append(("Met before the first mount (not judged)", cells(given))) }
    if showsAll { tables.append(("Others (not judged)", cells(pair.metrics(.other).filter { $0.baseMedian != nil }))) }
    return tables
  }

  private var question: String {
    guard pair.design == .rounds || pair.design == .batches else { return "" }
    return " (shown to be no worse by \(ComparisonTable.margin(marginPercent)) %?)"
  }

  private func cells(_ metrics: [MetricComparison]) -> TableCells {
    TableCells(
      headings: [
        .init(title: "figure"), .init(title: "base", isNumber: true), .init(title: "new", isNumber: true),
        .init(title: "change (95 %)", isNumber: true), .init(title: "p", isNumber: true), .init(title: "verdict"),
      ],
      rows: metrics.map { metric in
        let isCount = metric.metric == .failoversComplete
        return [
          title(metric),
          isCount
            ? "\(pair.baseComplete.count) of \(pair.baseComplete.of)"
            : values(metric.base, metric.baseMedian, metric.metric),
          isCount
            ? "\(pair.newComplete.count) of \(pair.newComplete.of)"
            : values(metric.new, metric.newMedian, metric.metric),
          isCount ? "" : metric.change.map { change($0, metric.metric) } ?? "-",
          metric.p.map(ComparisonTable.probability) ?? "", metric.verdict?.rawValue ?? "",
        ]
      })
  }

  private func title(_ metric: MetricComparison) -> String {
    metric.firstMounts.map { "\(metric.metric.title), first \($0) mounts" } ?? metric.metric.title
  }

  private func values(_ values: [Double], _ median: Double?, _ metric: Metric) -> String {
    guard let median, let least = values.min(), let most = values.max() else { return "-" }
    return ComparisonTable.spread(median, least, most, metric)
  }

  /// `x 0.74 (0.69 to 0.83)`, `+57 (+50 to +62)`; `x 0.74 (all: 0.69 - 0.83)` where that is all that the pairs allow.
  private func change(_ change: Change, _ metric: Metric) -> String {
    func text(_ value: Double) -> String {
      switch change.scale {
      case .ratio: HumanNumber.fixed(value, decimals: value >= 100 ? 0 : value >= 10 ? 1 : 2)
      case .difference:
        signed(value, ComparisonTable.value(abs(value), metric))
      }
    }
    /// What is printed as 0 has no sign.
    func signed(_ value: Double, _ text: String) -> String {
      text.contains { $0 != "0" && $0.isNumber } ? (value < 0 ? "-" : "+") + text : text
    }
    let start = (change.scale == .ratio ? "x " : "") + text(change.estimate)
    if let interval = change.interval { return "\(start) (\(text(interval.lower)) to \(text(interval.upper)))" }
    return change.range.map { "\(start) (all: \(text($0.lower)) - \(text($0.upper)))" } ?? "\(start) (too few)"
  }
}

/// Below every comparison, the rules in five lines.
enum HowToRead {
  static func text(_ pairs: [RunComparison.Pair], marginPercent: Double, width: Int?) -> String {
    "How to read this\n" + lines(pairs, marginPercent).map { ComparisonTable.note($0, width) }.joined()
  }

  static func markdown(_ pairs: [RunComparison.Pair], marginPercent: Double) -> String {
    "*How to read this*\n\n" + lines(pairs, marginPercent).map { "- \($0)\n" }.joined()
  }

  private static func lines(_ pairs: [RunComparison.Pair], _ marginPercent: Double) -> [String] {
    let margin = ComparisonTable.margin(marginPercent)
    let isJudged = pairs.contains { $0.design == .rounds || $0.design == .batches }
    let changes =
      pairs.contains { $0.blocks > 0 }
      ? "A change is between runs of one round, or batches of one turn" : "A change is between the medians of the sides"
    return [
      "First: did all services come up? A run that broke is a failover that was lost. Shares have 95 % intervals (Clopper-Pearson).",
      "A value is the median over runs (least - most). \(changes): a ratio (x) of times and sizes, a difference of counts, with its 95 % interval; (all: …) is the least and the largest change of a pair, where there are too few for an interval.",
      "Mean time to service counts a service that did not come up with the mount timeout, so that stopping early is no gain of time.",
      isJudged
        ? "Better or worse: p below the level, exact, corrected for all primary figures and settings. No difference: shown to lie within \(margin) %, with as many failovers complete."
        : "Without turns (A B A B) no p and no verdict is given: two sittings of the same system differ by more than their runs do.",
      "No worse: the figure is shown to be less than \(margin) % worse. Not shown: it may be worse by more, even if nothing worse was seen.",
    ]
  }
}
