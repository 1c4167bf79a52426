/// Breaks a line at spaces so that no line is wider than `width`, except for words that are wider alone: a path or an
/// option must stay whole to be copied from the terminal.
enum LineWrapping {
  static func lines(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }

  /// `- ` and the text, its further lines indented below it; ends with a line break. `width` nil does not break lines.
  static func listItem(_ text: String, width: Int?) -> String {
    lines(text, width: width.map { max(20, $0 - 2) } ?? Int.max).enumerated().map {
      ($0.offset == 0 ? "- " : "  ") + $0.element + "\n"
    }.joined()
  }
}
