public import Experiment

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

  public static let allowed =
    "KEY=VALUE,VALUE… with two values or more, each once (by ';' where a value holds a comma); KEY a kernel setting such as "
    + "vm.min_free_kbytes (KEY@failover sets it only before the mounts), a key of the scenario, or for the model a parameter or scheme; "
    + "the value default leaves it as it is"

  /// Reads `KEY=VALUE,VALUE`. nil when it is none, or when the key or a value is not possible.
  ///
  /// - Parameters:
  ///   - modelKeys: the parameters of the model.
  ///   - isModel: whether the sweep is of the model: a kernel has no parameters of the model, a model has schemes.
  public init?(_ text: String, modelKeys: Set<String>, isModel: Bool) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let list = text[text.index(after: equals)...]
    self.init(
      key: String(text[..<equals]),
      values: list.split(separator: list.contains(";") ? ";" : ",", omittingEmptySubsequences: false).map { String($0) }, modelKeys: modelKeys,
      isModel: isModel)
  }

  public init?(key given: String, values: [String], modelKeys: Set<String>, isModel: Bool) {
    var key = given
    if let scenarioKey = ScenarioKey(rawValue: key) {
      // The lists have knobs of their own, and the seed is what repeats differ in.
      guard !scenarioKey.isList, scenarioKey != .seed else { return nil }
      kind = .scenario
    } else if isModel && key == "scheme" {
      kind = .scheme
    } else if modelKeys.contains(key) {
      guard isModel else { return nil }
      kind = .model
    } else if key.hasSuffix("@failover") {
      key = String(key.dropLast("@failover".count))
      kind = .sysctlAtFailover
    } else {
      kind = .sysctl
    }
    self.key = key
    self.values = values
    guard values.count >= 2, values.count <= 100, Set(values).count == values.count, values.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 200 })
    else { return nil }
    if kind == .sysctl || kind == .sysctlAtFailover {
      for value in values where value != Self.leaveAlone && SysctlSetting("\(key)=\(value)") == nil { return nil }
    }
  }

  /// As written in front of its values.
  public var name: String { kind == .sysctlAtFailover ? "\(key)@failover" : key }

  /// Puts `value` into a scenario. The scheme is no part of one.
  public func apply(_ value: String, to scenario: inout Scenario) throws(ScenarioError) {
    guard value != Self.leaveAlone else { return }
    switch kind {
    case .sysctl: try scenario.set(.sysctl, "\(key)=\(value)")
    case .sysctlAtFailover: try scenario.set(.sysctl, "\(key)=\(value)@failover")
    case .model: try scenario.set(.set, "\(key)=\(value)")
    case .scenario: if let scenarioKey = ScenarioKey(rawValue: key) { try scenario.set(scenarioKey, value) }
    case .scheme: break
    }
  }
}
