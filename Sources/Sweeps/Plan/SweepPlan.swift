public import Analysis
public import Experiment
import RecordFiles

/// What a sweep will do, written down before anything is run: every combination of the knobs' values, each a number of times, in
/// an order that is balanced and random; and by what it will be judged, and when.
///
/// The scenario of each setting is no part of it: it lies beside the results of the setting, as the file that its runs are given
/// (``SweepFolder/scenario(_:_:)``).
public struct SweepPlan: Equatable, Sendable, Codable {
  public enum Machine: String, Sendable, Codable, CaseIterable {
    /// The real kernel.
    case linux
    /// The simulated machine.
    case model
  }

  /// One combination of values.
  public struct Setting: Equatable, Sendable, Codable {
    /// One for each knob, in their order.
    public let values: [String]
    /// Its directory below `runs`.
    public let name: String
  }

  /// One run.
  public struct Point: Equatable, Sendable, Codable {
    /// From 1, in the order in which they are run.
    public let number: Int
    /// Of ``SweepPlan/settings``.
    public let setting: Int
    /// From 1.
    public let repetition: Int
    public let seed: UInt64
  }

  /// 2: without the scenario. A plan of schema 1 has one besides, which says what the files of the settings say, and is passed over. 3: with what it will be
  /// judged by. 4: with services in place of mounts.
  public static let currentSchema = 4
  /// More are refused: weeks of machine time are a mistake rather than a plan.
  public static let pointLimit = 10_000

  public let schema: Int
  public let tool: String
  public let machine: Machine
  /// Of the model, where no knob is the scheme.
  public let scheme: String
  public let knobs: [SweepKnob]
  /// For each knob, which of its values the others are held against.
  public let references: [Int]
  /// Whether that value is what the machine had by itself.
  public let referenceIsDefault: [Bool]
  public let repeats: Int
  public let seed: UInt64
  /// After which rounds the runs are looked at; nil in plans before schema 3.
  public let looks: [Int]?
  /// See ``VerdictRules``; nil as above.
  public let marginPercent: Double?
  /// Names of the primary figures and of the safeguards; nil as above.
  public let primary: [String]?
  public let safeguards: [String]?
  public let settings: [Setting]
  public let points: [Point]

  /// - Parameters:
  ///   - scenario: what every run does, but for the knobs.
  ///   - asFound: what the machine has for a knob by itself; nil where that is not known. A value equal to it, or
  ///     ``SweepKnob/leaveAlone``, becomes the reference; without one it is the first value.
  /// - Throws: a combination that is no scenario, or too many points.
  public init(
    tool: String, machine: Machine, scheme: String, scenario: Scenario, knobs: [SweepKnob], looks: LookSchedule,
    marginPercent: Double = VerdictRules.defaultMarginPercent, seed: UInt64, asFound: (SweepKnob) -> String?
  ) throws(ScenarioError) {
    schema = Self.currentSchema
    (self.tool, self.machine, self.scheme, self.knobs) = (tool, machine, scheme, knobs)
    repeats = looks.last
    self.seed = seed
    self.looks = looks.rounds
    self.marginPercent = marginPercent
    primary = Metric.all(.primary).map(\.name)
    safeguards = Metric.all(.safeguard).map(\.name)
    let defaults = knobs.map { knob in
      let found = asFound(knob)
      return knob.values.firstIndex { $0 == SweepKnob.leaveAlone || $0 == found }
    }
    references = defaults.map { $0 ?? 0 }
    referenceIsDefault = defaults.map { $0 != nil }
    let combinations = knobs.reduce([[]]) { sum, knob in
      sum.count > Self.pointLimit ? sum : sum.flatMap { values in knob.values.map { values + [$0] } }
    }
    guard combinations.count * repeats <= Self.pointLimit else {
      throw ScenarioError(
        key: "repeat", value: "\(repeats)",
        expected:
          "few enough that all settings make at most \(Self.pointLimit) runs (here \(combinations.count) settings)")
    }
    settings = combinations.enumerated().map { index, values in
      let text = zip(knobs, values).map { "\($0.name)=\($1)" }.joined(separator: ",")
      return Setting(values: values, name: "\(index + 1)-" + SafeName.made(of: String(text.prefix(56))))
    }
    points = Self.draw(settings: combinations.count, repeats: repeats, seed: seed, firstSeed: scenario.seed)
    for setting in settings { _ = try self.scenario(for: setting, of: scenario) }
  }

  /// Each round has every setting once, in the order of a row of a ``WilliamsSquare``: whatever drifts on the machine, and whatever a run leaves
  /// to the next, all settings see it alike. The runs of a round share a seed.
  private static func draw(settings: Int, repeats: Int, seed: UInt64, firstSeed: UInt64) -> [Point] {
    var random = RandomGenerator(seed: seed)
    var rows: [[Int]] = []
    var points: [Point] = []
    for repetition in 1...max(1, repeats) {
      if rows.isEmpty { rows = WilliamsSquare.rows(settings, random: &random) }
      for setting in rows.removeLast() {
        points.append(
          Point(
            number: points.count + 1, setting: setting, repetition: repetition,
            seed: firstSeed &+ UInt64(repetition - 1)))
      }
    }
    return points
  }

  /// The scenario keys that it varies.
  public var studied: Set<ScenarioKey> {
    Set(knobs.compactMap { $0.kind == .scenario ? ScenarioKey(rawValue: $0.key) : nil })
  }

  /// Whether one of its settings pins nothing and is the others' control.
  public var hasControl: Bool {
    knobs.contains { $0.isDose && $0.hasControl }
  }

  /// The setting that the others are held against.
  public var referenceSetting: Int {
    let values = zip(knobs, references).map { $0.values[$1] }
    return settings.firstIndex { $0.values == values } ?? 0
  }

  /// Those of the plan; of one before schema 3 a single look at its end.
  public var lookSchedule: LookSchedule { looks.flatMap(LookSchedule.init) ?? LookSchedule(endingAfter: repeats) }

  /// Why what is judged now is not what was planned; nil where it is.
  public func deviation(marginPercent asked: Double?, tolerancePercent: Double) -> String? {
    guard let marginPercent, let primary, let safeguards else {
      return "the plan is of an earlier version and does not say what its runs are judged by"
    }
    if tolerancePercent > Comparability.defaultTolerancePercent {
      return "starts may differ by \(tolerancePercent) %, more than was planned"
    }
    if let asked, asked != marginPercent { return "the plan has a margin of \(marginPercent) %, not \(asked) %" }
    // Before schema 4 a volume that was mounted was a service.
    let judged = primary.map { schema < 4 && $0 == Metric.mountsCompleted.name ? Metric.servicesCompleted.name : $0 }
    return judged == Metric.all(.primary).map(\.name) && safeguards == Metric.all(.safeguard).map(\.name)
      ? nil : "the plan was made for other figures"
  }

  /// The scenario of a setting, without the seed of a repetition.
  ///
  /// - Parameter base: what every run does, but for the knobs.
  /// - Throws: values that are none, or do not go together.
  public func scenario(for setting: Setting, of base: Scenario) throws(ScenarioError) -> Scenario {
    var scenario = base
    for (knob, value) in zip(knobs, setting.values) { try knob.apply(value, to: &scenario) }
    try scenario.validate()
    return scenario
  }

  /// Its values, as `KEY=VALUE` each.
  public func texts(of setting: Setting) -> [String] { zip(knobs, setting.values).map { "\($0.name)=\($1)" } }

  /// The scheme that the model plays a setting with.
  public func scheme(for setting: Setting) -> String {
    zip(knobs, setting.values).first { $0.0.kind == .scheme && $0.1 != SweepKnob.leaveAlone }?.1 ?? scheme
  }
}
