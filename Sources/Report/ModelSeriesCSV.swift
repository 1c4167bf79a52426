public import Analysis

/// The curves of Fig. 11 to 15, one line for each mount of each run. Units stand last in the names (MiB is the paper's MB); a
/// cell for a value that a run does not have is empty, never 0. Lines end with a line feed.
public enum ModelSeriesCSV {
  private static let columns = [
    "scheme", "seed", "mount", "outcome", "duration_s", "cumulative_s", "data_cache_mib", "promotion", "free_64k_mib",
    "refaults",
  ]

  /// The first line, with its line feed.
  public static let header = columns.joined(separator: ",") + "\n"

  /// The whole file. Each run begins with mount 0: the memory before the first mount.
  public static func text(_ series: [ModelSeries]) -> String { header + series.map(rows).joined() }

  /// The same from the runs themselves.
  public static func text(_ runs: [ModelRun]) -> String { text(runs.map { ModelSeries(of: $0) }) }

  /// The lines of one run.
  public static func rows(_ series: ModelSeries) -> String {
    let run = [CSVCell.text(series.scheme), "\(series.seed)"]
    let before =
      run + [
        "0", "", "", "", CSVCell.number(series.dataCacheBeforeMiB), "", CSVCell.number(series.freeLargeBeforeMiB), "",
      ]
    let lines = series.points.map { point in
      run + [
        "\(point.mount)", CSVCell.text(point.outcome), CSVCell.number(point.seconds),
        CSVCell.number(point.cumulativeSeconds),
        CSVCell.number(point.dataCacheMiB), CSVCell.number(point.promotion), CSVCell.number(point.freeLargeMiB),
        CSVCell.number(point.refaults),
      ]
    }
    return ([before] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
  }
}
