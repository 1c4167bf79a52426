import Analysis
import Experiment
import Report

extension CurvePlot {
  /// Two halves side by side: the service time over the mounts on machines like the paper's, and how many services runs with whole and with
  /// divided memory have lost, every run a point, by how much page cache the services ask for. Less is pinned where memory is divided, so that whole
  /// memory with as few pins stands beside both.
  static func headline(failure: [(curve: Curve, unitNanoseconds: Double)], cure: [DividedRun], picture: String)
    -> String
  {
    let sizes = Set(cure.map(\.files)).sorted()
    let arms = DividedRun.Arm.allCases.filter { arm in cure.contains { $0.arm == arm } }
    let ticks = sizes.enumerated().map { index, files in
      let demand = cure.first { $0.files == files }?.demandBytes ?? 0
      return "\"\(files)\\n\(ByteSize.humanText(demand))\" \(index)"
    }
    return """
      set terminal svg size 1000,440 font 'sans,13' background '#ffffff'
      set output \(quoted(picture))
      \(lineTypes(failure.map(\.curve)))
      \(arms.map { "$\($0.rawValue) << EOD\n\(points(of: $0, cure, sizes))\nEOD" }.joined(separator: "\n"))
      set grid lc rgb '#dddddd'
      set border 3
      set tics nomirror
      set multiplot layout 1,2
      set bmargin 5
      set title 'The failure: a kernel of 6.1 made like one of 2005' offset 0,1
      set datafile separator comma
      set datafile columnheaders
      set xrange [0:128]
      set xlabel 'mount'
      set ylabel '\(relativeTime)'
      set logscale y
      set key bottom right Left reverse noenhanced opaque font ',11'
      \(paperMarks)
      plot \(relativeTimes(failure))
      unset arrow
      unset label
      unset logscale y
      set datafile separator whitespace
      unset datafile columnheaders
      set title 'The cure: memory in two zones, XFS with blocks of 64 kB' offset 0,1
      set xrange [-0.5:\(sizes.count).-0.5]
      set yrange [-0.4:*]
      set xlabel 'files a service, and page cache of all' offset 0,-1
      set xtics (\(ticks.joined(separator: ", ")))
      set ylabel 'services lost of 128, every run a point'
      set key top left Left reverse noenhanced opaque font ',11'
      plot \(arms.map { plot($0, cure) }.joined(separator: ", \\\n     "))
      unset multiplot

      """
  }

  private static func plot(_ arm: DividedRun.Arm, _ runs: [DividedRun]) -> String {
    let own = runs.filter { $0.arm == arm }
    let pinned = Quantile.linear(of: own.map { Double($0.pinnedBytes) }, at: 0.5) ?? 0
    let (name, style) =
      switch arm {
      case .whole: ("whole", "pt 7 ps 0.6 lc rgb '\(FigurePalette.curve(1))'")
      case .equal: ("whole, as few pins", "pt 9 ps 0.7 lc rgb '\(FigurePalette.curve(3))'")
      case .divided:
        (
          "divided, \((own.first?.movableBytes ?? 0) >> 20) MiB movable",
          "pt 5 ps 0.6 lc rgb '\(FigurePalette.curve(0))'"
        )
      }
    return "$\(arm.rawValue) with points \(style) title '\(name): \(Int((pinned / 1_048_576).rounded())) MiB pinned'"
  }

  /// A line for each run; those of one size stand side by side, or else those that lost nothing would be one point.
  private static func points(of arm: DividedRun.Arm, _ runs: [DividedRun], _ sizes: [UInt64]) -> String {
    let centre =
      switch arm {
      case .whole: -0.3
      case .equal: 0.0
      case .divided: 0.3
      }
    return sizes.enumerated().flatMap { index, files in
      let same = runs.filter { $0.arm == arm && $0.files == files }
      return same.enumerated().map { place, run in
        let aside = (Double(place) - Double(same.count - 1) / 2) * 0.017
        return "\(Double(index) + centre + aside) \(run.servicesLost)"
      }
    }.joined(separator: "\n")
  }
}
