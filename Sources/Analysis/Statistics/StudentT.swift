/// Student's distribution ("The Probable Error of a Mean", Biometrika 6, 1908) with two degrees of freedom or more.
enum StudentT {
  /// The value that is exceeded with `probability` (above 0, up to a half).
  ///
  /// With u = t / sqrt(n + t^2) the density is (1 - u^2)^((n - 2) / 2) between -1 and 1. In v, u = 1 - v^2, it has no root at its end, so that Simpson's
  /// rule does with few steps; and it rises up to 1, so that Newton's steps from there never pass the value they look for. To some 1e-6 of t
  /// where nothing smaller than 1e-4 is asked for.
  static func deviate(exceededWith probability: Double, degrees: Int) -> Double {
    precondition(degrees >= 2 && probability > 0 && probability <= 0.5)
    let wanted = 2 * probability * integral(to: 1, degrees)
    var v = 1.0
    for _ in 0..<60 {
      let step = (integral(to: v, degrees) - wanted) / density(v, degrees)
      v -= step
      if step < 1e-12 * v { break }
    }
    let u = 1 - v * v
    return u * (Double(degrees) / (1 - u * u)).squareRoot()
  }

  private static func density(_ v: Double, _ degrees: Int) -> Double {
    let rest = v * v * (2 - v * v)
    var value = degrees % 2 == 0 ? v : v * rest.squareRoot()
    for _ in 0..<((degrees - 2) / 2) { value *= rest }
    return value
  }

  /// From 0 on.
  private static func integral(to end: Double, _ degrees: Int) -> Double {
    Integral.simpson(from: 0, to: end, steps: 300) { density($0, degrees) }
  }
}
