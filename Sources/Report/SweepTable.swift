public import Analysis
import Experiment

/// The results of a sweep.
public enum SweepTable {
  /// The settings, the effect of each knob, the rules, and the recommendations last, where they are seen. Ends with a line break.
  public static func text(_ summary: SweepSummary, width: Int? = nil) -> String {
    let effects = summary.effects.map { effect in
      heading(effect) + "\n\n" + ComparisonTable.cells(effect.comparison.metrics).text + "\n"
        + notes(effect).map { ComparisonTable.note($0, width) }.joined()
    }
    return settings(summary).text + "\n" + effects.map { $0 + "\n" }.joined()
      + closing(summary).map { ComparisonTable.note($0, width) }.joined() + "\n"
      + summary.recommendations.map { "=> \($0)\n" }.joined()
  }

  /// The same for a README.
  public static func markdown(_ summary: SweepSummary) -> String {
    let effects = summary.effects.map { effect in
      "**\(heading(effect))**\n\n" + ComparisonTable.cells(effect.comparison.metrics).markdown + "\n"
        + notes(effect).map { "- \($0)\n" }.joined()
    }
    return settings(summary).markdown + "\n" + effects.map { $0 + "\n" }.joined()
      + closing(summary).map { "- \($0)\n" }.joined() + "\n"
      + summary.recommendations.map { "**\($0)**\n" }.joined(separator: "\n")
  }

  private static let shown: [Metric] = [
    .mountsCompleted, .firstStoppedMount, .totalTime, .mountMedian, .mountP99, .compactionStalls, .largeFreeBefore,
  ]

  private static func settings(_ summary: SweepSummary) -> TableCells {
    let metrics = shown.filter { metric in summary.rows.contains { $0.figures.contains { $0.metric == metric } } }
    return TableCells(
      headings: summary.knobs.map { .init(title: $0.name, isNumber: true) } + [.init(title: "runs", isNumber: true)]
        + metrics.map { .init(title: $0.title, isNumber: true) },
      rows: summary.rows.map { row in
        let values = zip(summary.knobs, row.values).map { knob, value in
          value + (knob.referenceIsDefault && value == knob.reference ? " (default)" : "")
        }
        return values + [runs(row)]
          + metrics.map { metric in row.figures.first { $0.metric == metric }.map(figure) ?? "-" }
      })
  }

  private static func runs(_ row: SweepSummary.Row) -> String {
    var text = "\(row.runs)"
    if row.failed > 0 { text += ", \(row.failed) failed" }
    if row.missing > 0 { text += ", \(row.missing) to go" }
    return text
  }

  /// `59 (53-64)`: the median and, where they differ, the extremes.
  private static func figure(_ figure: SweepSummary.Row.Figure) -> String {
    let median = ComparisonTable.value(figure.median, figure.metric)
    guard figure.least < figure.most else { return median }
    return
      "\(median) (\(ComparisonTable.value(figure.least, figure.metric)) - \(ComparisonTable.value(figure.most, figure.metric)))"
  }

  private static func heading(_ effect: SweepSummary.Effect) -> String {
    "\(effect.knob): \(effect.value) against \(effect.reference) (\(effect.comparison.newRuns) against \(effect.comparison.baseRuns) runs)"
  }

  private static func notes(_ effect: SweepSummary.Effect) -> [String] {
    var notes = effect.comparison.barriers.map { "caution: \($0)" }
    notes += effect.comparison.environment.map { "also different: \($0.fact): \($0.base) against \($0.new)" }
    return notes + ComparisonTable.shortened(effect.comparison)
  }

  private static func closing(_ summary: SweepSummary) -> [String] {
    (summary.tooFew.map { [$0] } ?? [])
      + [
        "values are medians over runs (least - most); "
          + ComparisonTable.rules(tests: summary.tests, differencePercent: summary.differencePercent)
      ]
  }
}
