import Foundation

/// JSON that people read, too: indented, with sorted keys, so that the same value is the same text and two can be compared with diff.
public enum PrettyJSON {
  /// The value's text, with a line break at the end.
  ///
  /// - Throws: a number is not finite.
  public static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
