public import Analysis
import Experiment

/// The charts of a sweep with a numeric knob: what each of its values did, every run a point. With a second knob there is a line for each of its
/// values.
public enum SweepFigures {
  /// The file that the charts are drawn from: one line a run.
  public static let dataName = "runs.csv"
  /// One line a value of the knob.
  public static let mediansName = "medians.csv"

  private static let shown: [Metric] = [
    .mountMedian, .mountP99, .serviceP99, .failedOperations, .allocationStalls, .compactionStalls,
  ]

  /// The second knob has at most so many values: more lines nobody tells apart.
  private static let mostSeries = 6

  /// One line of the charts, with files of its own.
  private struct Series {
    /// `memory-division=none`; nil for the only one.
    let title: String?
    let number: Int
    let rows: [SweepSummary.Row]
    let runs: [(values: [String], run: ComparedRun)]

    var dataName: String { title == nil ? SweepFigures.dataName : "runs-\(number).csv" }
    var mediansName: String { title == nil ? SweepFigures.mediansName : "medians-\(number).csv" }
  }

  /// Figures and the files that they read; none for a sweep of more than two knobs, or of one without a knob whose values are numbers.
  public static func all(_ summary: SweepSummary, runs: [(values: [String], run: ComparedRun)]) -> (
    figures: [Figure], data: [String: String]
  ) {
    guard (1...2).contains(summary.knobs.count), !runs.isEmpty,
      let axis = summary.knobs.firstIndex(where: { $0.values.allSatisfy { Double($0) != nil } })
    else { return ([], [:]) }
    let knob = summary.knobs[axis]
    let series = series(summary, runs, axis)
    guard series.count <= mostSeries else { return ([], [:]) }
    let metrics = shown.filter { metric in
      // A setting without a finished run has an empty cell.
      summary.rows.contains { row in row.figures.contains { $0.metric == metric && $0.most > 0 } }
    }
    let hasIndex = runs.contains { Metric.unusableIndexBefore.value(of: $0.run) != nil }
    let figures = metrics.flatMap { metric in
      [against(knob.name, knob.name, metric, series, withBars: series.count == 1 && hasBars(summary, metric))]
        + (hasIndex ? [against(Metric.unusableIndexBefore.title, index, metric, series, withBars: false)] : [])
    }
    var data: [String: String] = [:]
    for one in series {
      data[one.dataName] = runsCSV(one.runs, knob.name, axis, metrics)
      data[one.mediansName] = mediansCSV(summary, one.rows, knob.name, axis, metrics)
    }
    return (figures, data)
  }

  private static func series(
    _ summary: SweepSummary, _ runs: [(values: [String], run: ComparedRun)], _ axis: Int
  ) -> [Series] {
    guard summary.knobs.count == 2 else { return [Series(title: nil, number: 1, rows: summary.rows, runs: runs)] }
    let other = 1 - axis
    return summary.knobs[other].values.enumerated().map { index, value in
      Series(
        title: "\(summary.knobs[other].name)=\(value)", number: index + 1,
        rows: summary.rows.filter { $0.values[other] == value }, runs: runs.filter { $0.values[other] == value })
    }
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

  private static func against(
    _ title: String, _ column: String, _ metric: Metric, _ series: [Series], withBars: Bool
  ) -> Figure {
    let isKnob = column != index
    let plot = series.flatMap { plots($0, column, metric, isKnob, withBars) }
    let unit =
      [.count, .pagesPerFile].contains(metric.unit)
      ? "" : ", \(metric.unit == .milliseconds ? "ms" : metric.unit.rawValue)"
    return Figure(
      "\(isKnob ? "knob" : "index")-\(String(metric.name.map { $0 == "." || $0 == "_" ? "-" : $0 }))",
      title: "\(metric.title) against \(isKnob ? column : "the unusable free space index")",
      caption: isKnob
        ? "Every run is a point; \(series.count == 1 ? "the line joins" : "the lines join") the medians"
          + (withBars
            ? ", and a bar is the 95 % interval of the change from \(column)'s reference, put on the reference's median."
            : ".")
        : "Every run against the unusable free space index at 64 kB that its mounts met: 0 where all free memory could serve a request for 64 kB, 1 where none could.",
      plot: """
        set xlabel '\(isKnob ? column : "unusable free space index at 64 kB before the mounts")' noenhanced
        set ylabel '\(metric.title)\(unit)'
        set yrange [0:*]
        set offsets graph 0.03, graph 0.03, graph 0.05, 0
        set key outside top center horizontal
        set autoscale xfix
        plot \(plot.joined(separator: ", \\\n     "))
        """)
  }

  private static func plots(
    _ series: Series, _ column: String, _ metric: Metric, _ isKnob: Bool, _ withBars: Bool
  ) -> [String] {
    var plots: [String] = []
    if isKnob && withBars {
      // First: gnuplot clears the place of a bar's point, and a run would be missing from what comes before it.
      plots.append(
        "'\(series.mediansName)' using '\(column)':'\(metric.name)':'\(metric.name).lower':'\(metric.name).upper' with yerrorbars lt 2 dt 1 pt 0 title '95 %'"
      )
    }
    // Of one series the runs and the medians differ in colour, of several the series do.
    let colour = series.title == nil ? "" : " lc rgb '\(FigurePalette.curve(series.number - 1))'"
    let runs = series.title.map { isKnob ? "notitle" : "title '\($0)' noenhanced" } ?? "title 'a run'"
    plots.append(
      "'\(series.dataName)' using '\(column)':'\(metric.name)' with points lt 1\(colour) pt 6 ps 0.8 \(runs)")
    if isKnob {
      let medians = series.title.map { "title '\($0)' noenhanced" } ?? "title 'medians'"
      plots.append(
        "'\(series.mediansName)' using '\(column)':'\(metric.name)' with linespoints lt 2\(colour) dt 1 pt 7 ps 0.6 \(medians)"
      )
    }
    return plots
  }

  private static func runsCSV(
    _ runs: [(values: [String], run: ComparedRun)], _ knob: String, _ axis: Int, _ metrics: [Metric]
  ) -> String {
    let columns = [knob, index] + metrics.map(\.name)
    return columns.joined(separator: ",") + "\n"
      + runs.map { values, run in
        ([values[axis]] + ([Metric.unusableIndexBefore] + metrics).map { $0.value(of: run).map { "\($0)" } ?? "" })
          .joined(separator: ",") + "\n"
      }.joined()
  }

  private static func mediansCSV(
    _ summary: SweepSummary, _ own: [SweepSummary.Row], _ knob: String, _ axis: Int, _ metrics: [Metric]
  ) -> String {
    let columns = [knob] + metrics.flatMap { [$0.name, "\($0.name).lower", "\($0.name).upper"] }
    let base = summary.rows.first { $0.values == summary.knobs.map(\.reference) }
    let rows = own.sorted { (Double($0.values[axis]) ?? 0) < (Double($1.values[axis]) ?? 0) }
    return columns.joined(separator: ",") + "\n"
      + rows.map { row in
        let change = summary.effects.first { $0.values == row.values }?.comparison.metrics
        return
          ([row.values[axis]]
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
