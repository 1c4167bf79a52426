import Experiment
import Foundation

/// The lines beside `run.json`: the keys are the names of the properties, sorted, so that two runs can be compared with diff.
enum RecordCoding {
  /// One line of observations.ndjson, with its line break.
  static func line(_ observation: Observation) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(observation)) + [UInt8(ascii: "\n")]
  }
}
