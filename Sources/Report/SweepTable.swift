public import Analysis
import Experiment

/// The results of a sweep.
public enum SweepTable {
  /// Whether the services came up, the settings, each against the reference, how to read it, and the recommendations last, where they are
  /// seen. Ends with a line break.
  ///
  /// - Parameter showsAll: also the figures that nothing is judged by.
  public static func text(_ summary: SweepSummary, showsAll: Bool = false, width: Int? = nil) -> String {
    let effects = summary.effects.map { effect in
      section(effect, summary, showsAll).text(notes: notes(effect), width: width) + "\n"
    }
    return services(summary).map { $0 + "\n" }.joined() + "\n" + settings(summary).text + "\n" + effects.joined()
      + HowToRead.text(summary.effects.map(\.comparison), marginPercent: summary.marginPercent, width: width) + "\n"
      + closing(summary).map { "=> \($0)\n" }.joined()
  }

  /// The same for a README.
  public static func markdown(_ summary: SweepSummary, showsAll: Bool = false) -> String {
    let effects = summary.effects.map { effect in
      section(effect, summary, showsAll).markdown(notes: notes(effect)) + "\n"
    }
    return services(summary).map { "- \($0)\n" }.joined() + "\n" + settings(summary).markdown + "\n" + effects.joined()
      + HowToRead.markdown(summary.effects.map(\.comparison), marginPercent: summary.marginPercent) + "\n"
      + closing(summary).map { "**\($0)**\n" }.joined(separator: "\n")
  }

  static let shown: [Metric] = [
    .servicesCompleted, .restrictedMean, .mountMedian, .mountP99, .serviceP99, .failedOperations, .allocationStalls,
    .compactionStalls, .keptFree,
  ]

  static func services(_ summary: SweepSummary) -> [String] {
    summary.rows.map { row in
      ComparisonTable.services(row.complete, with: " with \(name(row.values, summary.knobs))")
    }
  }

  private static func name(_ values: [String], _ knobs: [SweepSummary.Knob]) -> String {
    zip(knobs, values).map { knob, value in
      "\(knob.name)=\(SingleLine.text(value))"
        + (value == knob.reference ? knob.referenceWord.map { " (\($0))" } ?? "" : "")
    }.joined(separator: ", ")
  }

  /// Over all mounts of each run: a row is read by itself. The comparisons below cut times to the mounts that every run completed, and say so.
  static func settings(_ summary: SweepSummary) -> TableCells {
    let metrics = shown.filter { metric in summary.rows.contains { $0.figures.contains { $0.metric == metric } } }
    return TableCells(
      headings: summary.knobs.map { .init(title: $0.name, isNumber: true) }
        + [.init(title: "complete", isNumber: true)] + metrics.map { .init(title: $0.title, isNumber: true) },
      rows: summary.rows.map { row in
        let values = zip(summary.knobs, row.values).map { knob, value in
          SingleLine.text(value) + (value == knob.reference ? knob.referenceWord.map { " (\($0))" } ?? "" : "")
        }
        return values + [runs(row)]
          + metrics.map { metric in
            row.figures.first { $0.metric == metric }
              .map { ComparisonTable.spread($0.median, $0.least, $0.most, metric) } ?? "-"
          }
      })
  }

  private static func runs(_ row: SweepSummary.Row) -> String {
    var text = "\(row.complete.count) of \(row.complete.of)"
    if row.broken > 0 { text += ", \(row.broken) broke" }
    if row.missing > 0 { text += ", \(row.missing) to go" }
    return text
  }

  static func section(_ effect: SweepSummary.Effect, _ summary: SweepSummary, _ showsAll: Bool)
    -> ComparisonSection
  {
    ComparisonSection(
      effect.comparison,
      "base \(name(summary.knobs.map(\.reference), summary.knobs)), new \(name(effect.values, summary.knobs))",
      marginPercent: summary.marginPercent, showsAll: showsAll)
  }

  static func notes(_ effect: SweepSummary.Effect) -> [String] {
    effect.comparison.barriers.map { "caution: \($0)" }
      + effect.comparison.environment.map { "also different: \($0.fact): \($0.base) against \($0.new)" }
  }

  static func closing(_ summary: SweepSummary) -> [String] {
    (summary.withheld + summary.recommendations).map { SingleLine.text($0, limit: 2_000) }
  }
}
