import Experiment

/// One line for the user about a scenario file: which file and line, which key, what was given, what is expected.
public struct ScenarioFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// nil for what was given in place of a file's name.
  public let file: String?
  /// From 1; nil where it concerns the whole file.
  public let line: Int?
  public let key: String?
  public let value: String?
  /// `expected …` where there is a value, else what is wrong.
  public let explanation: String

  /// - Parameter expected: what may be given, as in "1B to 4096B".
  init(file: String?, line: Int? = nil, key: String, value: String, expected: String) {
    self.init(file, line, key, value, "expected \(expected)")
  }

  /// What is wrong with a value that somebody else has looked at.
  init(file: String, line: Int? = nil, _ error: ScenarioError) {
    self.init(file, line, error.key, error.value, error.explanation)
  }

  /// - Parameter problem: what is wrong with the file, or with `key` in it.
  init(file: String, line: Int? = nil, key: String? = nil, problem: String) { self.init(file, line, key, nil, problem) }

  private init(_ file: String?, _ line: Int?, _ key: String?, _ value: String?, _ explanation: String) {
    self.file = file.map { SingleLine.text($0, limit: 200) }
    self.line = line
    self.key = key.map { SingleLine.text($0, limit: 60) }
    self.value = value.map { SingleLine.text($0, limit: 120) }
    self.explanation = SingleLine.text(explanation, limit: 600)
  }

  /// `x.yaml:3: invalid value '5KiB' for write-size: expected 1B to 4096B`.
  public var description: String {
    let place = file.map { "\($0)\(line.map { ":\($0)" } ?? ""): " } ?? ""
    guard let value else { return place + (key.map { "\($0): " } ?? "") + explanation }
    return place + ScenarioError.text(value, for: key ?? "", explanation)
  }
}
