public import Experiment
import Foundation

/// Events and records as JSON. Numbers of 64 bits survive whole, also those above 2^53; what is not a finite number is refused.
public enum EventCoding {
  /// One line without its line break: JSON writes the breaks inside of texts as escapes.
  public static func line(_ event: RunEvent) throws -> String {
    String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
  }

  public static func event(_ line: String) throws(RecordFileError) -> RunEvent {
    do { return try JSONDecoder().decode(RunEvent.self, from: Data(line.utf8)) } catch {
      throw RecordFileError(
        .foreign, operation: "understand", path: "an event of the testbed's process", reason: JSONFlaw.text(error),
        advice: "both processes must be of the same build")
    }
  }

  /// One line of observations.ndjson, with its line break.
  static func line(_ observation: Observation) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(observation)) + [UInt8(ascii: "\n")]
  }
}

/// `run.json`: the keys are the names of the properties, sorted, so that two runs can be compared with diff.
public enum RecordCoding {
  /// Pretty, with a line break at the end.
  public static func json(_ record: RunRecord) throws -> String { try pretty(record) }

  /// The summary alone, for `run --json`.
  public static func json(_ summary: RunSummary) throws -> String { try pretty(summary) }

  private static func pretty(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}

/// A decoding error in a few words on one line: where, and what.
enum JSONFlaw {
  static func text(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "it is not JSON" }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
    case .valueNotFound(_, let context): return "\(place(context.codingPath)) has no value"
    case .typeMismatch(let type, let context): return "\(place(context.codingPath)) is not of type \(type)"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is not JSON" : "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: return "it cannot be decoded"
    }
  }

  /// `mounts[3].outcome`.
  private static func place(_ path: [any CodingKey]) -> String {
    var text = ""
    for key in path {
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return text.isEmpty ? "the value" : text
  }
}
