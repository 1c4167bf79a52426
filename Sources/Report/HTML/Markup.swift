import Experiment

/// Text from outside in a page.
enum Markup {
  /// Nothing in it is a tag, an entity or the end of an attribute.
  static func escaped(_ text: String) -> String {
    SingleLine.text(text, limit: 4096).escaped([
      "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;",
    ])
  }

  /// A table that scrolls on its own where the page is too narrow.
  static func table(_ cells: TableCells) -> String {
    guard !cells.rows.isEmpty else { return "" }
    func tags(_ texts: [String], _ tag: String) -> String {
      zip(cells.headings, texts).map { "<\(tag)\($0.isNumber ? " class=n" : "")>\(escaped($1))</\(tag)>" }.joined()
    }
    return "<div class=scroll><table>\n<thead><tr>\(tags(cells.headings.map(\.title), "th"))</tr></thead>\n<tbody>\n"
      + cells.rows.map { "<tr>\(tags($0, "td"))</tr>\n" }.joined() + "</tbody></table></div>\n"
  }

  /// Labels and values.
  static func table(_ fields: FieldTable) -> String {
    "<div class=scroll><table class=fields><tbody>\n"
      + fields.fields.map { field in
        let isPart = field.label.first == " "
        return
          "<tr><th\(isPart ? " class=part" : "")>\(escaped(isPart ? String(field.label.drop { $0 == " " }) : field.label))</th><td>\(escaped(field.value))</td></tr>\n"
      }.joined() + "</tbody></table></div>\n"
  }
}
