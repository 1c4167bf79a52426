import Experiment

/// Whether a change has an effect, from pairs of values measured close together: the signed-rank statistic (Wilcoxon, "Individual Comparisons by
/// Ranking Methods", Biometrics Bulletin 1, 1945), its distribution by exchanging the two of each pair, and several figures at once by
/// the largest statistic of all (maxT: Westfall and Young, Resampling-Based Multiple Testing, 1993, 2.3).
///
/// Whatever else was going on in a pair's time has met both of its values, so that it is in no difference. Ties need no correction: the same
/// exchanges are made with them.
public enum PairedTest {
  /// So many exchanges are drawn where there are more in all.
  static let drawnExchanges = 100_000
  /// Up to so many pairs every exchange is made: 2^16 are fewer than ``drawnExchanges``.
  static let enumeratedPairs = 16

  /// The chance of a largest statistic at least as large as that of each figure, if the change had no effect at all.
  ///
  /// - Parameter differences: of each figure, new less base, one for each pair; all of the same length. Those that are 0 say nothing.
  /// - Returns: one for each figure, never below what the number of pairs allows (``leastP(pairs:)``); 1 without a pair.
  public static func adjustedP(_ differences: [[Double]]) -> [Double] {
    guard let pairs = differences.first?.count, pairs > 0 else { return differences.map { _ in 1 } }
    let ranks = differences.map(standardizedRanks)
    // What differs by rounding alone is the same.
    let limits = ranks.map { abs($0.reduce(0, +)) - 1e-9 }
    let sums = ranks.map(ExchangedSums.init)
    var reached = [Int](repeating: 0, count: ranks.count)
    var made = 0
    // A bit for each pair.
    var exchanged = [UInt64](repeating: 0, count: (pairs + 63) / 64)
    func count() {
      let largest = sums.reduce(0) { max($0, abs($1[exchanged])) }
      for index in limits.indices where largest >= limits[index] { reached[index] += 1 }
      made += 1
    }
    // What was seen is one of them (Phipson and Smyth, "Permutation P-values Should Never Be Zero", 2010).
    count()
    if pairs <= enumeratedPairs {
      for signs in 1..<(UInt64(1) << UInt64(pairs)) {
        exchanged[0] = signs
        count()
      }
    } else {
      var random = RandomGenerator(seed: 20_050_101)
      for _ in 1..<drawnExchanges {
        for word in exchanged.indices { exchanged[word] = random.next() }
        count()
      }
    }
    return reached.map { Double($0) / Double(made) }
  }

  /// No p can be smaller than this with so many pairs: all differences have one sign in two of 2^pairs exchanges.
  public static func leastP(pairs: Int) -> Double {
    pairs <= 0 ? 1 : pairs > enumeratedPairs ? 1 / Double(drawnExchanges) : 2 / Double(UInt64(1) << UInt64(pairs))
  }

  /// Ranks of the sizes with the signs of the differences, mean ranks for ties and 0 for 0, divided so that their squares sum to 1: what makes
  /// the statistics of figures comparable.
  static func standardizedRanks(_ differences: [Double]) -> [Double] {
    let order = differences.indices.filter { differences[$0] != 0 }.sorted {
      abs(differences[$0]) < abs(differences[$1])
    }
    var ranks = [Double](repeating: 0, count: differences.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count && abs(differences[order[end]]) == abs(differences[order[start]]) { end += 1 }
      for index in order[start..<end] { ranks[index] = Double(start + 1 + end) / 2 * (differences[index] < 0 ? -1 : 1) }
      start = end
    }
    let length = ranks.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? ranks.map { $0 / length } : ranks
  }
}

/// The sum of signed ranks after some pairs were exchanged, by a table for every eight pairs.
private struct ExchangedSums {
  private let tables: [Double]
  private let count: Int

  init(_ ranks: [Double]) {
    count = (ranks.count + 7) / 8
    var tables: [Double] = []
    for chunk in 0..<count {
      let own = ranks.dropFirst(chunk * 8).prefix(8)
      for bits in 0..<256 {
        tables.append(own.enumerated().reduce(0) { bits >> $1.offset & 1 == 0 ? $0 + $1.element : $0 - $1.element })
      }
    }
    self.tables = tables
  }

  /// - Parameter exchanged: a bit for each pair, 64 in a word.
  subscript(exchanged: [UInt64]) -> Double {
    var sum = 0.0
    for chunk in 0..<count {
      let word = exchanged[chunk >> 3] >> (UInt64(chunk & 7) * 8)
      sum += tables[chunk << 8 | Int(word & 255)]
    }
    return sum
  }
}

/// An interval for the middle of differences, with no assumption but that those of pairs lie symmetrically: the signed-rank test inverted (Hodges
/// and Lehmann, "Estimates of Location Based on Rank Tests", Annals of Mathematical Statistics 34, 1963).
struct PairedInterval: Equatable {
  let lower: Double
  let upper: Double

  /// What lies outside would be rejected at 1 - `confidence`.
  ///
  /// nil for so few differences that no interval has this confidence: 95 % takes six of them, 90 % five.
  init?(_ differences: [Double], confidence: Double) {
    let count = differences.count
    guard count > 0, differences.allSatisfy(\.isFinite) else { return nil }
    let tail = (1 - confidence) / 2
    let chances = Self.rankSums(count)
    var (cut, share) = (0, chances[0])
    while share <= tail {
      cut += 1
      share += chances[cut]
    }
    guard cut > 0 else { return nil }
    let means = Self.means(differences)
    (lower, upper) = (means[cut - 1], means[means.count - cut])
  }

  /// How likely each sum of the positive ranks of so many differences is where there is no effect; the index is the sum.
  static func rankSums(_ count: Int) -> [Double] {
    var chances = [Double](repeating: 0, count: count * (count + 1) / 2 + 1)
    chances[0] = 1
    for rank in stride(from: 1, through: count, by: 1) {
      for sum in stride(from: chances.count - 1, through: 0, by: -1) {
        chances[sum] = (chances[sum] + (sum >= rank ? chances[sum - rank] : 0)) / 2
      }
    }
    return chances
  }

  /// The median of the means of any two differences, each with itself as well; nil for none.
  static func middle(_ differences: [Double]) -> Double? { Quantile.linear(of: means(differences), at: 0.5) }

  private static func means(_ differences: [Double]) -> [Double] {
    differences.enumerated().flatMap { index, one in differences[index...].map { (one + $0) / 2 } }.sorted()
  }
}
