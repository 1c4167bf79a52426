/// How likely a sweep finds a difference, before it is run.
public struct Power: Equatable, Sendable {
  /// How far two runs of one setting in one round differ: the standard deviation of the logarithm of a single run's figure.
  public let spread: Double

  public init(spread: Double) { self.spread = spread }

  /// From a pilot: pairs of one round, each of two settings. Only how far the differences of a setting lie around their own mean counts, not where
  /// that is: the spread can be known without knowing who is ahead.
  ///
  /// nil with fewer than two rounds, or values that are not above 0.
  public init?(pilot settings: [[Double]]) {
    guard let first = settings.first, first.count > 1,
      settings.allSatisfy({ $0.count == first.count && $0.allSatisfy { $0 > 0 } }), settings.count > 1
    else { return nil }
    let logarithms = settings.map { $0.map(Logarithm.natural) }
    let rounds = first.indices.map { round in logarithms.reduce(0) { $0 + $1[round] } / Double(settings.count) }
    let all = rounds.reduce(0, +) / Double(rounds.count)
    var squares = 0.0
    for setting in logarithms {
      let own = setting.reduce(0, +) / Double(setting.count)
      for (round, value) in setting.enumerated() {
        let rest = value - own - rounds[round] + all
        squares += rest * rest
      }
    }
    spread = (squares / Double((settings.count - 1) * (first.count - 1))).squareRoot()
  }

  /// The chance that so many rounds show a difference of this share (Noether, "Sample Size Determination for Some Common Nonparametric Tests",
  /// Journal of the American Statistical Association 82, 1987, for the signed-rank test).
  ///
  /// - Parameters:
  ///   - level: of one test: the plan's level by the number of settings that are held against the base.
  public func chance(of difference: Double, rounds: Int, level: Double) -> Double {
    guard rounds > 0, PairedTest.leastP(pairs: rounds) < level else { return 0 }
    guard spread > 0 else { return 1 }
    // Differences of pairs have twice the variance, their means over two of them half of that.
    let above = 1 - NormalDistribution.exceedance(Logarithm.natural(1 + difference) / spread)
    let limit = NormalDistribution.deviate(exceededWith: level / 2)
    let distance = (3 * Double(rounds)).squareRoot() * (above - 0.5) - limit
    return 1 - NormalDistribution.exceedance(distance)
  }

  /// The fewest rounds with a chance of at least `chance`; nil beyond `most`.
  public func rounds(for difference: Double, chance wanted: Double = 0.8, level: Double, most: Int = 100) -> Int? {
    (1...most).first { chance(of: difference, rounds: $0, level: level) >= wanted }
  }
}
