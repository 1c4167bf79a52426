import Analysis
public import Experiment

/// The charts of one run. Their data are `mounts.csv`, `memory.csv` and, where the model was run, `model.csv`.
public enum RunFigures {
  /// Those that the run has data for, in the order of the page.
  public static func all(_ record: RunRecord, _ observations: [Observation], hasModel: Bool) -> [Figure] {
    guard !record.mounts.isEmpty else { return [] }
    let curve = MountCurve(of: record.mounts)
    let thresholds = Thresholds(of: curve)
    let context = Context(record: record, curve: curve, thresholds: thresholds, hasModel: hasModel)
    // Where the first mount stopped there is no curve to show close up.
    var figures = [cumulative(context)] + (curve.count > 0 ? [closeUp(context)] : [])
    guard observations.contains(where: { $0.afterMount > 0 }) else { return figures }
    // Kernels have blocks up to order 10, the schemes of 2005 up to 9.
    let orders = min(11, observations.map { $0.state.freeBlocks.count }.min() ?? 0)
    if orders > 0 { figures.append(blocks(context, orders, observations)) }
    if observations.contains(where: { $0.state.dataCacheBytes != nil }) { figures.append(cache(context)) }
    if Promotion.perMount(record.mounts, observations).contains(where: { $0?.ratio != nil }) {
      figures.append(promotion(context))
    }
    figures.append(memory(context))
    if record.mounts.contains(where: { $0.counterDeltas["compact_stall"] != nil }) { figures.append(stalls(context)) }
    return figures
  }

  private struct Context {
    let record: RunRecord
    let curve: MountCurve
    let thresholds: Thresholds
    let hasModel: Bool

    var mounts: Int { record.scenario.fileSystems }

    /// The measured line, and the model's where there is one.
    func lines(_ expression: String, _ model: String? = nil, style: String = "lines") -> String {
      var plot = "plot 'mounts.csv' using 'number':(\(expression)) with \(style) lt 1 title 'measured'"
      if hasModel {
        plot += ", \\\n     'model.csv' using 'number':(\(model ?? expression)) with \(style) lt 2 title 'model'"
      }
      return plot
    }

    /// The thresholds found, as vertical lines.
    var marks: String {
      [(thresholds.first, 1), (thresholds.second, 2)].compactMap { mount, number in
        mount.map { mount in
          // On the side away from the curve, which rises after a threshold.
          let side = mount > mounts / 4 ? "right offset -0.5,0" : "left offset 0.5,0"
          return "set arrow from \(mount), graph 0 to \(mount), graph 1 nohead lt 4 dt 4\n"
            + "set label 'threshold \(number): \(mount)' at \(mount), graph \(number == 1 ? "0.96" : "0.89") \(side) tc rgb '\(FigurePalette.grey)'"
        }
      }.joined(separator: "\n")
    }

    /// The thresholds of the paper's curve (Fig. 11), at the foot of the chart.
    var paper: String {
      guard RunFigures.isPaper(record) else { return "" }
      return [(18, "paper 18"), (71, "paper 71"), (94, "paper 94, never")].map { mount, text in
        "set arrow from \(mount), graph 0 to \(mount), graph 0.08 nohead lt 4 lw 1.5\n"
          + "set label '\(text)' at \(mount), graph 0.11 center tc rgb '\(FigurePalette.grey)' font ',11'"
      }.joined(separator: "\n")
    }
  }

  private static func cumulative(_ context: Context) -> Figure {
    Figure(
      "cumulative", title: "Cumulative service time",
      caption:
        "Demand, mount and sentinel of each file system, added up (the paper's Fig. 5 and 11); logarithmic. A mount that stopped counts with the "
        + "time until it was given up."
        + (isPaper(context.record)
          ? " The paper's thresholds are at mounts 18 and 71, and its mount 94 never completed." : ""),
      plot: """
        set logscale y
        set format y '%g'
        set ylabel 'seconds'
        set xrange [0:\(context.mounts)]
        set key right center
        \(context.marks)
        \(context.paper)
        \(context.lines("column('cumulative_ns')/1e9"))
        """)
  }

  private static func closeUp(_ context: Context) -> Figure {
    // The mounts before anything went wrong decide the height: twice the line through the medians.
    let median = context.curve.durationsSeconds.sorted()[context.curve.count / 2]
    let height = max(0.001, 2 * median * Double(context.mounts))
    return Figure(
      "close-up", title: "Cumulative service time, close up",
      caption: "The beginning of the curve on a linear scale (Fig. 12).",
      plot: """
        set ylabel 'seconds'
        set xrange [0:\(context.mounts)]
        set yrange [0:\(HumanNumber.fixed(height, decimals: 4))]
        set key bottom right
        \(context.marks)
        \(context.lines("column('cumulative_ns')/1e9"))
        """)
  }

  private static func blocks(_ context: Context, _ orders: Int, _ observations: [Observation]) -> Figure {
    let colours = [
      "#dceaf5", "#bfdaee", "#9cc6e4", "#74aed8", "#f6c89f", "#f0a868", "#e58a3c", "#d55e00", "#b04a00", "#8a3900",
      "#602700",
    ]
    let areas = (0..<orders).map { order in
      let sum = (order..<orders).map { "column('free_order_\($0)')*\(4 << $0)" }.joined(separator: "+")
      let size = 4 << order
      let title = size < 1024 ? "\(size) kB" : "\(size / 1024) MB"
      return
        "'mounts.csv' using 'number':((\(sum))/1024.) with filledcurves y1=0 fc rgb '\(colours[order])' lw 0 title '\(title)'"
    }
    // What is free and in no list of the allocator, on top; and how much of the orange the kernel can have.
    let all = (0..<orders).map { "column('free_order_\($0)')*\(4 << $0)" }.joined(separator: "+")
    var lines = "", more = ""
    if observations.allSatisfy({ $0.state.perCPUFreeBytes != nil }) {
      lines +=
        ", \\\n     'mounts.csv' using 'number':((\(all))/1024.+column('per_cpu_free_bytes')/1048576.) with lines lt 4 title 'plus per-CPU lists'"
      more += " The grey line adds what the processors keep to themselves."
    }
    if !context.record.watermarks.isEmpty {
      lines +=
        ", \\\n     'mounts.csv' using 'number':(column('usable_64k_bytes')/1048576.) with lines lt -1 dt 2 title 'usable 64 kB+'"
      more += " The dashed line is what the kernel can have of the orange, above the min watermarks and protections."
    }
    return Figure(
      "free-blocks", title: "Free memory by block size",
      caption:
        "Free blocks of the page allocator after each mount, as measured: blocks below 64 kB in blue, and those of 64 kB or more, which the paper's mounts need, in orange."
        + more,
      plot: """
        set ylabel 'MiB'
        set xrange [1:\(context.mounts)]
        set yrange [0:*]
        # One column: gnuplot would make two of them, and leave a strip for the chart.
        set key outside right top vertical maxrows 14 font ',13' spacing 0.95
        plot \(areas.joined(separator: ", \\\n     "))\(lines)
        """)
  }

  private static func cache(_ context: Context) -> Figure {
    Figure(
      "data-cache", title: "Data cache",
      caption: "Cached file pages after each mount (Fig. 13)."
        + (isPaper(context.record) ? " In the paper, 36 MB were left at threshold 2." : ""),
      plot: """
        set ylabel 'MiB'
        set xrange [0:\(context.mounts)]
        set yrange [0:*]
        set key bottom right
        \(context.marks)
        \(isPaper(context.record) ? "set label ' paper: 36 MB' at 71, 36 left tc rgb '\(FigurePalette.grey)' font ',11' point pt 7 ps 0.6 lc rgb '\(FigurePalette.grey)'" : "")
        \(context.lines("column('data_cache_bytes')/1048576."))
        """)
  }

  private static func promotion(_ context: Context) -> Figure {
    Figure(
      "promotion", title: "Promotion",
      caption:
        "MB that newly became part of blocks of 64 kB or more, per MB freed in smaller ones (Fig. 14 and 15): how well reclaim makes large blocks.",
      plot: """
        set ylabel 'MB per MB'
        set xrange [0:\(context.mounts)]
        set yrange [0:*]
        set key top right
        \(context.lines("column('promotion_ratio')", style: "impulses"))
        """)
  }

  private static func memory(_ context: Context) -> Figure {
    Figure(
      "free-memory", title: "Free memory before and after",
      caption: "As in Fig. 9 and 10: at the start, before the first mount, and after the last one."
        + paperMemory(context.record),
      plot: """
        unset xlabel
        set ylabel 'MiB'
        set yrange [0:*]
        set style data histograms
        set style histogram rowstacked
        set style fill solid 0.9 noborder
        set boxwidth 0.5
        set key outside bottom center horizontal
        plot 'memory.csv' using 'large_mib':xtic(1) lc rgb '\(FigurePalette.vermilion)' title '64 kB and more', \\
             'memory.csv' using 'small_mib' lc rgb '#9cc6e4' title 'below 64 kB'
        """)
  }

  private static func stalls(_ context: Context) -> Figure {
    Figure(
      "stalls", title: "Stalls during each mount",
      caption:
        "How often an allocation had to compact or reclaim memory itself (direct compaction and reclaim) during a mount.",
      plot: """
        set ylabel 'times'
        set xrange [0:\(context.mounts)]
        set yrange [0:*]
        set key top left Left reverse
        plot 'mounts.csv' using 'number':(column('compact_stall')) with impulses lt 1 lw 3 title 'compaction', \\
             'mounts.csv' using 'number':(column('allocstall')) with impulses lt 3 lw 1.5 title 'reclaim'
        """)
  }

  private static func paperMemory(_ record: RunRecord) -> String {
    if record.scenario.pattern?.text == "1:7" {
      return
        " In the paper, 8.3 of 2,700 MB were in blocks of 64 kB or more after the injection, and 1,127 of 2,702 MB with divided kernel memory."
    }
    return isPaper(record)
      ? " In the paper, 8.3 MB in blocks of 64 kB or more and 0.5 MB below were free before the mounts." : ""
  }

  /// Whether it is the paper's environment 2.
  fileprivate static func isPaper(_ record: RunRecord) -> Bool {
    record.scenario.pattern == nil && record.scenario.fileSystems == 128
  }
}
