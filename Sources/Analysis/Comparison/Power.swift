/// How likely a sweep finds a difference, before it is run.
public struct Power: Equatable, Sendable {
  /// How far two runs of one setting in one round differ: the standard deviation of the logarithm of a single run's figure.
  public let spread: Double

  public init(spread: Double) { self.spread = spread }

  /// From a pilot: pairs of one round, each of two settings. Only how far the differences of a setting lie around their own mean counts, not where
  /// that is: the spread can be known without knowing who is ahead.
  ///
  /// A few rounds may find far too little of it by chance, and a plan made by that would promise what it cannot keep; so it is the upper end of the
  /// one-sided 80 % interval (Browne, "On the Use of a Pilot Sample for Sample Size Determination", Statistics in Medicine 14, 1995).
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
    let degrees = Double((settings.count - 1) * (first.count - 1))
    // The lower fifth of chi-squared, by Wilson and Hilferty (1931).
    let root = 1 - 2 / (9 * degrees) - 0.8416 * (2 / (9 * degrees)).squareRoot()
    spread = (squares / (degrees * root * root * root)).squareRoot()
  }

  /// The chance that so many rounds show a difference of this share: the sum of signed ranks has its exact limit without an effect, and with one it is
  /// nearly normal with the mean and variance of Lehmann (Nonparametrics, 1975, 4.2), for differences that are normal.
  ///
  /// - Parameters:
  ///   - level: of one test: the plan's level by the number of settings that are held against the base.
  public func chance(of difference: Double, rounds: Int, level: Double) -> Double {
    guard rounds > 0, PairedTest.leastP(pairs: rounds) <= level else { return 0 }
    guard spread > 0 else { return 1 }
    let chances = PairedInterval.rankSums(rounds)
    // The smallest sum whose upper tail is within half of the level.
    var (limit, tail) = (chances.count, 0.0)
    while limit > 0, tail + chances[limit - 1] <= level / 2 {
      limit -= 1
      tail += chances[limit]
    }
    let shift = Logarithm.natural(1 + difference) / spread
    // That one difference, the sum of two, and two sums with one in common are above 0. Differences of pairs have twice the variance of a run.
    let one = 1 - NormalDistribution.exceedance(shift / 2.0.squareRoot())
    let two = 1 - NormalDistribution.exceedance(shift)
    let three = Self.average { z in
      let above = 1 - NormalDistribution.exceedance(2.0.squareRoot() * shift + z)
      return above * above
    }
    let n = Double(rounds)
    let mean = n * (n - 1) / 2 * two + n * one
    let variance =
      n * (n - 1) * (n - 2) * (three - two * two)
      + n * (n - 1) / 2 * (2 * (one - two) * (one - two) + 3 * two * (1 - two)) + n * one * (1 - one)
    let distance = Double(limit) - 0.5 - mean
    guard variance > 1e-12 else { return distance < 0 ? 1 : 0 }
    return NormalDistribution.exceedance(distance / variance.squareRoot())
  }

  /// Of a function of a standard normal variable.
  private static func average(_ function: (Double) -> Double) -> Double {
    Integral.simpson(from: -8, to: 8, steps: 320) { Exponential.natural(-$0 * $0 / 2) * function($0) }
      / (2 * Double.pi).squareRoot()
  }

  /// Never fewer are planned: a difference that is found with the least number that can show any is found by luck.
  public static let fewestRounds = 10

  /// The fewest rounds, and no fewer than ``fewestRounds``, with a chance of at least `chance`; nil beyond `most`.
  public func rounds(for difference: Double, chance wanted: Double = 0.8, level: Double, most: Int = 100) -> Int? {
    (Self.fewestRounds...most).first { chance(of: difference, rounds: $0, level: level) >= wanted }
  }
}
