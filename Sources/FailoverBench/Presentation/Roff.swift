import Experiment

/// The language of manual pages (groff_man(7)): text made fit for it.
enum Roff {
  /// A paragraph's text: `code` between backticks becomes bold, an option keeps its hyphens when it is copied from the page.
  static func prose(_ text: String) -> String {
    var result = ""
    for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
      if index % 2 == 1 {
        result += "\\fB" + literal(String(part)) + "\\fR"
      } else {
        result += part.split(separator: " ", omittingEmptySubsequences: false).map { word in
          word.drop { $0 == "(" }.hasPrefix("--") ? literal(String(word)) : String(word).escaped(special)
        }.joined(separator: " ")
      }
    }
    return guarded(result)
  }

  /// What is typed as it stands: every hyphen a hyphen and every quote a quote, also in the output for print.
  static func literal(_ text: String) -> String {
    text.escaped(special.merging(["-": "\\-", "'": "\\(aq"]) { $1 })
  }

  /// A line of its own: one that begins with a point or a quote would be a request.
  static func guarded(_ line: String) -> String { line.first == "." || line.first == "'" ? "\\&" + line : line }

  private static let special: [Unicode.Scalar: String] = [
    "\\": "\\e", "^": "\\(ha", "~": "\\(ti", "\"": "\\(dq", "\n": " ",
  ]
}
