import ArgumentParser
import RecordFiles
import Sweeps

/// What gnuplot draws for `scripts/plot-mounts`.
struct PlotMountsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot-mounts", abstract: "Print the gnuplot script that draws runs over their mounts.")

  @Argument(help: ArgumentHelp("What gnuplot is to write.", valueName: "picture.svg")) var picture: String
  @Argument(
    help: ArgumentHelp(
      "A directory with mounts.csv, or a file with its columns, and what to call it.", valueName: "results=title"))
  var runs: [String]

  func run() throws { print(CurvePlot.mounts(try Self.curves(runs), picture: picture), terminator: "") }

  /// - Throws: ``MeasurementError`` for what is no `RESULTS=TITLE`, or has no table with the columns that are drawn.
  static func curves(_ runs: [String]) throws -> [CurvePlot.Curve] {
    try runs.enumerated().map { index, run in
      guard let equals = run.firstIndex(of: "="), equals > run.startIndex else {
        throw MeasurementError(
          "invalid value '\(run.prefix(120))' for <results=title>: expected results, '=' and what to call them")
      }
      let results = String(run[..<equals])
      let table = TextFile.isDirectory(results) ? "\(results)/mounts.csv" : results
      let columns = try TextFile.read(table).prefix { !$0.isNewline }.split(separator: ",")
      for column in ["number", "cumulative_ns", "free_64k_bytes"] where !columns.contains(Substring(column)) {
        throw MeasurementError("\(table) is no table of mounts: it has no column \(column)")
      }
      return CurvePlot.Curve(table: table, title: String(run[run.index(after: equals)...]), colour: index)
    }
  }
}

/// What gnuplot draws for `scripts/plot-sweep`.
struct PlotSweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot-sweep", abstract: "Print the gnuplot script that draws the runs of a sweep over their mounts.")

  @Argument(help: ArgumentHelp("The directory of a sweep.", valueName: "sweep")) var sweep: String
  @Argument(help: ArgumentHelp("What gnuplot is to write.", valueName: "picture.svg")) var picture: String

  func run() throws {
    let plan = try SweepFolder.plan(sweep)
    let curves = Self.curves(plan, try SweepFolder.outcomes(sweep, plan), in: sweep)
    guard !curves.isEmpty else { throw MeasurementError("no run of \(sweep) is done") }
    print(CurvePlot.sweep(curves, picture: picture), terminator: "")
  }

  /// A curve for each run that came to its end, those of a setting in one colour and named once.
  static func curves(_ plan: SweepPlan, _ outcomes: [Int: SweepFolder.Outcome], in sweep: String) -> [CurvePlot.Curve] {
    plan.settings.indices.flatMap { setting in
      let title = plan.texts(of: plan.settings[setting]).joined(separator: ", ")
      let done = plan.points.filter { $0.setting == setting && outcomes[$0.number]?.status == .done }
      return done.sorted { $0.repetition < $1.repetition }.enumerated().compactMap { index, point in
        outcomes[point.number].map {
          CurvePlot.Curve(table: "\(sweep)/\($0.results)/mounts.csv", title: index == 0 ? title : nil, colour: setting)
        }
      }
    }
  }
}
