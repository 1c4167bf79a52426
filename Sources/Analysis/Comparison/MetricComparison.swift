import Experiment

/// One metric, compared between two sides.
public struct MetricComparison: Equatable, Sendable, Codable {
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
  /// new / base, of the medians, with its 95 % interval.
  public let ratio: MedianRatio?
  /// Of the Mann-Whitney test, before any correction.
  public let p: Double?
  /// Holm-corrected for all tests made together.
  public internal(set) var adjustedP: Double?
  /// By ``VerdictRules``.
  public internal(set) var verdict: Verdict
  /// For an inconclusive verdict: how many more runs a side would likely decide it; nil also where that is more than
  /// ``VerdictRules/repeatsLimit``.
  public internal(set) var moreRuns: Int?
  /// Where a side stopped early, how many mounts the values cover: as many as every run completed.
  public let firstMounts: Int?

  private let answer: MannWhitney.Answer?

  private enum CodingKeys: String, CodingKey {
    case metric, base, new, baseMedian, newMedian, ratio, p, adjustedP, verdict, moreRuns, firstMounts
    case answer = "mannWhitney"
  }

  init(_ metric: Metric, base: [ComparedRun], new: [ComparedRun], resampleCount: Int = VerdictRules.resampleCount) {
    self.metric = metric
    let all = base + new
    let common = all.map(\.consecutiveServices).min() ?? 0
    let isCut = metric.growsWithMounts && all.contains { $0.consecutiveServices < $0.summary.mountsRequested }
    firstMounts = isCut ? common : nil
    self.base = base.compactMap { metric.value(of: $0, firstMounts: common) }
    self.new = new.compactMap { metric.value(of: $0, firstMounts: common) }
    // Runs without the figure cannot just be dropped: which runs have it may depend on how they went.
    let isWhole =
      !self.base.isEmpty && !self.new.isEmpty && self.base.count == base.count && self.new.count == new.count
    baseMedian = Quantile.linear(of: self.base, at: 0.5)
    newMedian = Quantile.linear(of: self.new, at: 0.5)
    answer = isWhole ? MannWhitney.twoSided(self.new, self.base) : nil
    p = answer?.p
    // Every metric starts from the same seed, so that an interval does not depend on which other metrics there are.
    var random = RandomGenerator(seed: 20_050_101)
    ratio =
      isWhole
      ? MedianRatio(
        base: self.base, new: self.new,
        resamples: .init(count: resampleCount, base: self.base.count, new: self.new.count, random: &random)) : nil
    verdict = .notMeasured
  }

  /// Reads what was written under the names and units of schema 1, too (`Metric.StoredName`).
  ///
  /// Throws `DecodingError` for what is no such comparison.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let stored = try container.decode(Metric.StoredName.self, forKey: .metric)
    metric = stored.metric
    base = try container.decode([Double].self, forKey: .base).map(stored.value)
    new = try container.decode([Double].self, forKey: .new).map(stored.value)
    baseMedian = try container.decodeIfPresent(Double.self, forKey: .baseMedian).map(stored.value)
    newMedian = try container.decodeIfPresent(Double.self, forKey: .newMedian).map(stored.value)
    ratio = try container.decodeIfPresent(MedianRatio.self, forKey: .ratio)
    p = try container.decodeIfPresent(Double.self, forKey: .p)
    adjustedP = try container.decodeIfPresent(Double.self, forKey: .adjustedP)
    verdict = try container.decode(Verdict.self, forKey: .verdict)
    moreRuns = try container.decodeIfPresent(Int.self, forKey: .moreRuns)
    firstMounts = try container.decodeIfPresent(Int.self, forKey: .firstMounts)
    answer = try container.decodeIfPresent(MannWhitney.Answer.self, forKey: .answer)
  }

  /// Gives the verdicts of tests that were made together: the more tests, the stronger the evidence that each needs.
  static func decideVerdicts(_ comparisons: inout [MetricComparison], by rules: VerdictRules) {
    let tested = comparisons.indices.filter { comparisons[$0].p != nil && comparisons[$0].ratio != nil }
    let adjusted = Holm.adjusted(tested.compactMap { comparisons[$0].p })
    for (index, p) in zip(tested, adjusted) {
      guard let ratio = comparisons[index].ratio, let answer = comparisons[index].answer else { continue }
      let (base, new) = (comparisons[index].base.count, comparisons[index].new.count)
      comparisons[index].adjustedP = p
      comparisons[index].verdict = rules.verdict(
        ratio, adjustedP: p, better: comparisons[index].metric.better, runs: min(base, new))
      if comparisons[index].verdict == .inconclusive {
        comparisons[index].moreRuns = rules.moreRuns(answer, ratio, base: base, new: new, tests: tested.count)
      }
    }
  }
}
