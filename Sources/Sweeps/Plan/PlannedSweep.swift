import Analysis
public import Experiment
import LinuxSystem
import MemoryModel
public import RecordFiles
public import Supervision

/// What the user asked for, as a plan and what its runs do.
public struct PlannedSweep: Sendable {
  public let plan: SweepPlan
  /// One for each of the plan's settings, in their order.
  public let scenarios: [Scenario]

  /// Rounds where none are asked for and no pilot says how many it takes.
  public static let defaultRounds = 10

  /// - Parameters:
  ///   - base: the scenario of that name.
  ///   - tool: the name and version of the program.
  ///   - rounds: where none are asked for.
  ///   - anySeed: where none is asked for.
  /// - Throws: what of it cannot be used.
  public init(
    _ asked: SweepFile, base: Scenario, tool: String, rounds: Int = Self.defaultRounds, anySeed: UInt64
  ) throws(CommandFailure) {
    guard !asked.set.isEmpty else {
      throw CommandFailure(
        .usage, "nothing to sweep: give --set KEY=VALUE,VALUE, as in --set vm.min_free_kbytes=16384,67584")
    }
    do throws(ScenarioError) {
      let machine = try Self.machine(asked)
      let scheme = try Self.checkedScheme(asked.scheme ?? Scheme.linux6.name, option: "--scheme")
      let knobs = try Self.knobs(asked.set, isModel: machine == .model)
      let scenario = try Self.scenario(base, fixed: asked.fix)
      let looks = try Self.looks(asked, rounds)
      let margin = asked.marginPercent ?? VerdictRules.defaultMarginPercent
      guard margin > 0, margin <= 1000 else {
        throw ScenarioError(key: "margin", value: "\(margin)", expected: "a number above 0, up to 1000")
      }
      let plan = try SweepPlan(
        tool: tool, machine: machine, scheme: scheme, scenario: scenario, knobs: knobs, looks: looks,
        marginPercent: margin, seed: asked.seed ?? anySeed
      ) { knob in
        switch knob.kind {
        case .sysctl, .sysctlAtFailover: machine == .linux ? try? Sysctl.read(knob.key) : nil
        case .scheme: scheme
        // The control is what a dose is held against; beside another knob it is that knob which is asked about.
        case .scenario where knobs.count == 1 && knob.isDose && knob.hasControl: knob.values.first { Double($0) == 0 }
        case .scenario: ScenarioKey(rawValue: knob.key).flatMap { scenario.texts(of: $0).first }
        case .model: nil
        }
      }
      var scenarios: [Scenario] = []
      for setting in plan.settings {
        let scenario = try plan.scenario(for: setting, of: scenario)
        scenarios.append(scenario)
        _ = try ModelParameters(scenario, isOfToday: machine == .linux)
        _ = try Self.checkedScheme(plan.scheme(for: setting), option: "--set scheme")
      }
      self.plan = plan
      self.scenarios = scenarios
    } catch { throw CommandFailure(.usage, "\(error)") }
  }

  private static func looks(_ asked: SweepFile, _ rounds: Int) throws(ScenarioError) -> LookSchedule {
    if let looks = asked.looks {
      guard asked.repeats == nil || asked.repeats == looks.last, let schedule = LookSchedule(looks),
        schedule.last <= 1000
      else {
        throw ScenarioError(
          key: "looks", value: looks.map(String.init).joined(separator: ","),
          expected: "numbers of rounds that ascend, up to 1000 (the last is --repeat)")
      }
      return schedule
    }
    let repeats = asked.repeats ?? rounds
    guard (1...1000).contains(repeats) else {
      throw ScenarioError(key: "repeat", value: "\(repeats)", expected: "1 to 1000")
    }
    return LookSchedule(endingAfter: repeats)
  }

  private static func machine(_ asked: SweepFile) throws(ScenarioError) -> SweepPlan.Machine {
    guard let testbed = asked.testbed else { return .linux }
    guard let machine = SweepPlan.Machine(rawValue: testbed) else {
      throw ScenarioError(
        key: "testbed", value: testbed, expected: SweepPlan.Machine.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return machine
  }

  private static func checkedScheme(_ name: String, option: String) throws(ScenarioError) -> String {
    guard Scheme.named(name) != nil else {
      throw ScenarioError(key: "scheme", value: name, expected: Scheme.names, option: option)
    }
    return name
  }

  private static func knobs(_ texts: [String], isModel: Bool) throws(ScenarioError) -> [SweepKnob] {
    var knobs: [SweepKnob] = []
    for text in texts {
      let knob = try SweepKnob(text, isModel: isModel).withoutFiles(isModel: isModel)
      guard !knobs.contains(where: { $0.name == knob.name }) else {
        throw ScenarioError(key: "set", value: text, expected: "each key once")
      }
      knobs.append(knob)
    }
    return knobs
  }

  private static func scenario(_ base: Scenario, fixed texts: [String]) throws(ScenarioError) -> Scenario {
    var scenario = base
    for text in texts { try fix(text, in: &scenario) }
    try scenario.validate()
    return scenario
  }

  private static func fix(_ text: String, in scenario: inout Scenario) throws(ScenarioError) {
    guard let given = KeyValue(text) else {
      throw ScenarioError(
        key: "fix", value: text,
        expected: "KEY=VALUE, KEY a key of the scenario, a kernel setting or a parameter of the model")
    }
    guard let key = ScenarioKey(rawValue: given.key), !key.isList else {
      do throws(ScenarioError) {
        return try scenario.set(ModelParameter.named(given.key) == nil ? .sysctl : .set, text)
      } catch {
        throw error.given(by: "--fix")
      }
    }
    do throws(ScenarioError) { try scenario.set(key, ProfileFile.resolve(given.value, of: key)) } catch {
      throw error.given(by: "--fix \(given.key)")
    }
  }
}
