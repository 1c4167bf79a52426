public import Experiment
import RecordFiles

/// What a sweep will do, written down before anything is run: every combination of the knobs' values, each a number of times, in
/// random order.
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

  /// 2: without the scenario. A plan of schema 1 has one besides, which says what the files of the settings say, and is passed over.
  public static let currentSchema = 2
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
  public let settings: [Setting]
  public let points: [Point]

  /// - Parameters:
  ///   - scenario: what every run does, but for the knobs.
  ///   - asFound: what the machine has for a knob by itself; nil where that is not known. A value equal to it, or
  ///     ``SweepKnob/leaveAlone``, becomes the reference; without one it is the first value.
  /// - Throws: a combination that is no scenario, or too many points.
  public init(
    tool: String, machine: Machine, scheme: String, scenario: Scenario, knobs: [SweepKnob], repeats: Int, seed: UInt64,
    asFound: (SweepKnob) -> String?
  ) throws(ScenarioError) {
    schema = Self.currentSchema
    self.tool = tool
    self.machine = machine
    self.scheme = scheme
    self.knobs = knobs
    self.repeats = repeats
    self.seed = seed
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
          "so many that all settings together make up to \(Self.pointLimit) runs (here \(combinations.count) settings)")
    }
    settings = combinations.enumerated().map { index, values in
      let text = zip(knobs, values).map { "\($0.name)=\($1)" }.joined(separator: ",")
      return Setting(values: values, name: "\(index + 1)-" + SafeName.made(of: String(text.prefix(56))))
    }
    points = Self.draw(settings: combinations.count, repeats: repeats, seed: seed, firstSeed: scenario.seed)
    for setting in settings { _ = try self.scenario(for: setting, of: scenario) }
  }

  /// Each round has every setting once, in an order of its own: whatever drifts on the machine, all settings see it alike. The runs of a round
  /// share a seed.
  private static func draw(settings: Int, repeats: Int, seed: UInt64, firstSeed: UInt64) -> [Point] {
    var random = RandomGenerator(seed: seed)
    var points: [Point] = []
    for repetition in 1...max(1, repeats) {
      var order = Array(0..<settings)
      for place in stride(from: settings - 1, to: 0, by: -1) {
        order.swapAt(place, Int(random.below(UInt64(place + 1))))
      }
      for setting in order {
        points.append(
          Point(
            number: points.count + 1, setting: setting, repetition: repetition,
            seed: firstSeed &+ UInt64(repetition - 1)))
      }
    }
    return points
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

  /// Tests that a comparison of this many metrics makes at once: one for each value that is no reference.
  public func tests(metrics: Int) -> Int { metrics * knobs.reduce(0) { $0 + $1.values.count - 1 } }

  /// Runs a side that the comparison of one value with the reference has: those of all settings of the other knobs.
  public func runsASide(of knob: SweepKnob) -> Int { repeats * settings.count / knob.values.count }

  /// The least repeats with which any value of any knob could come to better or worse.
  public static func leastRepeats(knobs: [SweepKnob], metrics: Int, leastRuns: (_ tests: Int) -> Int) -> Int {
    let settings = knobs.reduce(1) { $0 * $1.values.count }
    let tests = metrics * knobs.reduce(0) { $0 + $1.values.count - 1 }
    let fewest = knobs.map { settings / $0.values.count }.min() ?? 1
    return (leastRuns(tests) + fewest - 1) / fewest
  }
}
