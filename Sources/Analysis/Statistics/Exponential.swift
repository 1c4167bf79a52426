/// The exponential function without a C library: the same bits on every machine.
enum Exponential {
  /// ln 2 in two parts (fdlibm, e_exp.c): the first has so many zero bits at its end that its product with an exponent is exact.
  private static let ofTwoHigh = 6.93147180369123816490e-01
  private static let ofTwoLow = 1.90821492927058770002e-10

  /// e to the `value`, to within a few units in the last place: a power of two apart, and of the rest, within half of ln 2, the
  /// Taylor series. Infinity above 709.78, where it is larger than any Double, and 0 below -745.13.
  static func natural(_ value: Double) -> Double {
    guard !value.isNaN else { return .nan }
    guard value < 709.782712893384 else { return .infinity }
    guard value > -745.1332191019412 else { return 0 }
    let power = (value / (ofTwoHigh + ofTwoLow)).rounded()
    let rest = (value - power * ofTwoHigh) - power * ofTwoLow
    // The rest is at most 0.347: its 16th power over 16! is below 1e-20.
    var sum = 1.0
    for term in stride(from: 15, through: 1, by: -1) { sum = 1 + rest / Double(term) * sum }
    // In two steps: a result below the normal numbers has no scale of its own.
    let half = Int(power) / 2
    return sum * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: Int(power) - half, significand: 1)
  }
}
