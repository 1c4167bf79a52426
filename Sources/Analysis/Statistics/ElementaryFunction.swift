/// The exponential function without a C library: the same bits on every machine.
package enum Exponential {
  /// ln 2 in two parts (fdlibm, e_exp.c): the first has so many zero bits at its end that its product with an exponent is exact.
  private static let ofTwoHigh = 6.93147180369123816490e-01
  private static let ofTwoLow = 1.90821492927058770002e-10

  /// e to the `value`, to within a few units in the last place: a power of two is split off, and for the rest, within half of ln 2, the
  /// Taylor series is summed. Infinity above 709.78, where it is larger than any Double, and 0 below -745.13.
  package static func natural(_ value: Double) -> Double {
    guard !value.isNaN else { return .nan }
    guard value < 709.782712893384 else { return .infinity }
    guard value > -745.1332191019412 else { return 0 }
    let power = (value / (ofTwoHigh + ofTwoLow)).rounded()
    let rest = (value - power * ofTwoHigh) - power * ofTwoLow
    // The rest is at most 0.347: its 16th power over 16! is below 1e-20.
    var sum = 1.0
    for term in stride(from: 15, through: 1, by: -1) { sum = 1 + rest / Double(term) * sum }
    // In two steps, because the scale of a subnormal result is no normal number.
    let half = Int(power) / 2
    return sum * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: Int(power) - half, significand: 1)
  }
}

/// The natural logarithm without a C library: the same bits on every machine.
enum Logarithm {
  private static let ofTwo = 0.693147180559945309417232

  /// ln of a positive finite number, to within two units in the last place: the exponent is split off, and for the rest, between the
  /// roots of 1/2 and 2, twice the inverse hyperbolic tangent of (x - 1) / (x + 1) is summed as a series. 0 gives minus infinity, below it NaN.
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
