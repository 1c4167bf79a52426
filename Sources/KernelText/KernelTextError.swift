/// A text of the kernel that is not as it should be: which, where, and what was expected.
public struct KernelTextError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, as in "/proc/buddyinfo".
  public let source: String
  /// Counted from 1; 0 for the text as a whole.
  public let line: Int
  /// The line's beginning, at most 120 characters, control characters escaped.
  public let content: String
  public let expected: String

  init(_ source: String, line: Int, content: some StringProtocol, expected: String) {
    self.source = source
    self.line = line
    var shown = ""
    for scalar in content.unicodeScalars.prefix(120) {
      // U+009B among them starts a terminal's command as ESC [ does.
      if scalar.properties.generalCategory == .control {
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
      if shown.count >= 120 { break }
    }
    self.content = String(shown.prefix(120))
    self.expected = expected
  }

  public var description: String { "\(source):\(line): '\(content)': expected \(expected)" }
}
