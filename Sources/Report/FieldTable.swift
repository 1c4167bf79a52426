import TextTable

/// Two columns without a heading: label and value.
struct FieldTable {
  private struct Row {
    let label: String
    let value: String
  }

  private(set) var fields: [(label: String, value: String)] = []

  mutating func add(_ label: String, _ value: String) { fields.append((label, value)) }

  /// `width` is the terminal's; nil does not break lines.
  func text(width: Int?) -> String {
    let labelWidth = fields.map(\.label.count).max() ?? 0
    let valueWidth = width.map { max(20, $0 - labelWidth - HeadlessStyle.gap.count) } ?? Int.max
    let rows = fields.flatMap { field in
      LineWrapping.lines(field.value, width: valueWidth).enumerated().map { index, line in
        Row(label: index == 0 ? field.label : "", value: line)
      }
    }
    let table = TextTable<Row> { [Column(title: "", value: $0.label), Column(title: "", value: $0.value)] }
    return table.string(for: rows, style: HeadlessStyle.self)?.withoutTrailingSpaces ?? ""
  }
}

/// A style without a heading; all of the library's own print one.
enum HeadlessStyle: TextTableStyle {
  static let gap = "   "

  static func prepare(_ text: String, for column: Column) -> String { Plain.prepare(text, for: column) }
  static func escape(_ text: String) -> String { text }
  static func begin(_ table: inout String, index: Int, columns: [Column]) {}
  static func end(_ table: inout String, index: Int, columns: [Column]) {}
  static func header(_ table: inout String, index: Int, columns: [Column]) {}

  static func row(_ table: inout String, index: Int, columns: [Column]) {
    table += columns.map { $0.string(for: self) }.joined(separator: gap) + "\n"
  }
}

extension String {
  /// The table library pads the last column too, and a terminal would wrap the invisible spaces.
  var withoutTrailingSpaces: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return String(line)
    }.joined(separator: "\n")
  }
}
