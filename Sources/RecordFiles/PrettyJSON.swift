import Foundation

/// JSON that people read, too: indented, with sorted keys, so that the same value is the same text and two can be compared with diff.
public enum PrettyJSON {
  /// The value's text, with a line break at the end.
  ///
  /// - Parameter nonFiniteAsWords: what is infinite or no number becomes "infinity", "-infinity", "nan"; for what is not read back.
  /// - Throws: a number is not finite and may not become a word.
  public static func text(_ value: some Encodable, nonFiniteAsWords: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    if nonFiniteAsWords {
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    }
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
