public import Experiment
import Foundation

/// `run.json` and the lines beside it: the keys are the names of the properties, sorted, so that two runs can be compared with diff.
public enum RecordCoding {
  /// Pretty, with a line break at the end.
  public static func json(_ record: RunRecord) throws -> String { try pretty(record) }

  /// The summary alone, for `run --json`.
  public static func json(_ summary: RunSummary) throws -> String { try pretty(summary) }

  /// One line of observations.ndjson, with its line break.
  static func line(_ observation: Observation) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(observation)) + [UInt8(ascii: "\n")]
  }

  private static func pretty(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
