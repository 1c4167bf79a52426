import Analysis
import Experiment
import Report

extension CurvePlot {
  /// Two halves side by side: the service time over the mounts on machines like the paper's, and the 99th percentile of the services in runs with whole and
  /// with divided memory, every run a point, by how much page cache the services ask for and by machine. Less is pinned where memory is divided, so that
  /// whole memory with as few pins stands beside both. A ring is around runs that lost services.
  static func headline(failure: [(curve: Curve, unitNanoseconds: Double)], cure: [DividedRun], picture: String)
    -> String
  {
    let columns = Set(cure.map(Column.init)).sorted { ($0.files, $0.processor) < ($1.files, $1.processor) }
    let arms = DividedRun.Arm.allCases.filter { arm in cure.contains { $0.arm == arm } }
    let ticks = columns.enumerated().map { index, column in
      "\"\(column.files)\\n\(Double(column.demandBytes) / Double(1 << 30)) GiB\\n\(column.processor)\" \(index)"
    }
    let lost = arms.map { "$\($0.rawValue) using 1:($3 > 0 ? $2 : NaN)" }
    let rings = lost.enumerated().map { index, data in
      "\(data) with points pt 6 ps 1.3 lw 1.5 lc rgb 'black' \(index == 0 ? "title 'services lost'" : "notitle")"
    }
    return """
      set terminal svg size 1000,440 font 'sans,13' background '#ffffff'
      set output \(quoted(picture))
      \(lineTypes(failure.map(\.curve)))
      \(arms.map { "$\($0.rawValue) << EOD\n\(points(of: $0, cure, columns))\nEOD" }.joined(separator: "\n"))
      set grid lc rgb '#dddddd'
      set border 3
      set tics nomirror
      set multiplot layout 1,2
      set bmargin 6
      set title 'The failure: a kernel of 6.1 made like one of 2005' offset 0,1
      set datafile separator comma
      set datafile columnheaders
      set xrange [0:128]
      # Room for the legend below the curves.
      set yrange [0.02:30000]
      set ytics (1, 10, 100, 1000, 10000)
      set xlabel 'mount (a run each; dashed: the thresholds and the stop of the paper)'
      set ylabel '\(relativeTime)'
      set logscale y
      set key bottom right Left reverse noenhanced opaque font ',11'
      \(paperMarks)
      plot \(relativeTimes(failure))
      unset arrow
      unset label
      set datafile separator whitespace
      unset datafile columnheaders
      set title 'The cure: memory in two zones, XFS with blocks of 64 kB' offset 0,1
      set xrange [-0.5:\(columns.count).-0.5]
      set yrange [15:600]
      set ytics (20, 50, 100, 200, 500)
      set xlabel 'files a service, page cache of all, and machine' offset 0,-2
      set xtics (\(ticks.joined(separator: ", ")))
      set ylabel '99th percentile per service (ms)'
      set key top left Left reverse noenhanced font ',11'
      plot \((arms.map { plot($0, cure) } + rings).joined(separator: ", \\\n     "))
      unset multiplot

      """
  }

  private static func plot(_ arm: DividedRun.Arm, _ runs: [DividedRun]) -> String {
    let own = runs.filter { $0.arm == arm }
    let pinned = Quantile.linear(of: own.map { Double($0.pinnedBytes) }, at: 0.5) ?? 0
    let (name, style) =
      switch arm {
      case .whole: ("whole", "pt 7 ps 0.6 lc rgb '\(FigurePalette.curve(1))'")
      case .equal: ("whole, as few pins as divided", "pt 9 ps 0.7 lc rgb '\(FigurePalette.curve(3))'")
      case .divided:
        (
          "divided, \((own.first?.movableBytes ?? 0) >> 20) MiB movable",
          "pt 5 ps 0.6 lc rgb '\(FigurePalette.curve(0))'"
        )
      }
    return "$\(arm.rawValue) with points \(style) title '\(name): \(Int((pinned / 1_048_576).rounded())) MiB pinned'"
  }

  /// Runs of one size on one machine.
  private struct Column: Hashable {
    let files, demandBytes: UInt64
    let processor: String

    init(_ run: DividedRun) { (files, demandBytes, processor) = (run.files, run.demandBytes, run.processor) }
  }

  /// A line for each run: place, milliseconds, services lost. Those of one column stand side by side, or else they would be one point.
  private static func points(of arm: DividedRun.Arm, _ runs: [DividedRun], _ columns: [Column]) -> String {
    let centre =
      switch arm {
      case .whole: -0.28
      case .equal: 0.0
      case .divided: 0.28
      }
    return columns.enumerated().flatMap { index, column in
      let same = runs.filter { $0.arm == arm && Column($0) == column }
      return same.enumerated().map { place, run in
        let aside = (Double(place) - Double(same.count - 1) / 2) * 0.022
        let milliseconds = run.p99Nanoseconds.map { "\(Double($0) / 1e6)" } ?? "NaN"
        return "\(Double(index) + centre + aside) \(milliseconds) \(run.servicesLost)"
      }
    }.joined(separator: "\n")
  }
}
