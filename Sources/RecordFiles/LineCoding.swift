public import Experiment
import Foundation

/// Any value as one line of JSON, for what the processes of a run say to each other.
///
/// It is here and not with those processes because JSON needs Foundation, which only this module and the command import.
public enum LineCoding {
  /// Without its line break. Throws what the encoder does, for a number that is not finite.
  public static func line(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }

  /// The value of such a line; throws where it holds none.
  ///
  /// - Parameter name: what the line should hold, for the message.
  public static func value<Value: Decodable>(
    _ type: Value.Type, from line: String, named name: String = "the other process's message"
  ) throws(RecordFileError) -> Value {
    do { return try JSONDecoder().decode(type, from: Data(line.utf8)) } catch {
      throw RecordFileError(
        .foreign, operation: "understand", path: name, reason: JSONFlaw.text(error),
        advice: "both processes must be of the same build")
    }
  }
}

/// Events as lines of JSON. Numbers of 64 bits survive whole, also those above 2^53; what is not a finite number is refused.
public enum EventCoding {
  /// One line without its line break: JSON writes the breaks inside of texts as escapes.
  public static func line(_ event: RunEvent) throws -> String {
    try LineCoding.line(event)
  }

  /// The event of such a line; throws where it holds none.
  public static func event(_ line: String) throws(RecordFileError) -> RunEvent {
    try LineCoding.value(RunEvent.self, from: line, named: "an event of the testbed's process")
  }
}
