import Experiment

/// One metric, compared between two sides.
public struct MetricComparison: Equatable, Sendable, Encodable {
  /// What was compared.
  public let metric: Metric
  /// One value for each run that has one, in ``Metric/unit``.
  public let base: [Double]
  /// The same for the new side.
  public let new: [Double]
  /// In ``Metric/unit``; nil without a value.
  public let baseMedian: Double?
  /// In ``Metric/unit``; nil without a value.
  public let newMedian: Double?
  /// From base to new; nil where a value is missing, and for a ratio to 0.
  public let change: Change?
  /// Corrected for all primary figures and sides of the comparison; nil for other figures, and for sides that were not measured in turns.
  public internal(set) var p: Double?
  /// nil where none is given: of figures that are only described, and of sides that were not measured in turns.
  public internal(set) var verdict: Verdict?
  /// Where a side stopped early, how many mounts the values cover: as many as every run completed.
  public let firstMounts: Int?

  /// New less base by block; nil where a block has no value, and without blocks.
  let differences: [Double]?

  /// - Parameter level: of each end of ``Change/bounds``.
  init(_ metric: Metric, _ sides: ComparedSides, level: Double) {
    self.metric = metric
    let (base, new) = (sides.base.runs, sides.new.runs)
    let common = sides.commonServices
    firstMounts = metric.growsWithMounts && sides.stopsEarly ? common : nil
    self.base = base.compactMap { metric.value(of: $0, firstMounts: common) }
    self.new = new.compactMap { metric.value(of: $0, firstMounts: common) }
    baseMedian = Quantile.linear(of: self.base, at: 0.5)
    newMedian = Quantile.linear(of: self.new, at: 0.5)
    // Runs without the figure cannot just be dropped: which runs have it may depend on how they went.
    let isWhole =
      !self.base.isEmpty && !self.new.isEmpty && self.base.count == base.count && self.new.count == new.count
    guard sides.design.hasVerdicts || !sides.blocks.isEmpty else {
      differences = nil
      change =
        isWhole
        ? Change(
          base: self.base, new: self.new, scale: metric.scale,
          resamples: .init(base: self.base.count, new: self.new.count)) : nil
      return
    }
    let isPrimary = metric.role == .primary
    // A mean that counts a lost service with the timeout is another figure with another timeout.
    guard metric != .restrictedMean || sides.hasOneTimeout else {
      (differences, change) = (nil, nil)
      return
    }
    // A broken run has no figures but the primary ones.
    let blocks = isPrimary ? sides.blocks : sides.blocks.filter { $0.brokenBase + $0.brokenNew == 0 }
    let worst = isPrimary ? metric.worst(sides.scenario) : nil
    let pairs = blocks.compactMap { $0.values(metric, firstMounts: common, broken: worst) }
    guard isPrimary || isWhole, pairs.count == blocks.count, !pairs.isEmpty else {
      (differences, change) = (nil, nil)
      return
    }
    differences = Change.differences(pairs, metric.scale)
    change = Change(pairs: pairs, scale: metric.scale, level: level)
  }

  /// Gives the verdicts of all sides that are held against one base.
  static func decideVerdicts(
    _ comparisons: inout [[MetricComparison]], _ sides: [ComparedSides], family: Int, level: Double, margin: Double
  ) {
    for index in comparisons.indices where sides[index].design.hasVerdicts {
      let tested = comparisons[index].indices.filter { place in
        comparisons[index][place].metric.role == .primary && comparisons[index][place].differences != nil
          && !comparisons[index][place].isWithoutSpread(sides[index])
      }
      let p = PairedTest.adjustedP(tested.compactMap { comparisons[index][$0].differences })
      for (place, p) in zip(tested, p) { comparisons[index][place].p = min(1, p * Double(family)) }
      for place in comparisons[index].indices {
        comparisons[index][place].verdict = comparisons[index][place].decided(
          sides[index], level: level, margin: margin)
      }
    }
  }

  /// The simulated machine may do the same each time, and to repeat that is no evidence.
  private func isWithoutSpread(_ sides: ComparedSides) -> Bool {
    sides.isOfModel && Set(base).count <= 1 && Set(new).count <= 1
  }

  private func decided(_ sides: ComparedSides, level: Double, margin: Double) -> Verdict? {
    switch metric.role {
    case .primary:
      guard let change, let differences else { return .notMeasured }
      if isWithoutSpread(sides) { return .noSpread }
      if let p, p < level {
        // The sign of what was tested, which for k of n has no middle to speak of.
        let sum = PairedTest.standardizedRanks(differences).reduce(0, +)
        return (sum > 0) == (metric.better == .higher) ? .better : .worse
      }
      let isAsComplete = sides.base.complete.share == sides.new.complete.share
      return metric != .failoversComplete && isAsComplete && change.isWithin(margin, base: baseMedian ?? 0)
        ? .noDifference : .inconclusive
    case .overhead where base.isEmpty && new.isEmpty: return nil
    case .safeguard, .overhead:
      guard let change, let baseMedian else { return .notMeasured }
      guard let harm = change.harm(better: metric.better, base: baseMedian), harm <= margin else {
        return .notShown
      }
      return .noWorse
    case .covariate, .other: return nil
    }
  }
}

extension Metric {
  /// What a run that broke has of a primary figure: nothing came up.
  fileprivate func worst(_ scenario: Scenario?) -> Double? {
    self == .restrictedMean ? scenario.map { Double($0.restoreTimeoutNanoseconds) / 1e6 } : 0
  }
}
