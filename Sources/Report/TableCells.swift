import Experiment
import TextTable

/// A table of texts under headings, for a terminal or in Markdown.
struct TableCells {
  struct Heading {
    let title: String
    var isNumber = false
  }

  let headings: [Heading]
  var rows: [[String]] = []

  private var table: TextTable<[String]> {
    TextTable<[String]> { row in
      headings.enumerated().map { index, heading in
        Column(title: heading.title, value: row[index], align: heading.isNumber ? .right : .left)
      }
    }
  }

  /// Ends with a line break; empty without rows.
  var text: String { rows.isEmpty ? "" : table.string(for: rows)?.withoutTrailingSpaces ?? "" }

  /// The same for GitHub's Markdown.
  var markdown: String {
    let escaped = rows.map { $0.map { $0.escaped(["|": "\\|"]) } }
    return rows.isEmpty ? "" : table.string(for: escaped, style: Style.pipe)?.withoutTrailingSpaces ?? ""
  }
}
