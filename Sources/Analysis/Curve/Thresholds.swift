/// The paper's mount thresholds (section 5.2.2), found on any cumulative curve: nothing in here knows 18 or 71.
public struct Thresholds: Equatable, Sendable {
  /// Mount threshold 1: the last mount before the first step (``Steps``); nil without a step.
  public let first: Int?
  /// Mount threshold 2: the last mount before growth leaves the straight line for good; nil when it never does.
  ///
  /// After the first step the logarithms of the durations are described without growth, by one level or by two in
  /// sequence, and with growth, by a level that bends or leaps into a straight line upwards. Logarithms, because a straight
  /// cumulative curve is a constant duration whatever its size, and what multiplies the duration again and again is a straight
  /// line; absolute errors, because single mounts far off (steps, and mounts that found what others had left) must not decide;
  /// two levels, because a curve that goes on straight at another slope has not left the straight for good; a bend beside a
  /// leap, because the freedom to leap puts the change of a smooth curve too early. The best by the Bayesian information
  /// criterion with a Laplace error (2 n ln of the mean error, and ln n for each parameter) decides. Each piece has five mounts
  /// or more, and the median behind the change is at least twice that before it.
  public let second: Int?

  static let leastPiece = 5
  static let leastRise = 2.0

  /// Finds the thresholds of a curve.
  public init(of curve: MountCurve) {
    let firstStep = Steps(of: curve).steps.first
    first = firstStep.map { $0.mount - 1 }
    second = Self.change(in: curve.durationsSeconds, from: firstStep?.mount ?? 0)
  }

  /// - Parameter start: index of the first duration to look at.
  private static func change(in durations: [Double], from start: Int) -> Int? {
    let tail = Array(durations.dropFirst(start))
    guard tail.count >= 2 * leastPiece, tail.allSatisfy({ $0 > 0 }) else { return nil }
    let logarithms = tail.map(Logarithm.natural)
    let count = Double(logarithms.count)
    // The error of a perfect fit has no logarithm; a millionth is close enough.
    func score(_ error: Double, _ parameters: Double) -> Double {
      2 * count * Logarithm.natural(max(error / count, 1e-6)) + parameters * Logarithm.natural(count)
    }
    var withoutGrowth = score(levelError(logarithms[...]), 1)
    var best: (split: Int, score: Double)?
    for split in leastPiece...(logarithms.count - leastPiece) {
      let behind = Array(logarithms[split...])
      let level = Quantile.linear(of: Array(logarithms[..<split]), at: 0.5) ?? 0
      let before = levelError(logarithms[..<split])
      withoutGrowth = min(withoutGrowth, score(before + levelError(logarithms[split...]), 3))
      var growth = score(before + bendError(behind, from: level), 3)
      let leap = RobustLine(behind)
      if leap.slope > 0 { growth = min(growth, score(before + leap.absoluteError(behind), 4)) }
      if growth < best?.score ?? .infinity { best = (split, growth) }
    }
    guard let best, best.score < withoutGrowth,
      let before = Quantile.linear(of: Array(tail[..<best.split]), at: 0.5),
      let after = Quantile.linear(of: Array(tail[best.split...]), at: 0.5), after >= leastRise * before
    else { return nil }
    return start + best.split
  }

  /// Least sum of absolute errors of a line that rises from `level`, which it still has at the mount before `values`: its slope is
  /// the median of the slopes to each value, weighted by the distance. Infinite where it would not rise.
  private static func bendError(_ values: [Double], from level: Double) -> Double {
    let slopes = values.enumerated().map {
      (slope: ($0.element - level) / Double($0.offset + 1), weight: Double($0.offset + 1))
    }
    .sorted { $0.slope < $1.slope }
    var left = slopes.reduce(0) { $0 + $1.weight } / 2
    let middle = slopes.first {
      left -= $0.weight; return left <= 0
    }
    guard let slope = middle?.slope, slope > 0 else { return .infinity }
    return values.enumerated().reduce(0) { $0 + abs($1.element - level - slope * Double($1.offset + 1)) }
  }

  private static func levelError(_ values: ArraySlice<Double>) -> Double {
    let median = Quantile.linear(of: Array(values), at: 0.5) ?? 0
    return values.reduce(0) { $0 + abs($1 - median) }
  }
}

/// Where a falling series stops falling, as the data cache under `divided` at about mount 23 (Fig. 13).
public enum LevelOff {
  /// What may still be lost after the mount, as a share of the fall up to it.
  static let remainingShare = 0.1
  /// A fall of less than this share of the first value does not count.
  static let leastFall = 0.01
  /// The level must hold for this share of the series.
  static let leastLevel = 0.2

  /// The first index after which the series never again falls by more than a tenth of its fall so far; nil when it does not fall,
  /// or is not level over its last fifth. Index 0 is the state before the first mount, so an index is a mount.
  public static func mount(_ series: [Double]) -> Int? {
    guard let start = series.first, start > 0 else { return nil }
    var lowestBehind = series
    for index in series.indices.dropLast().reversed() {
      lowestBehind[index] = min(series[index], lowestBehind[index + 1])
    }
    return series.indices.first { index in
      let fall = start - series[index]
      return fall >= leastFall * start && series[index] - lowestBehind[index] <= remainingShare * fall
        && Double(series.count - index) >= leastLevel * Double(series.count)
    }
  }
}
