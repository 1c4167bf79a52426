public import Experiment

/// Runs compared with other runs: a verdict for every metric, and what else a reader must know.
public struct RunComparison: Equatable, Sendable, Codable {
  /// One side compared with the base.
  public struct Pair: Equatable, Sendable, Codable {
    /// The side compared with, as the user named it.
    public let base: String
    /// The other side, as the user named it.
    public let new: String
    /// Completed runs of the base.
    public let baseRuns: Int
    /// Completed runs of the new side.
    public let newRuns: Int
    /// Results of runs that were cut off; they are not counted.
    public let leftOut: [String]
    /// The settings that differ, which is what the verdicts are about; empty when like is compared with like.
    public let tuning: [Difference]
    /// What else differs about machine, kernel and program.
    public let environment: [Difference]
    /// Why these sides should not be compared; empty when nothing speaks against it.
    public let barriers: [String]
    /// One for each metric, in the order asked for.
    public internal(set) var metrics: [MetricComparison]
  }

  /// Of the JSON. 2: metrics have the names and units of `gate` (``Metric``); 1 is read as well.
  public static let currentSchema = 2

  /// The schema that it was made or read with.
  public let schema: Int
  /// The least difference that matters, in per cent (``VerdictRules``).
  public let differencePercent: Double
  /// How many tests the p-values are corrected for.
  public let tests: Int
  /// One for each new side, in the order given.
  public let pairs: [Pair]

  /// Compares each of `new` with `base`; each side must have a run.
  ///
  /// - Parameters:
  ///   - metrics: which ones to test; fewer need less correction, but must be chosen before anybody looks at the runs.
  ///   - studied: see ``Comparability``.
  public init(
    base: ComparisonSide, new: [ComparisonSide], metrics: [Metric] = Metric.compared,
    rules: VerdictRules = VerdictRules(), tolerancePercent: Double = Comparability.defaultTolerancePercent,
    studied: Set<ScenarioKey> = []
  ) {
    self.init(
      new.map { (base, $0) }, metrics: metrics, rules: rules, tolerancePercent: tolerancePercent, studied: studied)
  }

  /// Compares any pairs of sides, corrected together; for `isPooled` see ``Comparability``.
  public init(
    _ sides: [(base: ComparisonSide, new: ComparisonSide)], metrics: [Metric] = Metric.compared,
    rules: VerdictRules = VerdictRules(), tolerancePercent: Double = Comparability.defaultTolerancePercent,
    studied: Set<ScenarioKey> = [],
    isPooled: Bool = false
  ) {
    self.init(
      sides, metrics: metrics, rules: rules, tolerancePercent: tolerancePercent, studied: studied, isPooled: isPooled,
      resampleCount: VerdictRules.resampleCount)
  }

  /// With fewer resamples, for tests of many comparisons.
  init(
    _ sides: [(base: ComparisonSide, new: ComparisonSide)], metrics: [Metric], rules: VerdictRules = VerdictRules(),
    tolerancePercent: Double = Comparability.defaultTolerancePercent, studied: Set<ScenarioKey> = [],
    isPooled: Bool = false, resampleCount: Int
  ) {
    var all = sides.flatMap { side in
      metrics.map { MetricComparison($0, base: side.base.runs, new: side.new.runs, resampleCount: resampleCount) }
    }
    MetricComparison.decideVerdicts(&all, by: rules)
    schema = Self.currentSchema
    differencePercent = rules.differencePercent
    tests = all.count { $0.adjustedP != nil }
    pairs = sides.enumerated().map { index, side in
      Pair(
        base: side.base.path, new: side.new.path, baseRuns: side.base.runs.count, newRuns: side.new.runs.count,
        leftOut: side.base.leftOut + side.new.leftOut, tuning: Difference.tuning(side.base.runs, side.new.runs),
        environment: Difference.environment(side.base.runs, side.new.runs),
        barriers: Comparability.barriers(
          side.base, side.new, tolerancePercent: tolerancePercent, studied: studied, isPooled: isPooled),
        metrics: Array(all[(index * metrics.count)..<((index + 1) * metrics.count)]))
    }
  }

  /// The least number of runs a side with which any test could come out better or worse.
  public var leastRuns: Int { VerdictRules.leastRuns(tests: tests) }

  /// Why no verdict of better or worse is possible, whatever the runs say; nil where it is.
  public var tooFew: String? {
    guard let least = pairs.map({ MannWhitney.smallestReachableP($0.baseRuns, $0.newRuns) }).min(), tests > 0,
      least * Double(tests) >= VerdictRules.level,
      let pair = pairs.max(by: { min($0.baseRuns, $0.newRuns) < min($1.baseRuns, $1.newRuns) })
    else { return nil }
    return Self.tooFewText(base: pair.baseRuns, new: pair.newRuns, tests: tests)
  }

  /// The same, before anything is run.
  public static func tooFewText(base: Int, new: Int, tests: Int) -> String? {
    let least = MannWhitney.smallestReachableP(base, new)
    guard least * Double(tests) >= VerdictRules.level else { return nil }
    // In steps of a thousandth, up: it is a bound from below.
    let thousandths = Int((least * 1000).rounded(.up))
    return
      "\(base) against \(new) runs cannot show anything better or worse: their p-value is never below 0.\(padded(thousandths)), and "
      + "\(tests) \(tests == 1 ? "test is" : "tests are") made at once; it takes \(VerdictRules.leastRuns(tests: tests)) runs a side"
  }

  private static func padded(_ thousandths: Int) -> String {
    String(repeating: "0", count: max(0, 3 - "\(thousandths)".count)) + "\(thousandths)"
  }
}
