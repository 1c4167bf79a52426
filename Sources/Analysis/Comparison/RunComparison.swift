import Experiment

/// Two sides and how their runs lie in time.
struct ComparedSides {
  let base: ComparisonSide
  let new: ComparisonSide
  let design: ComparisonDesign
  /// Empty for ``ComparisonDesign/sessions``, and for settings of two sweeps.
  let blocks: [PairedBlock]
  /// How many services came up one after the other in every run: times are compared over these.
  let commonServices: Int
  /// Whether that is fewer than were asked for, in a run.
  let stopsEarly: Bool
  let hasOneTimeout: Bool

  /// As the runs themselves tell by when they were made, or by the rounds of their sweep.
  init(base: ComparisonSide, new: ComparisonSide) {
    if let one = base.ofSweep, let other = new.ofSweep {
      self.init(base: base, new: new, design: .planned, blocks: PairedBlock.rounds(one, other))
      return
    }
    let blocks = PairedBlock.alternating(base, new)
    self.init(base: base, new: new, design: blocks.isEmpty ? .sessions : .batches, blocks: blocks)
  }

  init(base: ComparisonSide, new: ComparisonSide, design: ComparisonDesign, blocks: [PairedBlock]) {
    (self.base, self.new, self.design, self.blocks) = (base, new, design, blocks)
    let all = base.runs + new.runs
    commonServices = all.map(\.consecutiveServices).min() ?? 0
    stopsEarly = all.contains { $0.consecutiveServices < $0.summary.mountsRequested }
    hasOneTimeout = Set(all.map(\.record.scenario.restoreTimeoutNanoseconds)).count < 2
  }

  /// What the sweep varies that both are settings of.
  var studied: Set<ScenarioKey> {
    guard let one = base.ofSweep, one.sweep == new.ofSweep?.sweep else { return [] }
    return one.studied
  }

  var scenario: Scenario? { (base.runs.first ?? new.runs.first)?.record.scenario }
  var isOfModel: Bool {
    [base, new].allSatisfy { $0.runs.allSatisfy { $0.record.host.architecture == HostFacts.modelArchitecture } }
  }
}

/// Runs compared with other runs: whether all services came up, the other primary figures with a verdict, the safeguards, and what else a reader
/// must know.
public struct RunComparison: Equatable, Sendable, Encodable {
  /// One side compared with the base.
  public struct Pair: Equatable, Sendable, Encodable {
    /// The side compared with, as the user named it.
    public let base: String
    /// The other side, as the user named it.
    public let new: String
    /// Failovers whose services all came up; a run that broke is one that was lost.
    public let baseComplete: Proportion
    /// The same of the new side.
    public let newComplete: Proportion
    /// Results of runs that were cut off.
    public let broken: [String]
    public let design: ComparisonDesign
    /// Pairs of runs or of batches; 0 where there are none.
    public let blocks: Int
    /// The settings that differ, which is what the verdicts are about; empty when like is compared with like.
    public let tuning: [Difference]
    /// What else differs about machine, kernel and program.
    public let environment: [Difference]
    /// Why these sides should not be compared; empty when nothing speaks against it.
    public let barriers: [String]
    /// All that can be compared.
    public let metrics: [MetricComparison]

    public func metrics(_ role: Metric.Role) -> [MetricComparison] { metrics.filter { $0.metric.role == role } }
  }

  /// Of the JSON. 3: primary figures and safeguards in place of one list, changes in place of ratios, k of n.
  public static let currentSchema = 3

  public let schema: Int
  /// See ``VerdictRules``.
  public let marginPercent: Double
  /// See ``VerdictRules``.
  public let level: Double?
  /// One for each new side, in the order given.
  public let pairs: [Pair]

  /// Compares each of `new` with `base`; each side must have a run.
  public init(
    base: ComparisonSide, new: [ComparisonSide], rules: VerdictRules = VerdictRules(),
    tolerancePercent: Double = Comparability.defaultTolerancePercent
  ) {
    self.init(new.map { (base, $0) }, rules: rules, tolerancePercent: tolerancePercent)
  }

  /// Compares any pairs of sides, corrected together.
  public init(
    _ sides: [(base: ComparisonSide, new: ComparisonSide)], rules: VerdictRules = VerdictRules(),
    tolerancePercent: Double = Comparability.defaultTolerancePercent
  ) {
    self.init(
      sides.map { ComparedSides(base: $0.base, new: $0.new) }, rules: rules, tolerancePercent: tolerancePercent)
  }

  /// - Parameters:
  ///   - family: how many sides were to be held against the base, for the correction; nil for those given.
  ///   - studied: see ``Comparability``.
  init(
    _ sides: [ComparedSides], family: Int? = nil, rules: VerdictRules, tolerancePercent: Double,
    studied: Set<ScenarioKey> = []
  ) {
    let family = max(1, family ?? sides.count)
    // Each is shown to be no worse at its part, as each is tested at its part.
    let part = (rules.level ?? 0) / Double(family)
    var all = sides.map { side in
      Metric.all.filter { $0.better != .neither || $0.role == .covariate }.map {
        MetricComparison($0, side, level: part)
      }
    }
    if let level = rules.level {
      MetricComparison.decideVerdicts(&all, sides, family: family, level: level, margin: rules.margin)
    }
    schema = Self.currentSchema
    marginPercent = rules.marginPercent
    level = rules.level
    pairs = zip(sides, all).map { side, metrics in
      let studied = studied.union(side.studied)
      return Pair(
        base: side.base.path, new: side.new.path, baseComplete: side.base.complete, newComplete: side.new.complete,
        broken: side.base.leftOut + side.new.leftOut, design: side.design, blocks: side.blocks.count,
        tuning: Difference.tuning(side.base.runs, side.new.runs, studied: studied),
        environment: Difference.environment(side.base.runs, side.new.runs),
        barriers: Comparability.barriers(
          side.base, side.new, tolerancePercent: tolerancePercent, studied: studied),
        metrics: metrics)
    }
  }
}
