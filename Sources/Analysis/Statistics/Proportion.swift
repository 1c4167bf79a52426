/// So many of so many.
public struct Proportion: Equatable, Sendable, Codable {
  public let count: Int
  public let of: Int

  public init(_ count: Int, of all: Int) {
    self.count = count
    of = all
  }

  /// nil of nothing.
  public var share: Double? { of > 0 ? Double(count) / Double(of) : nil }

  /// Between which shares the truth lies with this confidence: Clopper and Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the
  /// Case of the Binomial", Biometrika 26 (1934). Never narrower than it says. 0 to 1 of nothing.
  public func interval(confidence: Double = 0.95) -> ClosedRange<Double> {
    guard of > 0 else { return 0...1 }
    let tail = (1 - confidence) / 2
    let lower = count == 0 ? 0 : bisected { Self.atLeast(count, of: of, share: $0) < tail }
    let upper = count == of ? 1 : bisected { 1 - Self.atLeast(count + 1, of: of, share: $0) > tail }
    return lower...max(lower, upper)
  }

  /// The largest share that so few are still likely with, one-sided: what 0 of n failures allows.
  public func upperBound(confidence: Double = 0.95) -> Double { interval(confidence: 2 * confidence - 1).upperBound }

  /// Where `holds` stops to hold, between 0 and 1.
  private func bisected(_ holds: (Double) -> Bool) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The chance of `count` or more of `all`.
  static func atLeast(_ count: Int, of all: Int, share: Double) -> Double {
    guard count > 0 else { return 1 }
    guard count <= all else { return 0 }
    // From the side on which the first term is no too small a number.
    if share > 0.5 { return 1 - atLeast(all - count + 1, of: all, share: 1 - share) }
    var term = 1.0
    for _ in 0..<all { term *= 1 - share }
    var below = 0.0
    for k in 0..<count {
      below += term
      term *= Double(all - k) / Double(k + 1) * share / (1 - share)
    }
    return max(0, 1 - below)
  }
}
