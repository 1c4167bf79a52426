public import Analysis
import Experiment

/// One page about a sweep: what it says, its tables, its charts, its runs.
public enum SweepPage {
  /// - Parameters:
  ///   - scenario: its name.
  ///   - figures: each chart with its finished SVG; nil where gnuplot did not draw it.
  ///   - advice: why there are no charts; nil where there are.
  public static func html(
    _ summary: SweepSummary, scenario: String, runs: [(values: [String], run: ComparedRun)],
    figures: [(figure: Figure, svg: String?)], advice: String?
  ) -> String {
    let knobs = summary.knobs.map(\.name).joined(separator: ", ")
    let closing = SweepTable.closing(summary).map { "<p class=outcome>\(Markup.escaped($0))</p>\n" }.joined()
    let services = list(SweepTable.services(summary))
    let effects = summary.effects.map { effect in
      let section = SweepTable.section(effect, summary, false)
      return "<h3>\(Markup.escaped(section.heading))</h3>\n"
        + section.tables.map { "<h4>\(Markup.escaped($0.title))</h4>\n" + Markup.table($0.cells) }.joined()
        + list(SweepTable.notes(effect))
    }.joined()
    return Page.html(
      title: "\(scenario), \(knobs)", advice: advice,
      "<h1>\(Markup.escaped(scenario)): \(Markup.escaped(knobs))</h1>\n\(closing)\(services)"
        + Markup.table(SweepTable.settings(summary)) + Page.charts(figures)
        + Page.details("Each setting against the reference", effects)
        + Page.details("Runs", Markup.table(table(runs, summary))))
  }

  private static func list(_ texts: [String]) -> String {
    texts.isEmpty ? "" : "<ul>\n\(texts.map { "<li>\(Markup.escaped($0))</li>\n" }.joined())</ul>\n"
  }

  private static func table(_ runs: [(values: [String], run: ComparedRun)], _ summary: SweepSummary) -> TableCells {
    let metrics = SweepTable.shown.filter { metric in runs.contains { metric.value(of: $0.run) != nil } }
    return TableCells(
      headings: summary.knobs.map { .init(title: $0.name, isNumber: true) } + [.init(title: "results")]
        + metrics.map { .init(title: $0.title, isNumber: true) },
      rows: runs.map { values, run in
        values + [run.path]
          + metrics.map { metric in
            metric.value(of: run).map { ComparisonTable.value($0, metric) } ?? "-"
          }
      })
  }
}
