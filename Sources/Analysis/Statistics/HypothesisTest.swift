/// Whether two samples come from one distribution: the Mann-Whitney U test, two-sided (Mann and Whitney, "On a Test of Whether one
/// of Two Random Variables is Stochastically Larger than the Other", Annals of Mathematical Statistics 18, 1947).
///
/// Agrees with scipy.stats.mannwhitneyu, whose rules it follows (fixtures/statistics).
public enum MannWhitney {
  /// How p was computed.
  public enum Method: String, Sendable, Codable {
    /// Every order of the two samples counted: without ties, up to ``exactLimit`` values a side.
    case exact
    /// The normal approximation with the corrections for ties and for continuity.
    case asymptotic
  }

  /// The result of the test.
  public struct Answer: Equatable, Sendable, Codable {
    /// How often a value of the first sample exceeds one of the second; a tie is a half.
    public let u: Double
    /// The probability of a U at least this far from its mean when there is no difference: 0 to 1.
    public let p: Double
    /// Which of the two was used.
    public let method: Method
  }

  /// Values a side up to which the distribution of U is counted exactly.
  public static let exactLimit = 20

  /// nil for an empty sample or a NaN.
  public static func twoSided(_ first: [Double], _ second: [Double]) -> Answer? {
    guard !first.isEmpty, !second.isEmpty, !(first + second).contains(where: \.isNaN) else { return nil }
    let (rankSum, ties) = ranks(first, second)
    let (n, m) = (Double(first.count), Double(second.count))
    let u = rankSum - n * (n + 1) / 2
    // The larger of U and its opposite: the upper tail, twice.
    let larger = max(u, n * m - u)
    if ties.isEmpty && max(first.count, second.count) <= exactLimit {
      return Answer(u: u, p: min(1, 2 * exceedance(Int(larger), first.count, second.count)), method: .exact)
    }
    let total = n + m
    let tieTerm = ties.reduce(0) { $0 + (Double($1) * Double($1) * Double($1) - Double($1)) } / (total * (total - 1))
    let deviation = (n * m / 12 * (total + 1 - tieTerm)).squareRoot()
    // Without any spread, no order is more extreme than another.
    guard deviation > 0 else { return Answer(u: u, p: 1, method: .asymptotic) }
    let z = (larger - n * m / 2 - 0.5) / deviation
    return Answer(u: u, p: min(1, 2 * NormalDistribution.exceedance(z)), method: .asymptotic)
  }

  /// The least p that samples of these sizes can give, when one lies wholly above the other: two orders out of all. With 3 against 3 it is 0.1,
  /// whatever the values.
  public static func smallestReachableP(_ first: Int, _ second: Int) -> Double {
    guard first > 0, second > 0 else { return 1 }
    return min(1, 2 / orders(first, second))
  }

  /// The same by the normal approximation, without ties; ties make it smaller.
  static func smallestApproximateP(_ first: Int, _ second: Int) -> Double {
    guard first > 0, second > 0 else { return 1 }
    let (n, m) = (Double(first), Double(second))
    return min(1, 2 * NormalDistribution.exceedance((n * m / 2 - 0.5) / (n * m / 12 * (n + m + 1)).squareRoot()))
  }

  /// Ways to choose which of all values are the first sample's.
  private static func orders(_ first: Int, _ second: Int) -> Double {
    (1...min(first, second)).reduce(1) { $0 * Double(max(first, second) + $1) / Double($1) }
  }

  /// The sum of the first sample's ranks, where equal values share the mean of theirs; and how many are equal, for each such group.
  private static func ranks(_ first: [Double], _ second: [Double]) -> (sum: Double, ties: [Int]) {
    let all = (first.map { ($0, true) } + second.map { ($0, false) }).sorted { $0.0 < $1.0 }
    var sum = 0.0
    var ties: [Int] = []
    var start = 0
    while start < all.count {
      var end = start + 1
      while end < all.count && all[end].0 == all[start].0 { end += 1 }
      let rank = Double(start + 1 + end) / 2
      sum += rank * Double(all[start..<end].count { $0.1 })
      if end - start > 1 { ties.append(end - start) }
      start = end
    }
    return (sum, ties)
  }

  /// The share of all orders with a U of `least` or more.
  ///
  /// The number of orders with U = k is the coefficient of q^k in the Gaussian binomial coefficient: the product over i from 1 to n
  /// of (1 - q^(m + i)) / (1 - q^i). 20 of 40 are 1.4e11 orders, so that every sum here is a whole number that a Double holds.
  private static func exceedance(_ least: Int, _ n: Int, _ m: Int) -> Double {
    var counts = [Double](repeating: 0, count: n * m + 1)
    counts[0] = 1
    for i in 1...n {
      if m + i <= n * m { for k in stride(from: n * m, through: m + i, by: -1) { counts[k] -= counts[k - m - i] } }
      if i <= n * m { for k in i...(n * m) { counts[k] += counts[k - i] } }
    }
    return counts[least...].reduce(0, +) / counts.reduce(0, +)
  }
}

/// Several tests at once, corrected: Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6
/// (1979). However the tests depend on each other, the chance of any false alarm stays below the level.
public enum Holm {
  /// The p-values adjusted, in the order given: of k tests the smallest is multiplied by k, the next by k - 1, and so on, none
  /// becomes smaller than the one before it, and none larger than 1.
  public static func adjusted(_ p: [Double]) -> [Double] {
    var result = p
    var floor = 0.0
    let order = p.indices.sorted { p[$0] < p[$1] }
    for (place, index) in order.enumerated() {
      floor = max(floor, min(1, p[index] * Double(p.count - place)))
      result[index] = floor
    }
    return result
  }
}
