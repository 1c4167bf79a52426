import Experiment

/// Cells of comma separated values, after RFC 4180.
enum CSVCell {
  /// Text from outside: quoted where it must be, and harmless to spreadsheets.
  ///
  /// A spreadsheet takes a cell that begins with = + - @, a tab or a carriage return for a formula (OWASP, "CSV Injection");
  /// an apostrophe before it makes it text.
  static func text(_ text: String) -> String {
    let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    return quoted(isFormula ? "'" + text : text)
  }

  /// An unavailable value is an empty cell, never 0.
  static func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "" }

  static func number(_ value: Double?) -> String { value.map { $0.isFinite ? "\($0)" : "" } ?? "" }

  private static func quoted(_ text: String) -> String {
    // By scalars, not characters: a carriage return with a line feed is one character, which equals neither of the two.
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.escaped(["\"": "\"\""]) + "\""
  }
}
