/// What is known of one key of a scenario: all that options, files, sweeps, messages and the manual page are made from.
public struct ScenarioEntry: Sendable {
  public enum Kind: Sendable {
    /// One value.
    case single
    /// True or false: an option without a value, and one with `no-` in front of it.
    case flag
    /// Any number of values, a list in a file; an option may be repeated.
    case list
  }

  public let kind: Kind
  /// What the key is for, one sentence with its point.
  public let help: String
  /// Stands for the value in `--help`.
  public let valueName: String
  /// What may be given, with range and unit: "1B to 4096B".
  public let expected: String
  /// All values there are, where it is one of a few words; empty otherwise.
  public let choices: [String]
  /// Sets the scenario's property from a text; false, and nothing set, where the text is none of what is expected.
  let read: @Sendable (_ text: String, _ scenario: inout Scenario) -> Bool
  /// The texts that `read` makes the same scenario of; more than one, or none, only for a list.
  let texts: @Sendable (Scenario) -> [String]

  /// The default, as ``Scenario/init(name:)`` has it; nil for a list, which is empty then.
  public var defaultText: String? { texts(Scenario(name: "")).first }

  /// For `--help`: the sentence with what is expected, where the name of the value does not say it.
  public var optionHelp: String {
    switch kind {
    case .flag: help
    case .single: choices.isEmpty ? "\(help.dropLast()): \(expected)." : help
    case .list: "\(help.dropLast()): \(expected). May be repeated."
    }
  }

  init<Value>(_ help: String, _ path: WritableKeyPath<Scenario, Value> & Sendable, _ form: ValueForm<Value>) {
    self.init(Value.self == Bool.self ? .flag : .single, help, form) { text, scenario in
      guard let value = form.parse(text) else { return false }
      scenario[keyPath: path] = value
      return true
    } texts: {
      [form.text($0[keyPath: path])]
    }
  }

  /// - Parameter replaces: whether a new element stands in place of an old one, which goes.
  init<Value>(
    listOf help: String, _ path: WritableKeyPath<Scenario, [Value]> & Sendable, _ form: ValueForm<Value>,
    replaces: @escaping @Sendable (_ new: Value, _ old: Value) -> Bool
  ) {
    self.init(.list, help, form) { text, scenario in
      guard let value = form.parse(text) else { return false }
      scenario[keyPath: path].removeAll { replaces(value, $0) }
      scenario[keyPath: path].append(value)
      return true
    } texts: {
      $0[keyPath: path].map(form.text)
    }
  }

  private init<Value>(
    _ kind: Kind, _ help: String, _ form: ValueForm<Value>, read: @escaping @Sendable (String, inout Scenario) -> Bool,
    texts: @escaping @Sendable (Scenario) -> [String]
  ) {
    self.kind = kind
    self.help = help
    valueName = form.valueName
    expected = form.expected
    choices = form.choices
    self.read = read
    self.texts = texts
  }
}
