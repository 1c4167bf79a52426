public import Analysis

/// The figures of the paper, each beside the model's.
public enum FidelityTable {
  /// Ends with a line break; empty when no scheme of the paper was run. Up to 132 columns.
  ///
  /// "inside" is decided by the mean, or by the share of the seeds where the accepted range says so. A `-` stands where the model has no such
  /// figure.
  public static func text(_ rows: [FidelityRow]) -> String { cells(rows).text + below(rows, bullet: "") }

  /// The same for the README.
  public static func markdown(_ rows: [FidelityRow]) -> String {
    let reasons = rows.map { "- \($0.figure), \($0.scheme), \($0.title): \($0.kind.rawValue), \($0.reason)\n" }
    let below = below(rows, bullet: "- ")
    return cells(rows).markdown + (below.isEmpty ? "" : "\n" + below) + (reasons.isEmpty ? "" : "\n" + reasons.joined())
  }

  private static func cells(_ rows: [FidelityRow]) -> TableCells {
    TableCells(
      headings: [
        .init(title: "where"), .init(title: "scheme"), .init(title: "figure"), .init(title: "paper", isNumber: true),
        .init(title: "model", isNumber: true), .init(title: "min to max", isNumber: true),
        .init(title: "accepted", isNumber: true), .init(title: "inside"), .init(title: "kind"),
      ],
      rows: rows.map { row in
        [
          row.figure, row.scheme, row.unit.isEmpty ? row.title : "\(row.title), \(row.unit)", row.paper, model(row),
          range(row),
          accepted(row), row.isInside.map { $0 ? "yes" : "NO" } ?? "-", row.kind.rawValue,
        ]
      })
  }

  private static func number(_ value: Double, _ row: FidelityRow) -> String {
    HumanNumber.fixed(value, decimals: row.decimals)
  }

  private static func model(_ row: FidelityRow) -> String {
    guard let spread = row.spread else { return "-" }
    let deviation = spread.standardDeviation.map { " +- " + number($0, row) } ?? ""
    return number(spread.mean, row) + deviation
  }

  private static func range(_ row: FidelityRow) -> String {
    row.spread.map { "\(number($0.minimum, row)) to \(number($0.maximum, row))" } ?? "-"
  }

  private static func accepted(_ row: FidelityRow) -> String {
    // A limit is printed in full: rounded to the figure's digits, 7.47 would become 7.5.
    func limit(_ value: Double) -> String {
      let text = HumanNumber.fixed(value, decimals: max(2, row.decimals))
      guard text.contains(".") else { return text }
      let digits = text.reversed().drop { $0 == "0" }
      return String((digits.first == "." ? digits.dropFirst() : digits).reversed())
    }
    switch row.acceptance {
    case .mean(let from, let to): return "\(limit(from)) to \(limit(to))"
    case .shareOfSeeds(let from, let to, let least):
      let range = to.map { $0 == from ? limit(from) : "\(limit(from)) to \(limit($0))" } ?? "from \(limit(from))"
      return least == 1 ? "\(range) in all" : "\(range) in \(HumanNumber.fixed(least * 100, decimals: 0)) %"
    }
  }

  /// What does not fit in the cells: shares of seeds, and figures that not every seed has.
  private static func below(_ rows: [FidelityRow], bullet: String) -> String {
    var lines: [String] = []
    for row in rows {
      let name = "\(row.figure), \(row.scheme), \(row.title)"
      if let share = row.acceptedShare {
        lines.append("\(name): accepted in \(HumanNumber.fixed(share * 100, decimals: 0)) % of \(seeds(row.seeds))")
      }
      if let count = row.spread?.count, count < row.seeds {
        lines.append("\(name): only \(count) of \(seeds(row.seeds)) have it")
      }
      if row.spread == nil { lines.append("\(name): none of \(seeds(row.seeds)) has it") }
    }
    return lines.map { "\(bullet)\($0)\n" }.joined()
  }

  private static func seeds(_ count: Int) -> String { count == 1 ? "1 seed" : "\(count) seeds" }
}
