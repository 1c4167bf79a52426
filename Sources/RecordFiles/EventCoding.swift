public import Experiment
import Foundation

/// Events and records as JSON. Numbers of 64 bits survive whole, also those above 2^53; what is not a finite number is refused.
public enum EventCoding {
  /// One line without its line break: JSON writes the breaks inside of texts as escapes.
  public static func line(_ event: RunEvent) throws -> String {
    try LineCoding.line(event)
  }

  /// The event of such a line; throws where it holds none.
  public static func event(_ line: String) throws(RecordFileError) -> RunEvent {
    try LineCoding.value(RunEvent.self, from: line, named: "an event of the testbed's process")
  }

  /// One line of observations.ndjson, with its line break.
  static func line(_ observation: Observation) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(observation)) + [UInt8(ascii: "\n")]
  }
}

/// Any value as one line of JSON, for what the processes of a run say to each other.
public enum LineCoding {
  /// Without its line break. Throws what the encoder does, for a number that is not finite.
  public static func line(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }

  /// The value of such a line; throws where it holds none.
  ///
  /// - Parameter name: what the line should hold, for the message.
  public static func value<Value: Decodable>(
    _ type: Value.Type, from line: String, named name: String = "what the other process said"
  ) throws(RecordFileError) -> Value {
    do { return try JSONDecoder().decode(type, from: Data(line.utf8)) } catch {
      throw RecordFileError(
        .foreign, operation: "understand", path: name, reason: JSONFlaw.text(error),
        advice: "both processes must be of the same build")
    }
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
