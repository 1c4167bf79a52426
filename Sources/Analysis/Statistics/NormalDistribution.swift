public import Experiment

/// The normal distribution, without a C library.
enum NormalDistribution {
  /// The probability that a standard normal variable exceeds `z`.
  static func exceedance(_ z: Double) -> Double { complementaryError(z / 2.0.squareRoot()) / 2 }

  /// erfc x = 2 / sqrt pi times the integral of exp(-t^2) from x on, to a relative 1e-13.
  ///
  /// Up to 2 it is 1 - erf x, with erf from its series (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6), whose
  /// terms are all positive. Beyond, where 1 - erf x would lose its digits, the continued fraction (7.1.14), from its end.
  static func complementaryError(_ x: Double) -> Double {
    guard !x.isNaN else { return .nan }
    if x < 0 { return 2 - complementaryError(-x) }
    guard x < 27.3 else { return 0 }
    let rootOfPi = Double.pi.squareRoot()
    let power = Exponential.natural(-x * x)
    if x <= 2 {
      var term = x
      var sum = x
      var n = 1.0
      while term > sum * 1e-18 {
        term *= 2 * x * x / (2 * n + 1)
        sum += term
        n += 1
      }
      return 1 - 2 / rootOfPi * power * sum
    }
    // At 2 it converges to the last digit after some 120 steps, and sooner beyond: by the square of x.
    var fraction = x
    for step in stride(from: 20 + Int(520 / (x * x)), through: 1, by: -1) { fraction = x + Double(step) / 2 / fraction }
    return power / (rootOfPi * fraction)
  }
}

extension RandomGenerator {
  /// A standard normal deviate: Marsaglia and Bray, "A Convenient Method for Generating Normal Variables", SIAM Review 6 (1964).
  public mutating func normal() -> Double {
    while true {
      let (x, y) = (unit() * 2 - 1, unit() * 2 - 1)
      let square = x * x + y * y
      if square > 0, square < 1 { return x * (-2 * Logarithm.natural(square) / square).squareRoot() }
    }
  }

  /// 0 up to 1.
  private mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
