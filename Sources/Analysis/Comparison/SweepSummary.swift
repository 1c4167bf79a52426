public import Experiment

/// The results of a sweep: its settings, each held against the reference setting, and what to do.
///
/// Settings are compared as they were run, one combination of values with another: the effect of a knob is never averaged over the values of
/// another, which may turn it round.
public struct SweepSummary: Equatable, Sendable, Encodable {
  /// What was varied.
  public struct Knob: Equatable, Sendable, Encodable {
    /// As in `--set NAME=…`.
    public let name: String
    /// In the order of the plan.
    public let values: [String]
    /// The value that the others are compared with.
    public let reference: String
    /// Whether ``reference`` is the value that the machine has without the sweep.
    public let referenceIsDefault: Bool
    /// Its scenario key; nil for a knob that is none.
    public let scenarioKey: String?

    /// `default` where the reference is what the machine or the scenario has by itself, `control` where nothing is pinned with it.
    public var referenceWord: String? {
      scenarioKey == ScenarioKey.dose.rawValue && Double(reference) == 0
        ? "control" : referenceIsDefault ? "default" : nil
    }

    /// A knob of a plan.
    public init(name: String, values: [String], reference: String, referenceIsDefault: Bool, scenarioKey: ScenarioKey?)
    {
      (self.name, self.values, self.reference) = (name, values, reference)
      self.referenceIsDefault = referenceIsDefault
      self.scenarioKey = scenarioKey?.rawValue
    }
  }

  /// One combination of values and its runs.
  public struct Arm: Equatable, Sendable {
    /// One for each knob.
    public let values: [String]
    /// Those that completed, by round.
    public var runs: [Int: ComparedRun] = [:]
    /// The rounds in which it broke.
    public var broken: [Int] = []
    /// Runs that are planned but not done yet.
    public var missing = 0

    /// A setting of a plan, without a run so far.
    public init(values: [String]) { self.values = values }

    var rounds: Int { runs.count + broken.count }
    var complete: Proportion { Proportion(runs.values.count(where: \.isComplete), of: rounds) }
  }

  /// The figures of one setting, medians over its runs with their extremes.
  public struct Row: Equatable, Sendable, Encodable {
    /// A metric over the runs of a setting, in ``Metric/unit``.
    public struct Figure: Equatable, Sendable, Encodable {
      public let metric: Metric
      /// Over the runs.
      public let median: Double
      /// The least value of a run.
      public let least: Double
      /// The largest value of a run.
      public let most: Double
    }

    /// One for each knob.
    public let values: [String]
    /// Failovers whose services all came up, of all runs that were made.
    public let complete: Proportion
    /// Runs that broke.
    public let broken: Int
    /// Runs that are planned but not done yet.
    public let missing: Int
    /// One for each metric that every run has.
    public let figures: [Figure]
  }

  /// One setting held against the reference setting.
  public struct Effect: Equatable, Sendable, Encodable {
    /// One for each knob.
    public let values: [String]
    public let comparison: RunComparison.Pair
  }

  /// Of `sweep.json`. 3: settings against the reference setting, k of n, primary figures and safeguards.
  public static let currentSchema = 3

  public let schema: Int
  /// In the order of the plan.
  public let knobs: [Knob]
  /// One for each setting, in the order of the plan.
  public let rows: [Row]
  /// One for each setting other than the reference, where both have runs.
  public let effects: [Effect]
  /// See ``VerdictRules``.
  public let marginPercent: Double
  /// What p was held against; nil where no look was planned after these rounds.
  public let level: Double?
  /// Why nothing is judged, or recommended; empty where it is.
  public let withheld: [String]
  /// One for each setting, the recommended one first; of a sweep of the dose alone what each dose did.
  public let recommendations: [String]
  /// Whether the primary question is answered of every setting, where a sweep with looks ends: whether it is better or worse than the reference. What it
  /// may harm can be open still.
  public var isDecided: Bool {
    level != nil && !effects.isEmpty && effects.count == rows.count - 1
      && effects.allSatisfy { effect in
        effect.comparison.metrics(.primary).contains { $0.verdict == .better || $0.verdict == .worse }
      }
  }

  /// Collects what is done of a sweep.
  ///
  /// - Parameters:
  ///   - reference: which of the arms the others are held against.
  ///   - looks: those of the plan.
  ///   - exploratory: why this is not the analysis that was planned; nil where it is.
  ///   - tolerancePercent: as in ``Comparability``.
  public init(
    knobs: [Knob], arms: [Arm], reference: Int, looks: LookSchedule,
    marginPercent: Double = VerdictRules.defaultMarginPercent,
    exploratory: String? = nil, tolerancePercent: Double = Comparability.defaultTolerancePercent
  ) {
    schema = Self.currentSchema
    self.knobs = knobs
    self.marginPercent = marginPercent
    rows = arms.map(Self.row)
    let done = arms.map(\.rounds).min() ?? 0
    // The first rounds of all settings, and no others: whoever picks rounds picks figures.
    let isEven = arms.allSatisfy { Set($0.runs.keys).union($0.broken) == Set(1..<(done + 1)) }
    let family = arms.count - 1
    level = isEven && done > 0 ? looks.level(after: done, family: family) : nil
    let base = Self.side(arms[reference], knobs)
    let others = arms.indices.filter { $0 != reference && arms[$0].rounds > 0 && arms[reference].rounds > 0 }
    let comparison = RunComparison(
      others.map { index in
        ComparedSides(
          base: base, new: Self.side(arms[index], knobs), design: .rounds,
          blocks: PairedBlock.rounds(
            (arms[reference].runs, Set(arms[reference].broken)), (arms[index].runs, Set(arms[index].broken))))
      }, family: family, rules: VerdictRules(marginPercent: marginPercent, level: level),
      tolerancePercent: tolerancePercent,
      studied: Set(knobs.compactMap { $0.scenarioKey.flatMap(ScenarioKey.init) }))
    let isJudged = level != nil
    effects = zip(others, comparison.pairs).map { index, pair in
      Effect(values: arms[index].values, comparison: pair)
    }
    var withheld: [String] = []
    if !isJudged {
      let left = arms.reduce(0) { $0 + $1.missing }
      withheld.append(
        "figures only, no verdicts: \(left) \(left == 1 ? "run is" : "runs are") to go, and the plan looks after "
          + "\(looks.rounds.map(String.init).joined(separator: ", ")) rounds")
    }
    // Of the dose nothing is recommended anyway.
    let isOfDose = knobs.allSatisfy { $0.scenarioKey == ScenarioKey.dose.rawValue }
    let isWithheld = isOfDose ? "caution" : "nothing is recommended"
    if isJudged, level == 0, !isOfDose {
      withheld.append(
        "\(done) rounds cannot show anything better or worse: with \(family) settings against the reference p is never below "
          + "\(min(1, PairedTest.leastP(pairs: done) * Double(family)))")
    }
    for arm in arms where Double(arm.broken.count) > VerdictRules.brokenLimit * Double(arm.rounds) {
      withheld.append(
        "\(isWithheld): \(arm.broken.count) of \(arm.rounds) runs with \(Self.name(arm, knobs)) broke, more than one in ten, and what "
          + "broke them may depend on the setting")
    }
    if let exploratory { withheld.append("exploratory, nothing is recommended: \(exploratory)") }
    for (index, pair) in zip(others, comparison.pairs) {
      for pins in pair.environment where pins.isUnequalDose(pair.tuning) {
        withheld.append(
          "\(isWithheld): \(pins.base) were pinned in the reference and \(pins.new) with \(Self.name(arms[index], knobs)), which is another "
            + "dose of fragmentation; --set dose=… or --inject-until makes them equal")
      }
    }
    for barrier in Set(comparison.pairs.flatMap(\.barriers)).sorted() {
      withheld.append("\(isWithheld): \(barrier)")
    }
    self.withheld = withheld
    if isOfDose {
      recommendations = zip(others, comparison.pairs).map { index, pair in
        FragmentationEffect(base: arms[reference], new: arms[index], pair: pair).text
      }
    } else {
      recommendations =
        isJudged
        ? Recommendation.texts(
          knobs: knobs, effects: effects, marginPercent: marginPercent, isWithheld: !withheld.isEmpty) : []
    }
  }

  private static func name(_ arm: Arm, _ knobs: [Knob]) -> String {
    zip(knobs, arm.values).map { "\($0.name)=\($1)" }.joined(separator: ", ")
  }

  private static func side(_ arm: Arm, _ knobs: [Knob]) -> ComparisonSide {
    ComparisonSide(
      path: name(arm, knobs),
      runs: arm.runs.sorted { $0.key < $1.key }.map(\.value), brokenWithoutRecord: arm.broken.count)
  }

  private static func row(_ arm: Arm) -> Row {
    Row(
      values: arm.values, complete: arm.complete, broken: arm.broken.count, missing: arm.missing,
      figures: Metric.all.compactMap { metric in
        let values = arm.runs.values.compactMap { metric.value(of: $0) }
        guard !values.isEmpty, values.count == arm.runs.count, let median = Quantile.linear(of: values, at: 0.5),
          let least = values.min(), let most = values.max()
        else { return nil }
        return Row.Figure(metric: metric, median: median, least: least, most: most)
      })
  }
}
