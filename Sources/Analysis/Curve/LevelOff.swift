/// Where a falling series stops falling, as the data cache under `divided` at about mount 23 (Fig. 13).
public enum LevelOff {
  /// What may still be lost behind the mount, as a share of the fall up to it.
  static let remainingShare = 0.1
  /// A fall of less than this share of the first value is none.
  static let leastFall = 0.01
  /// The level must hold for this share of the series.
  static let leastLevel = 0.2

  /// The first index behind which the series never again falls by more than a tenth of its fall so far; nil when it does not fall,
  /// or is not level over its last fifth. Index 0 is the state before the first mount, so an index is a mount.
  public static func mount(_ series: [Double]) -> Int? {
    guard let start = series.first, start > 0 else { return nil }
    var lowestBehind = series
    for index in series.indices.dropLast().reversed() { lowestBehind[index] = min(series[index], lowestBehind[index + 1]) }
    return series.indices.first { index in
      let fall = start - series[index]
      return fall >= leastFall * start && series[index] - lowestBehind[index] <= remainingShare * fall
        && Double(series.count - index) >= leastLevel * Double(series.count)
    }
  }
}
