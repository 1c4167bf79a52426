public import Experiment

/// The results of a sweep: its settings, the effect of each knob, and recommendations.
public struct SweepSummary: Equatable, Sendable, Codable {
  /// What was varied.
  public struct Knob: Equatable, Sendable, Codable {
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

    /// A knob of a plan.
    public init(name: String, values: [String], reference: String, referenceIsDefault: Bool, scenarioKey: ScenarioKey?)
    {
      self.name = name
      self.values = values
      self.reference = reference
      self.referenceIsDefault = referenceIsDefault
      self.scenarioKey = scenarioKey?.rawValue
    }
  }

  /// One combination of values and its runs.
  public struct Arm: Equatable, Sendable {
    /// One for each knob.
    public let values: [String]
    /// Those that completed.
    public var runs: [ComparedRun] = []
    /// Runs that failed.
    public var failed = 0
    /// Runs that are planned but not done yet.
    public var missing = 0

    /// A setting of a plan, without a run so far.
    public init(values: [String]) { self.values = values }
  }

  /// The figures of one setting, medians over its runs with their extremes.
  public struct Row: Equatable, Sendable, Codable {
    /// A metric over the runs of a setting, in ``Metric/unit``.
    public struct Figure: Equatable, Sendable, Codable {
      /// Which one.
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
    /// Completed runs.
    public let runs: Int
    /// Runs that failed.
    public let failed: Int
    /// Runs that are planned but not done yet.
    public let missing: Int
    /// One for each metric that every run has.
    public let figures: [Figure]
  }

  /// One value of a knob compared with the reference, over all settings of the other knobs.
  public struct Effect: Equatable, Sendable, Codable {
    /// Its name.
    public let knob: String
    /// The value compared with.
    public let reference: String
    /// The other value.
    public let value: String
    /// All runs with the reference against all runs with the value.
    public let comparison: RunComparison.Pair
  }

  /// Of `sweep.json`. 2: metrics have the names and units of `gate` (``Metric``); 1 is read as well.
  public static let currentSchema = 2

  /// The schema that it was made or read with.
  public let schema: Int
  /// In the order of the plan.
  public let knobs: [Knob]
  /// One for each setting, in the order of the plan.
  public let rows: [Row]
  /// One for each knob and value other than the reference, where both have runs.
  public let effects: [Effect]
  /// The least difference that matters, in per cent (``VerdictRules``).
  public let differencePercent: Double
  /// How many tests the p-values are corrected for.
  public let tests: Int
  /// Why no verdict of better or worse was possible; nil where it was.
  public let tooFew: String?
  /// One sentence or two for each knob.
  public let recommendations: [String]

  /// Collects what is done of a sweep; `tolerancePercent` as in ``Comparability``.
  public init(
    knobs: [Knob], arms: [Arm], metrics: [Metric] = Metric.compared, rules: VerdictRules = VerdictRules(),
    tolerancePercent: Double = Comparability.defaultTolerancePercent
  ) {
    schema = Self.currentSchema
    self.knobs = knobs
    rows = arms.map { Self.row($0, metrics) }
    var pairs: [(knob: Knob, value: String, base: ComparisonSide, new: ComparisonSide)] = []
    for (index, knob) in knobs.enumerated() {
      func side(_ value: String) -> ComparisonSide {
        ComparisonSide(path: "\(knob.name)=\(value)", runs: arms.filter { $0.values[index] == value }.flatMap(\.runs))
      }
      let base = side(knob.reference)
      for value in knob.values where value != knob.reference {
        let new = side(value)
        if !base.runs.isEmpty && !new.runs.isEmpty { pairs.append((knob, value, base, new)) }
      }
    }
    let comparison = RunComparison(
      pairs.map { ($0.base, $0.new) }, metrics: metrics, rules: rules, tolerancePercent: tolerancePercent,
      studied: Set(knobs.compactMap { $0.scenarioKey.flatMap(ScenarioKey.init) }), isPooled: true)
    differencePercent = comparison.differencePercent
    tests = comparison.tests
    tooFew = comparison.tooFew
    effects = zip(pairs, comparison.pairs).map {
      Effect(knob: $0.knob.name, reference: $0.knob.reference, value: $0.value, comparison: $1)
    }
    let all = effects
    recommendations = knobs.map { knob in Self.recommendation(knob, all.filter { $0.knob == knob.name }) }
  }

  private static func row(_ arm: Arm, _ metrics: [Metric]) -> Row {
    Row(
      values: arm.values, runs: arm.runs.count, failed: arm.failed, missing: arm.missing,
      figures: metrics.compactMap { metric in
        // Over all mounts of each run: a row is read by itself.
        let values = arm.runs.compactMap { metric.value(of: $0) }
        guard !values.isEmpty, values.count == arm.runs.count, let median = Quantile.linear(of: values, at: 0.5),
          let least = values.min(),
          let most = values.max()
        else { return nil }
        return Row.Figure(metric: metric, median: median, least: least, most: most)
      })
  }

  /// A value is recommended when it is better in something and worse in nothing. Of several it is the one that is better in the weightiest metric,
  /// and there by the larger ratio.
  private static func recommendation(_ knob: Knob, _ effects: [Effect]) -> String {
    let reference = "\(knob.reference)" + (knob.referenceIsDefault ? " (the default)" : "")
    guard !effects.isEmpty else { return "\(knob.name): too few runs to compare anything" }
    func metrics(_ effect: Effect, _ verdict: Verdict) -> [MetricComparison] {
      Metric.byWeight.compactMap { metric in
        effect.comparison.metrics.first { $0.metric == metric && $0.verdict == verdict }
      }
    }
    func size(_ metric: MetricComparison) -> Double {
      guard let ratio = metric.ratio?.ratio else { return 0 }
      return metric.metric.better == .higher ? ratio : ratio > 0 ? 1 / ratio : .infinity
    }
    func rank(_ effect: Effect) -> (Int, Double) {
      guard let best = metrics(effect, .better).first else { return (Int.max, 0) }
      return (Metric.byWeight.firstIndex(of: best.metric) ?? Int.max, -size(best))
    }
    func words(_ found: [MetricComparison]) -> String { found.map(\.metric.title).joined(separator: ", ") }
    let clean = effects.filter { !metrics($0, .better).isEmpty && metrics($0, .worse).isEmpty }.min {
      rank($0) < rank($1)
    }
    if let best = clean {
      return
        "set \(knob.name) to \(best.value): better than \(reference) in \(words(metrics(best, .better))), and worse in nothing measured"
    }
    var sentences: [String] = []
    for effect in effects {
      let (better, worse) = (metrics(effect, .better), metrics(effect, .worse))
      if !better.isEmpty {
        sentences.append(
          "\(effect.value) is better than \(reference) in \(words(better)), but worse in \(words(worse)): the choice is yours"
        )
      } else if !worse.isEmpty {
        sentences.append("\(effect.value) is worse than \(reference) in \(words(worse))")
      }
    }
    guard sentences.isEmpty else {
      let isOnlyWorse = effects.allSatisfy { metrics($0, .better).isEmpty }
      return (isOnlyWorse ? "leave \(knob.name) at \(reference): " : "\(knob.name): ")
        + sentences.joined(separator: "; ")
    }
    return knob.referenceIsDefault
      ? "\(knob.name): no setting is distinguishable from the default (\(knob.reference))"
      : "\(knob.name): no setting is distinguishable from \(knob.reference)"
  }
}

extension SweepSummary.Row.Figure {
  private enum CodingKeys: String, CodingKey {
    case metric, median, least, most
  }

  /// Reads what was written under the names and units of schema 1, too (`Metric.StoredName`).
  ///
  /// Throws `DecodingError` for what is no such figure.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let stored = try container.decode(Metric.StoredName.self, forKey: .metric)
    metric = stored.metric
    median = stored.value(try container.decode(Double.self, forKey: .median))
    least = stored.value(try container.decode(Double.self, forKey: .least))
    most = stored.value(try container.decode(Double.self, forKey: .most))
  }
}
