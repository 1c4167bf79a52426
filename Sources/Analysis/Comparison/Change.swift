/// By how much a figure differs between two sides.
public struct Change: Equatable, Sendable, Encodable {
  /// The two ends of an interval.
  public struct Limits: Equatable, Sendable, Encodable {
    public let lower: Double
    public let upper: Double
  }

  /// What the numbers are: ratios, or differences in the metric's unit.
  public let scale: Metric.Scale
  public let estimate: Double
  /// The 95 % interval; nil where there are too few for one.
  public let interval: Limits?
  /// The least and the largest change of a pair, where there are two pairs or more and too few for an interval.
  public let range: Limits?
  /// What is shown to be no worse, or the same, is judged by these: each end holds by itself with all but the level of the comparison (Schuirmann,
  /// "A Comparison of the Two One-Sided Tests Procedure and the Power Approach", 1987); with one setting and one look it is the 90 % interval.
  public let bounds: Limits?

  /// Between the two of each pair; nil without one, and for a ratio of what is not above 0.
  ///
  /// - Parameter level: of each end of ``bounds``.
  init?(pairs: [(base: Double, new: Double)], scale: Metric.Scale, level: Double = VerdictRules.level) {
    let differences = Self.differences(pairs, scale)
    guard let differences, let middle = PairedInterval.middle(differences) else { return nil }
    func limits(_ confidence: Double) -> Limits? {
      PairedInterval(differences, confidence: confidence).map {
        Limits(lower: scale.value($0.lower), upper: scale.value($0.upper))
      }
    }
    self.scale = scale
    estimate = scale.value(middle)
    interval = limits(0.95)
    let sorted = differences.sorted()
    range =
      interval == nil && sorted.count > 1
      ? Limits(lower: scale.value(sorted[0]), upper: scale.value(sorted[sorted.count - 1])) : nil
    bounds = limits(1 - 2 * level)
  }

  /// Between the medians of sides that were measured each by itself; nil as above.
  init?(base: [Double], new: [Double], scale: Metric.Scale, resamples: MedianBootstrap.Resamples) {
    guard let bootstrap = MedianBootstrap(base: base, new: new, scale: scale, resamples: resamples) else { return nil }
    self.scale = scale
    estimate = bootstrap.estimate
    // Resamples of fewer runs reach less far than they claim.
    let areFew = min(base.count, new.count) < 5
    interval = areFew ? nil : bootstrap.limits(confidence: 0.95)
    (range, bounds) = (nil, nil)
  }

  /// New less base, of the logarithms where the change is a ratio.
  static func differences(_ pairs: [(base: Double, new: Double)], _ scale: Metric.Scale) -> [Double]? {
    var differences: [Double] = []
    for pair in pairs {
      guard let change = scale.change(from: pair.base, to: pair.new) else { return nil }
      differences.append(scale == .ratio ? Logarithm.natural(change) : change)
    }
    return differences
  }

  /// How much worse the new side could be at the far end of ``bounds``, as a share of the base, 0 where it is none; nil where that is not known, or where
  /// the base has none of it and the new side could.
  func harm(better: Metric.Direction, base: Double) -> Double? {
    guard let bounds else { return nil }
    switch scale {
    case .ratio: return max(0, better == .higher ? 1 / bounds.lower - 1 : bounds.upper - 1)
    case .difference:
      let worst = max(0, better == .higher ? -bounds.lower : bounds.upper)
      return worst == 0 ? 0 : base > 0 ? worst / base : nil
    }
  }

  /// Whether ``bounds`` lie within this share of the base, up and down.
  func isWithin(_ share: Double, base: Double) -> Bool {
    guard let bounds else { return false }
    switch scale {
    case .ratio: return bounds.lower >= 1 / (1 + share) && bounds.upper <= 1 + share
    case .difference: return bounds.lower >= -share * base && bounds.upper <= share * base
    }
  }
}

extension Metric.Scale {
  /// A difference as ``Change/differences(_:_:)`` has it, as a change.
  fileprivate func value(_ difference: Double) -> Double {
    self == .ratio ? Exponential.natural(difference) : difference
  }
}
