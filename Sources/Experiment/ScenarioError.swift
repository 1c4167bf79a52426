/// One line for the user: which value was given for what, and what is expected or wrong with it.
public struct ScenarioError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A ``ScenarioKey``'s name, a parameter of the model, or an option that makes a scenario.
  public let key: String
  /// What was given, on one line.
  public let value: String
  /// `expected …`, or what is wrong with the value.
  public let explanation: String
  /// The option that the value was given by, as it is typed: `--write-size`, `--set watermark.low`.
  public let option: String

  /// - Parameters:
  ///   - expected: what may be given, as in "1B to 4096B".
  ///   - option: nil for `--key`.
  public init(key: String, value: String, expected: String, option: String? = nil) {
    self.init(key: key, value: value, explanation: "expected \(expected)", option: option)
  }

  /// - Parameter problem: why the value cannot be used, where that is no matter of its form.
  public init(key: String, value: String, problem: String, option: String? = nil) {
    self.init(key: key, value: value, explanation: problem, option: option)
  }

  private init(key: String, value: String, explanation: String, option: String?) {
    self.key = key
    // One line whatever was given: a scenario file may hold anything.
    self.value = SingleLine.text(value, limit: 120)
    self.explanation = explanation
    self.option = option ?? "--\(key)"
  }

  /// The same, for a value that came by another option, such as `--fix files`.
  public func given(by option: String) -> ScenarioError {
    ScenarioError(key: key, value: value, explanation: explanation, option: option)
  }

  /// In the form that swift-argument-parser's own errors have.
  public var description: String { Self.text(value, for: option, explanation) }

  /// `invalid value '5KiB' for --write-size: expected 1B to 4096B`: every message about a value, wherever it was given, is made here.
  ///
  /// - Parameters:
  ///   - value: fit for one line.
  ///   - subject: an option as it is typed, or a key of a file.
  ///   - explanation: `expected …`, or what is wrong with the value.
  public static func text(_ value: String, for subject: String, _ explanation: String) -> String {
    "invalid value '\(value)' for \(subject): \(explanation)"
  }
}
