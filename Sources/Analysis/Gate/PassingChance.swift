/// How likely a system that has not changed passes a ratio gate (``RatioGate``), to a millionth and without draws: the same on every machine.
///
/// In true spreads, the new batch lies from the mean of the baseline's by a normal deviate of variance 1 + 1/b, and the spread that the baseline
/// shows is s, whose square times b - 1 is chi-squared with b - 1 degrees of freedom. The gate passes where distance + reach x s is within the room
/// that the bound leaves; so the chance is the normal distribution of what is left of the room, averaged over s.
struct PassingChance {
  private let reach: Double
  private let deviation: Double
  /// Values of s, each with its share; the shares sum to 1, up to 1e-10.
  private let spreads: [(value: Double, share: Double)]

  /// - Parameters:
  ///   - batches: of the baseline, three or more.
  ///   - reach: half of the interval's width, in spreads that the baseline shows.
  init(batches: Int, reach: Double) {
    self.reach = reach
    deviation = (1 + 1 / Double(batches)).squareRoot()
    let degrees = Double(batches - 1)
    // Seven deviations to either side of 1, about which s lies.
    let width = 7 / (2 * degrees).squareRoot()
    let (start, end) = (max(0, 1 - width), 1 + width)
    let steps = 240
    spreads = (0...steps).map { step in
      let s = start + (end - start) * Double(step) / Double(steps)
      let weight = step == 0 || step == steps ? 1.0 : step % 2 == 0 ? 2 : 4
      return (s, s > 0 ? weight * Exponential.natural((degrees - 1) * Logarithm.natural(s) - degrees * s * s / 2) : 0)
    }.normalized()
  }

  /// - Parameter room: how far the bound is from a ratio of 1, in true spreads of a batch: on the logarithmic scale.
  func chance(room: Double) -> Double {
    spreads.reduce(0) { sum, spread in
      sum + spread.share * (1 - NormalDistribution.exceedance((room - reach * spread.value) / deviation))
    }
  }

  /// The room with which it passes that often, by bisection, to five digits.
  func room(for chance: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while self.chance(room: high) < chance { (low, high) = (high, 2 * high) }
    while high - low > 1e-5 * high {
      let middle = (low + high) / 2
      if self.chance(room: middle) < chance { low = middle } else { high = middle }
    }
    return high
  }
}

extension [(value: Double, share: Double)] {
  fileprivate func normalized() -> Self {
    let sum = reduce(0) { $0 + $1.share }
    // What is left out is less than the error of the sum.
    return map { ($0.value, $0.share / sum) }.filter { $0.share > 1e-12 }
  }
}
