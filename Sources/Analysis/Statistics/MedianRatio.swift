public import Experiment

/// The median of one sample over that of another, with its bootstrap interval.
///
/// 0 over 0 is 1, because nothing changed; more than 0 over 0 is infinite.
public struct MedianRatio: Equatable, Sendable, Codable {
  /// Which runs each resample draws: a list of indices for each resample, as many as there are runs. Drawn with replacement, so indices repeat.
  public struct Resamples: Equatable, Sendable {
    /// Indices into the base's sample.
    public let base: [[Int]]
    /// Indices into the new sample.
    public let new: [[Int]]

    /// Resamples drawn elsewhere, as by SciPy for the tests.
    public init(base: [[Int]], new: [[Int]]) {
      self.base = base
      self.new = new
    }

    /// Draws `count` resamples of samples of these sizes from the seeded generator: the same on every machine.
    public init(count: Int, base: Int, new: Int, random: inout RandomGenerator) {
      func draw(_ size: Int) -> [[Int]] {
        (0..<count).map { _ in (0..<size).map { _ in Int(random.below(UInt64(size))) } }
      }
      self.base = draw(base)
      self.new = draw(new)
    }
  }

  /// new / base.
  public let ratio: Double
  /// The lower end of the 95 % interval.
  public let lower: Double
  /// The upper end.
  public let upper: Double

  /// The percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13): of the ratios of all
  /// resamples the 2.5th and the 97.5th percentile, as does scipy.stats.bootstrap with method="percentile".
  ///
  /// nil for an empty or negative sample, for no or unequal numbers of resamples, and for indices outside of the samples.
  ///
  /// - Parameters:
  ///   - from, to: the quantiles that end the interval.
  public init?(base: [Double], new: [Double], resamples: Resamples, from: Double = 0.025, to: Double = 0.975) {
    guard let ratio = Self.ratio(base, new), !resamples.base.isEmpty, resamples.base.count == resamples.new.count,
      Self.fits(resamples.base, base), Self.fits(resamples.new, new)
    else { return nil }
    let ratios = zip(resamples.base, resamples.new).compactMap { pair in
      Self.ratio(pair.0.map { base[$0] }, pair.1.map { new[$0] })
    }
    guard let lower = Quantile.linear(of: ratios, at: from), let upper = Quantile.linear(of: ratios, at: to) else {
      return nil
    }
    self.ratio = ratio
    // Between two infinite ratios, interpolation gives a NaN.
    self.lower = lower.isNaN ? .infinity : lower
    self.upper = upper.isNaN ? .infinity : upper
  }

  /// nil for an empty sample, or one with a value below 0.
  static func ratio(_ base: [Double], _ new: [Double]) -> Double? {
    guard (base + new).allSatisfy({ $0 >= 0 && $0.isFinite }), let old = Quantile.linear(of: base, at: 0.5),
      let median = Quantile.linear(of: new, at: 0.5)
    else { return nil }
    return old > 0 ? median / old : median > 0 ? .infinity : 1
  }

  private static func fits(_ resamples: [[Int]], _ sample: [Double]) -> Bool {
    resamples.allSatisfy { places in !places.isEmpty && places.allSatisfy(sample.indices.contains) }
  }
}
