public import Experiment
import MemoryModel
import RecordFiles

/// Something that a sweep turns, and the values that it takes.
public struct SweepKnob: Equatable, Sendable, Codable {
  /// What it is a setting of.
  public enum Kind: String, Sendable, Codable {
    /// A kernel setting, in force from the start of a run.
    case sysctl
    /// The same, set only before the mounts.
    case sysctlAtFailover = "sysctl-at-failover"
    /// A key of the scenario.
    case scenario
    /// A quantity of the model.
    case model
    /// The model's memory scheme.
    case scheme
  }

  public let kind: Kind
  public let key: String
  /// Two or more, each once; ``leaveAlone`` for a run that does not set it.
  public let values: [String]

  /// The value that stands for not setting it at all.
  public static let leaveAlone = "default"

  /// Reads `KEY=VALUE,VALUE`.
  ///
  /// - Parameter isModel: whether the sweep is of the model: a kernel has no parameters of the model, a model has schemes.
  /// - Throws: what is wrong with it, as of the option `--set`.
  public init(_ text: String, isModel: Bool) throws(ScenarioError) {
    guard let given = KeyValue(text) else {
      throw ScenarioError(key: "set", value: text, expected: "KEY=VALUE,VALUE, as in vm.min_free_kbytes=16384,67584")
    }
    let separator: Character = given.value.contains(";") ? ";" : ","
    let values = given.value.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    try self.init(key: given.key, values: values, isModel: isModel)
  }

  /// - Throws: as ``init(_:isModel:)``.
  public init(key given: String, values: [String], isModel: Bool) throws(ScenarioError) {
    (kind, key) = try Self.kind(of: given, isModel: isModel)
    self.values = values
    func refusal(_ value: String, _ expected: String) -> ScenarioError {
      ScenarioError(key: "set", value: value, expected: expected, option: "--set \(SingleLine.text(given, limit: 60))")
    }
    let list = values.joined(separator: ",")
    if let bad = values.first(where: { $0.isEmpty || $0.utf8.count > 200 }) {
      throw refusal(bad, "values of 1 to 200 characters, separated by ',' (by ';' where a value holds a comma)")
    }
    guard values.count >= 2 else {
      throw refusal(list, "two values or more; the value 'default' leaves it as it is")
    }
    guard values.count <= 100 else { throw refusal(list, "up to 100 values") }
    guard Set(values).count == values.count else { throw refusal(list, "each value once") }
    guard kind == .sysctl || kind == .sysctlAtFailover else { return }
    for value in values where value != Self.leaveAlone && SysctlSetting("\(key)=\(value)") == nil {
      throw refusal(value, "a value without control characters and '@'")
    }
  }

  private static func kind(of given: String, isModel: Bool) throws(ScenarioError) -> (Kind, key: String) {
    func refusal(_ expected: String) -> ScenarioError { ScenarioError(key: "set", value: given, expected: expected) }
    if let scenarioKey = ScenarioKey(rawValue: given) {
      if scenarioKey == .seed { throw refusal("another key: the repeats of a setting differ in the seed (--repeat)") }
      if scenarioKey.isList { throw refusal("a setting by its own name, as in vm.swappiness=1,60") }
      return (.scenario, given)
    }
    if isModel && given == "scheme" { return (.scheme, given) }
    if ModelParameter.named(given) != nil {
      guard isModel else { throw refusal("a parameter of the model only with --testbed model") }
      return (.model, given)
    }
    let isAtFailover = given.hasSuffix("@failover")
    let key = isAtFailover ? String(given.dropLast("@failover".count)) : given
    guard SysctlSetting("\(key)=0") != nil else {
      throw refusal(
        key.contains(".")
          ? "a kernel setting that a run may change and put back (see --sysctl)"
          : "a key of the scenario, a kernel setting such as vm.min_free_kbytes, or for the model a parameter or scheme"
      )
    }
    return (isAtFailover ? .sysctlAtFailover : .sysctl, key)
  }

  /// The same, with values that depend on no file: the plan is to mean the same tomorrow.
  /// - Throws: a file that cannot be used, or two values that come to the same.
  public func withoutFiles(isModel: Bool) throws(ScenarioError) -> SweepKnob {
    guard kind == .scenario, let scenarioKey = ScenarioKey(rawValue: key) else { return self }
    var resolved: [String] = []
    do throws(ScenarioError) {
      for value in values {
        resolved.append(value == Self.leaveAlone ? value : try ProfileFile.resolve(value, of: scenarioKey))
      }
    } catch { throw error.given(by: "--set \(key)") }
    return try SweepKnob(key: key, values: resolved, isModel: isModel)
  }

  var isDose: Bool { kind == .scenario && key == ScenarioKey.dose.rawValue }
  /// Of the dose: whether one of its values pins nothing.
  var hasControl: Bool { values.contains { Double($0) == 0 } }

  /// As written in front of its values.
  public var name: String { kind == .sysctlAtFailover ? "\(key)@failover" : key }

  /// Puts `value` into a scenario. The scheme is no part of one.
  /// - Throws: what is expected in place of `value`.
  public func apply(_ value: String, to scenario: inout Scenario) throws(ScenarioError) {
    guard value != Self.leaveAlone else { return }
    do throws(ScenarioError) {
      switch kind {
      case .sysctl: try scenario.set(.sysctl, "\(key)=\(value)")
      case .sysctlAtFailover: try scenario.set(.sysctl, "\(key)=\(value)@failover")
      case .model: try scenario.set(.set, "\(key)=\(value)")
      case .scenario: if let scenarioKey = ScenarioKey(rawValue: key) { try scenario.set(scenarioKey, value) }
      case .scheme: break
      }
    } catch { throw error.given(by: "--set \(name)") }
  }
}
