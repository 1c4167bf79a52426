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
    // A figure without any difference has a sum of 0 in every exchange: it changes no largest one, and its own p is 1.
    let places = ranks.indices.filter { ranks[$0].contains { $0 != 0 } }
    guard !places.isEmpty else { return differences.map { _ in 1 } }
    // What differs by rounding alone is the same.
    let limits = places.map { abs(ranks[$0].reduce(0, +)) - 1e-9 }
    let sums = ExchangedSums(places.map { ranks[$0] })
    var reached = [Int](repeating: 0, count: places.count)
    var made = 0
    func count(_ exchanged: [UInt64]) {
      let largest = sums.largest(exchanged)
      for index in limits.indices where largest >= limits[index] { reached[index] += 1 }
      made += 1
    }
    // A bit for each pair. What was seen is one of the exchanges (Phipson and Smyth, "Permutation P-values Should Never Be Zero", 2010).
    var exchanged = [UInt64](repeating: 0, count: (pairs + 63) / 64)
    count(exchanged)
    if pairs <= enumeratedPairs {
      // To exchange all others turns the sums round and leaves their sizes: half of the exchanges tell all.
      for signs in stride(from: UInt64(1), to: 1 << UInt64(pairs - 1), by: 1) {
        exchanged[0] = signs
        count(exchanged)
      }
    } else {
      var random = RandomGenerator(seed: 20_050_101)
      for _ in 1..<drawnExchanges {
        for word in exchanged.indices { exchanged[word] = random.next() }
        count(exchanged)
      }
    }
    var p = differences.map { _ in 1.0 }
    for (place, count) in zip(places, reached) { p[place] = Double(count) / Double(made) }
    return p
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

/// The sums of signed ranks of several figures after some pairs were exchanged, by a table for every eight pairs of a figure.
private struct ExchangedSums {
  /// One after the other, 256 sums each: of a figure all chunks of eight pairs.
  private let tables: [Double]
  private let chunks: Int

  init(_ figures: [[Double]]) {
    chunks = ((figures.first?.count ?? 0) + 7) / 8
    var tables: [Double] = []
    for ranks in figures {
      for chunk in 0..<chunks {
        let own = ranks.dropFirst(chunk * 8).prefix(8)
        for bits in 0..<256 {
          tables.append(own.enumerated().reduce(0) { bits >> $1.offset & 1 == 0 ? $0 + $1.element : $0 - $1.element })
        }
      }
    }
    self.tables = tables
  }

  /// The size of the largest sum.
  ///
  /// - Parameter exchanged: a bit for each pair, 64 in a word.
  func largest(_ exchanged: [UInt64]) -> Double {
    var largest = 0.0
    var table = 0
    while table < tables.count {
      var sum = 0.0
      for chunk in 0..<chunks {
        let word = exchanged[chunk >> 3] >> (UInt64(chunk & 7) * 8)
        sum += tables[table | Int(word & 255)]
        table += 256
      }
      largest = max(largest, abs(sum))
    }
    return largest
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
