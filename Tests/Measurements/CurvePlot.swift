import Report

/// gnuplot's texts for the curves of several runs in one picture.
enum CurvePlot {
  /// A table with the columns of mounts.csv, and what its curve is called; nil for one that the legend leaves out.
  struct Curve: Equatable {
    let table: String
    let title: String?
    /// Of ``FigurePalette/curve(_:)``.
    let colour: Int
  }

  private static let serviceTime = "cumulative service time (s)"
  /// An emulator's seconds are not a machine's.
  static let relativeTime = "cumulative time (unstalled mount = 1)"

  /// The service time over the mounts, and below it the free memory in blocks of 64 kB or more.
  ///
  /// The last mount of a run that stopped is the one that did not come up: its time is that of its timeout.
  static func mounts(_ curves: [Curve], picture: String) -> String {
    """
    set terminal svg size 900,640 font 'sans,13' background '#ffffff'
    set output \(quoted(picture))
    set datafile separator comma
    set datafile columnheaders
    \(lineTypes(curves))
    set grid lc rgb '#dddddd'
    set border 3
    set tics nomirror
    set key bottom right Left reverse noenhanced
    set xrange [0:*]
    set lmargin 10
    set rmargin 3
    set multiplot layout 2,1
    set ylabel '\(serviceTime)'
    set logscale y
    plot \(plot(curves, "column('cumulative_ns')/1e9"))
    unset logscale y
    unset key
    set xlabel 'mount'
    set ylabel 'free in blocks of 64 kB+ (MiB)'
    set yrange [0:*]
    plot \(plot(curves, "column('free_64k_bytes')/1048576."))
    unset multiplot

    """
  }

  /// The service time over the mounts of all runs of a sweep, a colour for each setting.
  static func sweep(_ curves: [Curve], picture: String) -> String {
    """
    set terminal svg size 900,420 dynamic font 'sans-serif,14' background rgb 'white'
    set output \(quoted(picture))
    set datafile separator comma
    set datafile columnheaders
    \(lineTypes(curves))
    set border 3
    set tics nomirror
    set grid lw 0.4 dt 3
    set logscale y
    set format y '%g'
    set xlabel 'mount'
    set ylabel '\(serviceTime)'
    set key bottom right Left reverse noenhanced
    plot \(plot(curves, "column('cumulative_ns')/1e9", style: " lw 1.4"))

    """
  }

  /// What was free before the first mount, outside ZONE_DMA.
  struct Free: Equatable {
    let title: String
    /// In blocks below 64 kB, and of 64 kB or more.
    let smallMebibytes, largeMebibytes: Double
    /// The paper's, after the fragmentation program (Fig. 10: 0.5 and 8.3 MB).
    static let paper = Free(title: "the paper", smallMebibytes: 0.5e6 / 1_048_576, largeMebibytes: 8.3e6 / 1_048_576)
  }

  /// Real kernels, the model and the paper over each other (Fig. 11, 13, 14 and 10): the service time in units of each curve's mounts before it
  /// stalls, the data cache, promotion, the memory that can still be had in blocks of 64 kB or more, and what was free before the mounts. The
  /// paper prints no values of its curves: what it says of them in words is marked.
  static func as2005(_ curves: [(curve: Curve, unitNanoseconds: Double)], free: [Free], picture: String) -> String {
    let plain = curves.map(\.curve)
    let legend = plain.map { "-1 with lines lt \($0.colour + 1) title \(quoted($0.title ?? ""))" }
    return """
      set terminal svg size 1000,1060 font 'sans,13' background '#ffffff'
      set output \(quoted(picture))
      set datafile separator comma
      set datafile columnheaders
      \(freeTable(free))
      \(lineTypes(plain))
      set grid lc rgb '#dddddd'
      set border 3
      set tics nomirror
      set xrange [0:128]
      set xlabel 'mount'
      \(paperMarks)
      set multiplot layout 3,2
      unset key
      set ylabel '\(relativeTime)'
      set logscale y
      plot \(relativeTimes(curves))
      unset logscale y
      set yrange [0:*]
      set ylabel 'data cache (MiB)'
      \(paperPoint(at: "71, \(36e6 / 1_048_576)", "the paper: 36 MB"))
      plot \(plot(plain, "column('data_cache_bytes')/1048576."))
      unset label 9
      set ylabel 'promotion (MB per MB freed)'
      \(paperPoint(at: "56, graph 0.94", "the paper: its peak"))
      plot \(plot(plain, "column('promotion_ratio')", lines: "points pt 7 ps 0.5"))
      unset label 9
      set ylabel 'usable in 64 kB+ (MiB; 0.05 is none)'
      set yrange [0.04:*]
      set logscale y
      plot \(plot(plain, "column('usable_64k_bytes') > 52429 ? column('usable_64k_bytes')/1048576. : 0.05"))
      unset arrow
      unset label
      set ylabel 'free before the mounts (MiB)'
      unset xlabel
      set xrange [-0.6:\(Double(free.count) - 0.4)]
      set yrange [0.1:*]
      set xtics rotate by -25 noenhanced
      set boxwidth 0.36
      set style fill solid
      set key top left Left reverse noenhanced
      plot $free using ($0-0.2):2:xtic(1) with boxes lc rgb '\(FigurePalette.grey)' title 'in blocks below 64 kB', \
           '' using ($0+0.2):3 with boxes lc rgb '\(FigurePalette.curve(0))' title 'in blocks of 64 kB or more'
      unset border
      unset tics
      unset ylabel
      unset logscale y
      set key center center
      set yrange [0:1]
      plot \(legend.joined(separator: ", "))
      unset multiplot

      """
  }

  private static func freeTable(_ free: [Free]) -> String {
    let lines = free.map { "\"\($0.title)\",\($0.smallMebibytes),\($0.largeMebibytes)" }
    return (["$free << EOD", "title,small,large"] + lines + ["EOD"]).joined(separator: "\n")
  }

  private static func paperPoint(at place: String, _ text: String) -> String {
    "set label 9 \(quoted(text)) at \(place) right offset -1,0 point pt 9 ps 1.2 lc rgb '\(FigurePalette.grey)' "
      + "tc rgb '\(FigurePalette.grey)' font ',10'"
  }

  /// The paper's thresholds (Fig. 11), and its mount that does not complete.
  static var paperMarks: String {
    [(18, "paper 18"), (71, "71"), (94, "94, never")].enumerated().map { index, mark in
      "set arrow from \(mark.0), graph 0 to \(mark.0), graph 1 nohead lc rgb '\(FigurePalette.grey)' dt 4\n"
        + "set label \(index + 1) '\(mark.1)' at \(mark.0), graph 1.03 center tc rgb '\(FigurePalette.grey)' font ',10'"
    }.joined(separator: "\n")
  }

  /// The cumulative service time, each curve in its own unit; a cross where a mount did not come up.
  static func relativeTimes(_ curves: [(curve: Curve, unitNanoseconds: Double)]) -> String {
    curves.flatMap { curve, unit in
      let time = "column('cumulative_ns')/\(unit)"
      let unnamed = Curve(table: curve.table, title: nil, colour: curve.colour)
      return [
        plot([curve], time),
        plot([unnamed], "strcol('outcome') eq 'mounted' ? NaN : \(time)", lines: "points pt 2 ps 1 lw 2"),
      ]
    }.joined(separator: ", \\\n     ")
  }

  /// One for each colour that is used; gnuplot counts them from 1.
  static func lineTypes(_ curves: [Curve]) -> String {
    (0...(curves.map(\.colour).max() ?? 0)).map { "set linetype \($0 + 1) lc rgb '\(FigurePalette.curve($0))' lw 2" }
      .joined(separator: "\n")
  }

  private static func plot(_ curves: [Curve], _ expression: String, style: String = "", lines: String = "lines")
    -> String
  {
    curves.map { curve in
      "\(quoted(curve.table)) using (column('number')):(\(expression)) with \(lines) lt \(curve.colour + 1)\(style) title \(quoted(curve.title ?? ""))"
    }.joined(separator: ", \\\n     ")
  }

  /// A string of gnuplot's in which nothing is special but the quote itself, which is doubled.
  static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
