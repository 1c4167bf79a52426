import Experiment
import Yams

/// A sweep as a YAML file: what `sweep` has as options.
///
///     scenario: paper-env1
///     set:
///       vm.min_free_kbytes: [16384, 67584, 262144]
///     fix: [mount-demand=64kB*60]
///     repeat: 6
public struct SweepFile: Equatable, Sendable {
  public var scenario: String?
  /// `KEY=VALUE;VALUE`.
  public var set: [String] = []
  public var fix: [String] = []
  public var repeats: Int?
  /// Rounds after which the runs are looked at, ascending.
  public var looks: [Int]?
  public var marginPercent: Double?
  public var differencePercent: Double?
  public var seed: UInt64?
  public var testbed: String?
  public var scheme: String?

  /// Of nothing yet.
  public init() {}

  private static let keys = "scenario, set, fix, repeat, looks, margin, difference, seed, testbed, scheme"

  /// - Throws: the file cannot be read, or is no sweep.
  public static func read(_ path: String) throws(ScenarioFileError) -> SweepFile {
    try parse(ScenarioFile.text(of: path), fileName: path)
  }

  /// - Throws: the text is no sweep.
  public static func parse(_ yaml: String, fileName: String) throws(ScenarioFileError) -> SweepFile {
    var file = SweepFile()
    for (keyNode, value) in try ScenarioFile.root(yaml, fileName) {
      let line = keyNode.mark?.line
      func bad(_ value: String, _ expected: String) -> ScenarioFileError {
        ScenarioFileError(
          file: fileName, line: line, key: keyNode.scalar?.string ?? "key", value: value, expected: expected)
      }
      func scalar(_ node: Node) throws(ScenarioFileError) -> String {
        guard let text = node.scalar?.string else {
          throw bad(node.mapping == nil ? "a list" : "a mapping", "one value")
        }
        return text
      }
      func list(_ node: Node) throws(ScenarioFileError) -> [String] {
        guard let sequence = node.sequence else { return [try scalar(node)] }
        var texts: [String] = []
        for item in sequence { texts.append(try scalar(item)) }
        return texts
      }
      func percent(_ node: Node) throws(ScenarioFileError) -> Double {
        let text = try scalar(node)
        guard let number = Percentage.number(text) else { throw bad(text, Percentage.expected) }
        return number
      }
      switch keyNode.scalar?.string {
      case "scenario": file.scenario = try scalar(value)
      case "testbed": file.testbed = try scalar(value)
      case "scheme": file.scheme = try scalar(value)
      case "repeat":
        let text = try scalar(value)
        guard let number = Int(text) else { throw bad(text, "a number from 1 to 1000") }
        file.repeats = number
      case "looks":
        var looks: [Int] = []
        for text in try list(value) {
          guard let number = Int(text) else { throw bad(text, "numbers of rounds, as in [7, 10, 15, 20]") }
          looks.append(number)
        }
        file.looks = looks
      case "margin": file.marginPercent = try percent(value)
      case "difference": file.differencePercent = try percent(value)
      case "seed":
        let text = try scalar(value)
        guard let number = UInt64(text) else { throw bad(text, "a number from 0 to 18446744073709551615") }
        file.seed = number
      case "fix":
        guard let mapping = value.mapping else {
          file.fix = try list(value)
          break
        }
        for (key, value) in mapping { file.fix.append("\(try scalar(key))=\(try scalar(value))") }
      case "set":
        guard let mapping = value.mapping else { throw bad("a list", "a mapping from each key to its list of values") }
        for (key, value) in mapping { file.set.append("\(try scalar(key))=\(try list(value).joined(separator: ";"))") }
      case let other: throw ScenarioFile.unknownKey(other ?? "a list or a mapping", keys, fileName, line)
      }
    }
    return file
  }
}
