import Experiment

/// One line for the user about a scenario file: which file and line, which key, what was given, what is allowed.
public struct ScenarioFileError: Error, Equatable, Sendable, CustomStringConvertible {
  public let file: String
  /// From 1; nil where it concerns the whole file.
  public let line: Int?
  public let key: String?
  public let value: String?
  /// What is allowed, or what is wrong where there is no value to show.
  public let allowed: String

  init(file: String, line: Int? = nil, key: String? = nil, value: String? = nil, allowed: String) {
    self.file = SingleLine.text(file, limit: 200)
    self.line = line
    self.key = key.map { SingleLine.text($0, limit: 60) }
    self.value = value.map { SingleLine.text($0, limit: 120) }
    self.allowed = SingleLine.text(allowed, limit: 600)
  }

  public var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if let key { text += ": \(key)" }
    guard let value else { return "\(text): \(allowed)" }
    return "\(text): '\(value)' is not allowed; allowed: \(allowed)"
  }
}
