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

  /// Real kernels, the model and the paper over each other (Fig. 11, 13, 14 and 10): the service time in units of each curve's mounts before it
  /// stalls, the data cache, promotion, and the memory that can still be had in blocks of 64 kB or more. The paper's thresholds are marked.
  static func as2005(_ curves: [(curve: Curve, unitNanoseconds: Double)], picture: String) -> String {
    let plain = curves.map(\.curve)
    return """
      set terminal svg size 1000,720 font 'sans,13' background '#ffffff'
      set output \(quoted(picture))
      set datafile separator comma
      set datafile columnheaders
      \(lineTypes(plain))
      set grid lc rgb '#dddddd'
      set border 3
      set tics nomirror
      set xrange [0:128]
      set xlabel 'mount'
      \(paperMarks)
      set multiplot layout 2,2
      set key bottom right Left reverse noenhanced opaque font ',11'
      set ylabel '\(relativeTime)'
      set logscale y
      plot \(relativeTimes(curves))
      unset logscale y
      unset key
      set yrange [0:*]
      set ylabel 'data cache (MiB)'
      plot \(plot(plain, "column('data_cache_bytes')/1048576."))
      set ylabel 'promotion (MB per MB freed)'
      plot \(plot(plain, "column('promotion_ratio')", lines: "points pt 7 ps 0.5"))
      set ylabel 'usable in 64 kB+ (MiB; 0.05 is none)'
      set yrange [0.04:*]
      set logscale y
      plot \(plot(plain, "column('usable_64k_bytes') > 52429 ? column('usable_64k_bytes')/1048576. : 0.05"))
      unset multiplot

      """
  }

  /// The paper's thresholds (Fig. 11), and its mount that does not complete.
  static var paperMarks: String {
    [(18, "paper 18"), (71, "71"), (94, "94, never")].map { mount, text in
      "set arrow from \(mount), graph 0 to \(mount), graph 1 nohead lc rgb '\(FigurePalette.grey)' dt 4\n"
        + "set label '\(text)' at \(mount), graph 1.03 center tc rgb '\(FigurePalette.grey)' font ',10'"
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
