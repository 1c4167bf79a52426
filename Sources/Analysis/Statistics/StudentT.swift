/// Student's distribution ("The Probable Error of a Mean", Biometrika 6, 1908) with two degrees of freedom or more.
enum StudentT {
  /// The value that is exceeded with `probability` (above 0, up to a half).
  ///
  /// With u = t / sqrt(n + t^2) the density is (1 - u^2)^((n - 2) / 2) between -1 and 1, which is summed by Simpson's rule; u is found by
  /// bisection. To some 1e-6 of t where nothing smaller than 1e-4 is asked for.
  static func deviate(exceededWith probability: Double, degrees: Int) -> Double {
    precondition(degrees >= 2 && probability > 0 && probability <= 0.5)
    let half = integral(from: 0, degrees)
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if integral(from: middle, degrees) / (2 * half) > probability { low = middle } else { high = middle }
    }
    let u = (low + high) / 2
    return u * (Double(degrees) / (1 - u * u)).squareRoot()
  }

  /// Up to 1.
  private static func integral(from start: Double, _ degrees: Int) -> Double {
    func density(_ u: Double) -> Double {
      let rest = max(0, 1 - u * u)
      var value = (degrees - 2) % 2 == 0 ? 1 : rest.squareRoot()
      for _ in 0..<((degrees - 2) / 2) { value *= rest }
      return value
    }
    let steps = 2_000
    let width = (1 - start) / Double(steps)
    var sum = density(start) + density(1)
    for step in 1..<steps { sum += density(start + width * Double(step)) * (step % 2 == 0 ? 2 : 4) }
    return sum * width / 3
  }
}
