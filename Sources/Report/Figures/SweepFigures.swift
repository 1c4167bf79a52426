public import Analysis
import Experiment

/// The charts of a sweep with one numeric knob: what each of its values did, every run a point.
public enum SweepFigures {
  /// The file that the charts are drawn from: one line a run.
  public static let dataName = "runs.csv"
  /// One line a value of the knob.
  public static let mediansName = "medians.csv"

  private static let shown: [Metric] = [
    .mountMedian, .mountP99, .serviceP99, .failedOperations, .allocationStalls, .compactionStalls,
  ]

  /// Figures and the files that they read; none for a sweep of several knobs, or of one whose values are no numbers.
  public static func all(_ summary: SweepSummary, runs: [(values: [String], run: ComparedRun)]) -> (
    figures: [Figure], data: [String: String]
  ) {
    guard summary.knobs.count == 1, summary.knobs[0].values.allSatisfy({ Double($0) != nil }), !runs.isEmpty else {
      return ([], [:])
    }
    let knob = summary.knobs[0]
    let metrics = shown.filter { metric in
      // A setting without a finished run has an empty cell.
      summary.rows.contains { row in row.figures.contains { $0.metric == metric && $0.most > 0 } }
    }
    let hasIndex = runs.contains { Metric.unusableIndexBefore.value(of: $0.run) != nil }
    let figures = metrics.flatMap { metric in
      [against(knob.name, knob.name, metric, withBars: hasBars(summary, metric))]
        + (hasIndex ? [against(Metric.unusableIndexBefore.title, index, metric, withBars: false)] : [])
    }
    return (figures, [dataName: runsCSV(runs, knob.name, metrics), mediansName: mediansCSV(summary, metrics)])
  }

  /// Times that were cut to the mounts that all runs completed are other figures than the points.
  private static func hasBars(_ summary: SweepSummary, _ metric: Metric) -> Bool {
    metric.scale == .ratio
      && summary.effects.contains { effect in
        effect.comparison.metrics.contains {
          $0.metric == metric && $0.firstMounts == nil && $0.change?.interval != nil
        }
      }
  }

  private static let index = Metric.unusableIndexBefore.name

  private static func against(_ title: String, _ column: String, _ metric: Metric, withBars: Bool) -> Figure {
    let isKnob = column != index
    var plot: [String] = []
    if isKnob && withBars {
      // First: gnuplot clears the place of a bar's point, and a run would be missing from what comes before it.
      plot.append(
        "'\(mediansName)' using '\(column)':'\(metric.name)':'\(metric.name).lower':'\(metric.name).upper' with yerrorbars lt 2 dt 1 pt 0 title '95 %'"
      )
    }
    plot.append("'\(dataName)' using '\(column)':'\(metric.name)' with points lt 1 pt 6 ps 0.8 title 'a run'")
    if isKnob {
      plot.append(
        "'\(mediansName)' using '\(column)':'\(metric.name)' with linespoints lt 2 dt 1 pt 7 ps 0.6 title 'medians'")
    }
    let unit = metric.unit == .count ? "" : ", \(metric.unit == .milliseconds ? "ms" : metric.unit.rawValue)"
    return Figure(
      "\(isKnob ? "knob" : "index")-\(String(metric.name.map { $0 == "." || $0 == "_" ? "-" : $0 }))",
      title: "\(metric.title) against \(isKnob ? column : "the unusable free space index")",
      caption: isKnob
        ? "Every run is a point; the line joins the medians"
          + (withBars
            ? ", and a bar is the 95 % interval of the change from \(column)'s reference, put on the reference's median."
            : ".")
        : "Every run against the unusable free space index at 64 kB that its mounts met: 0 where all free memory could serve a request for 64 kB, 1 where none could.",
      plot: """
        set xlabel '\(isKnob ? column : "unusable free space index at 64 kB before the mounts")' noenhanced
        set ylabel '\(metric.title)\(unit)'
        set yrange [0:*]
        set offsets graph 0.03, graph 0.03, graph 0.05, 0
        set key outside bottom center horizontal
        set autoscale xfix
        plot \(plot.joined(separator: ", \\\n     "))
        """)
  }

  private static func runsCSV(_ runs: [(values: [String], run: ComparedRun)], _ knob: String, _ metrics: [Metric])
    -> String
  {
    let columns = [knob, index] + metrics.map(\.name)
    return columns.joined(separator: ",") + "\n"
      + runs.map { values, run in
        (values + ([Metric.unusableIndexBefore] + metrics).map { $0.value(of: run).map { "\($0)" } ?? "" })
          .joined(separator: ",") + "\n"
      }.joined()
  }

  private static func mediansCSV(_ summary: SweepSummary, _ metrics: [Metric]) -> String {
    let columns = [summary.knobs[0].name] + metrics.flatMap { [$0.name, "\($0.name).lower", "\($0.name).upper"] }
    let base = summary.rows.first { $0.values == summary.knobs.map(\.reference) }
    let rows = summary.rows.sorted { (Double($0.values[0]) ?? 0) < (Double($1.values[0]) ?? 0) }
    return columns.joined(separator: ",") + "\n"
      + rows.map { row in
        let change = summary.effects.first { $0.values == row.values }?.comparison.metrics
        return
          (row.values
          + metrics.flatMap { metric in
            let median = row.figures.first { $0.metric == metric }?.median
            let reference = base?.figures.first { $0.metric == metric }?.median
            let interval = change?.first { $0.metric == metric }.flatMap {
              $0.firstMounts == nil ? $0.change?.interval : nil
            }
            // Without an interval the bar is as long as nothing.
            return [median]
              + [interval?.lower, interval?.upper].map { end in
                end.flatMap { end in reference.map { $0 * end } } ?? median
              }
          }.map { $0.map { "\($0)" } ?? "" }).joined(separator: ",") + "\n"
      }.joined()
  }
}
