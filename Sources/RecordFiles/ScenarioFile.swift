public import Experiment
import Foundation
import Yams

/// Scenario files: a flat YAML mapping of `ScenarioKey`s, with `name` and `summary`. Whatever is in a file, the answer is a
/// scenario or one line that says what is wrong with it.
public enum ScenarioFile {
  /// Keys that only a file has.
  private enum OwnKey: String { case name, summary }

  private static let allKeys = "name, summary, " + ScenarioKey.allCases.map(\.rawValue).joined(separator: ", ")

  /// Reads the file `path`.
  /// - Throws: the file cannot be read, or is no scenario.
  public static func read(path: String) throws(ScenarioFileError) -> Scenario {
    try parse(text(of: path), fileName: path)
  }

  /// `fileName` is for messages, and names the scenario when the file does not.
  /// - Throws: the text is no scenario.
  public static func parse(_ yaml: String, fileName: String) throws(ScenarioFileError) -> Scenario {
    let stem = fileName.split(separator: "/").last.map { String($0.prefix { $0 != "." }) } ?? ""
    var scenario = Scenario(name: SafeName.made(of: stem))
    for (keyNode, value) in try root(yaml, fileName) {
      let line = keyNode.mark?.line
      guard let key = keyNode.scalar?.string else {
        throw ScenarioFileError(file: fileName, line: line, problem: "a key must be one of \(allKeys)")
      }
      if let own = OwnKey(rawValue: key) {
        try set(own, text(of: value, key, expected: "a text", fileName), line, fileName, &scenario)
      } else if let scenarioKey = ScenarioKey(rawValue: key) {
        let texts =
          scenarioKey.isList
          ? try list(of: value, scenarioKey, fileName)
          : [try text(of: value, key, expected: scenarioKey.expected, fileName)]
        for given in texts {
          do throws(ScenarioError) {
            try scenario.set(
              scenarioKey, ProfileFile.resolve(given, of: scenarioKey, relativeTo: directory(of: fileName)))
          } catch {
            throw ScenarioFileError(file: fileName, line: line, error)
          }
        }
      } else {
        throw unknownKey(key, allKeys, fileName, line)
      }
    }
    do throws(ScenarioError) { try scenario.validate() } catch { throw ScenarioFileError(file: fileName, error) }
    return scenario
  }

  static func unknownKey(_ key: String, _ known: String, _ fileName: String, _ line: Int?) -> ScenarioFileError {
    ScenarioFileError(
      file: fileName, line: line, problem: "unknown key '\(SingleLine.text(key, limit: 120))': expected \(known)")
  }

  /// Of the file `name`; empty for the present one.
  private static func directory(of name: String) -> String {
    guard let slash = name.lastIndex(of: "/") else { return "" }
    return slash == name.startIndex ? "/" : String(name[..<slash])
  }

  /// - Throws: the file cannot be read, or is no text.
  static func text(of path: String) throws(ScenarioFileError) -> String {
    let bytes: [UInt8]
    do throws(RecordFileError) { bytes = try BoundedFile.read(path, limit: YAMLLimits.bytes) } catch {
      throw ScenarioFileError(file: path, problem: error.reason)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ScenarioFileError(file: path, problem: "it is not UTF-8 text")
    }
    return text
  }

  static func root(_ yaml: String, _ fileName: String) throws(ScenarioFileError) -> Node.Mapping {
    if let excess = YAMLLimits.excess(in: yaml) {
      throw ScenarioFileError(file: fileName, line: excess.line, problem: excess.reason)
    }
    let node: Node?
    do { node = try Parser(yaml: yaml).singleRoot() } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
      throw ScenarioFileError(file: fileName, line: context.mark.line, key: keys.first, problem: "it appears twice")
    } catch {
      let (line, problem) = flaw(error)
      throw ScenarioFileError(file: fileName, line: line, problem: "it is not YAML: \(problem)")
    }
    guard let mapping = node?.mapping else {
      throw ScenarioFileError(file: fileName, line: node?.mark?.line, problem: "it is not a list of KEY: VALUE lines")
    }
    return mapping
  }

  private static func set(
    _ key: OwnKey, _ text: String, _ line: Int?, _ fileName: String, _ scenario: inout Scenario
  ) throws(ScenarioFileError) {
    switch key {
    case .name:
      guard SafeName.isSafe(text) else {
        throw ScenarioFileError(file: fileName, line: line, key: key.rawValue, value: text, expected: SafeName.allowed)
      }
      scenario.name = text
    case .summary:
      guard text.count <= 300, SingleLine.text(text) == text else {
        throw ScenarioFileError(
          file: fileName, line: line, key: key.rawValue, value: text, expected: "one line of at most 300 characters")
      }
      scenario.summary = text
    }
  }

  private static func text(
    of node: Node, _ key: String, expected: String, _ fileName: String
  ) throws(ScenarioFileError) -> String {
    guard let text = node.scalar?.string else {
      throw ScenarioFileError(
        file: fileName, line: node.mark?.line, key: key, value: node.mapping == nil ? "a list" : "a mapping",
        expected: expected)
    }
    return text
  }

  /// One text, a list of texts, or a mapping from setting to value.
  private static func list(of node: Node, _ key: ScenarioKey, _ fileName: String) throws(ScenarioFileError) -> [String]
  {
    func plain(_ node: Node) throws(ScenarioFileError) -> String {
      try text(of: node, key.rawValue, expected: key.expected, fileName)
    }
    var texts: [String] = []
    if let list = node.sequence {
      for item in list { texts.append(try plain(item)) }
    } else if let mapping = node.mapping {
      for (key, value) in mapping { texts.append(try plain(key) + "=" + plain(value)) }
    } else {
      texts.append(try plain(node))
    }
    return texts
  }

  /// The parser's errors show the text around them on lines of their own.
  private static func flaw(_ error: any Error) -> (line: Int?, problem: String) {
    guard let error = error as? YamlError else { return (nil, "\(error)") }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return (mark.line, problem)
    case .reader(let problem, _, _, _): return (nil, problem)
    default: return (nil, "the parser gave up")
    }
  }
}
