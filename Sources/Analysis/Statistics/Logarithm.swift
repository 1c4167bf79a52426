/// The natural logarithm without a C library: the same bits on every machine.
enum Logarithm {
  private static let ofTwo = 0.693147180559945309417232

  /// ln of a positive finite number, to within two units in the last place: the exponent apart, and of the rest, between the roots
  /// of 1/2 and 2, twice the inverse hyperbolic tangent of (x - 1) / (x + 1) as a series. 0 gives minus infinity, below it NaN.
  static func natural(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return value == 0 ? -.infinity : value > 0 ? value : .nan }
    var exponent = Double(value.exponent)
    var rest = value.significand
    if rest > 1.414213562373095 {
      rest /= 2
      exponent += 1
    }
    let ratio = (rest - 1) / (rest + 1)
    let square = ratio * ratio
    var sum = 0.0
    // The ratio is below 0.172: its 23rd power over 23 is below 1e-18.
    for power in stride(from: 23, through: 1, by: -2) { sum = sum * square + 1 / Double(power) }
    return exponent * ofTwo + 2 * ratio * sum
  }
}
