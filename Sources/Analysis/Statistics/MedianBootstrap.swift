import Experiment

/// How far the medians of two samples lie apart, with bootstrap intervals: the percentile method (Efron and Tibshirani, An Introduction to the
/// Bootstrap, 1993, chapter 13), as scipy.stats.bootstrap has it with method="percentile".
///
/// For sides that were measured each by itself. It knows the noise within a side only, not that between two sittings.
struct MedianBootstrap {
  /// Which runs each resample draws: a list of indices for each resample, as many as there are runs. Drawn with replacement, so indices repeat.
  struct Resamples: Equatable {
    /// Indices into the base's sample.
    let base: [[Int]]
    /// Indices into the new sample.
    let new: [[Int]]

    /// Resamples drawn elsewhere, as by SciPy for the tests.
    init(base: [[Int]], new: [[Int]]) {
      self.base = base
      self.new = new
    }

    /// Draws `count` resamples of samples of these sizes, always the same.
    init(count: Int = 9_999, base: Int, new: Int) {
      var random = RandomGenerator(seed: 20_050_101)
      func draw(_ size: Int) -> [[Int]] {
        (0..<count).map { _ in (0..<size).map { _ in Int(random.below(UInt64(size))) } }
      }
      self.base = draw(base)
      self.new = draw(new)
    }
  }

  /// Of the samples themselves.
  let estimate: Double
  private let resampled: [Double]

  /// nil where the samples have no such change (``Metric/Scale/change(from:to:)``), be it in a single resample.
  init?(base: [Double], new: [Double], scale: Metric.Scale, resamples: Resamples) {
    func change(_ base: [Double], _ new: [Double]) -> Double? {
      guard let old = Quantile.linear(of: base, at: 0.5), let median = Quantile.linear(of: new, at: 0.5) else {
        return nil
      }
      return scale.change(from: old, to: median)
    }
    guard let estimate = change(base, new) else { return nil }
    let resampled = zip(resamples.base, resamples.new).map { places in
      change(places.0.map { base[$0] }, places.1.map { new[$0] })
    }
    guard !resampled.isEmpty, resampled.allSatisfy({ $0 != nil }) else { return nil }
    self.estimate = estimate
    self.resampled = resampled.compactMap { $0 }
  }

  /// The middle `confidence` of the resamples.
  func limits(confidence: Double) -> Change.Limits? {
    let tail = (1 - confidence) / 2
    guard let lower = Quantile.linear(of: resampled, at: tail), let upper = Quantile.linear(of: resampled, at: 1 - tail)
    else { return nil }
    return Change.Limits(lower: lower, upper: upper)
  }
}

extension Metric.Scale {
  /// new / base, or new - base; nil for a ratio of what is not above 0.
  func change(from base: Double, to new: Double) -> Double? {
    guard base.isFinite, new.isFinite else { return nil }
    switch self {
    case .difference: return new - base
    case .ratio: return base > 0 && new > 0 ? new / base : nil
    }
  }
}
