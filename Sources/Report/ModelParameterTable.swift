/// The parameters of the simulated machine: the value of each, where it comes from, and why.
public enum ModelParameterTable {
  /// One parameter, as texts.
  public struct Row: Sendable {
    let key: String
    let value: String
    let label: String
    let allowed: String
    let reason: String

    /// Each as it is to be printed.
    public init(key: String, value: String, label: String, allowed: String, reason: String) {
      (self.key, self.value, self.label, self.allowed, self.reason) = (key, value, label, allowed, reason)
    }
  }

  /// For each parameter a line with key, value, label and allowed range, and the reason indented below it. Ends with a line break.
  ///
  /// `width` nil means that the output is not a terminal: lines are not broken then.
  public static func text(_ rows: [Row], width: Int?) -> String {
    let keyWidth = rows.map(\.key.count).max() ?? 0
    let valueWidth = rows.map(\.value.count).max() ?? 0
    let labelWidth = rows.map(\.label.count).max() ?? 0
    return rows.map { row in
      func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
      let head =
        "\(padded(row.key, keyWidth))  \(padded(row.value, valueWidth))  \(padded(row.label, labelWidth))  \(row.allowed)\n"
      let reason = LineWrapping.lines(row.reason, width: width.map { max(20, $0 - 4) } ?? Int.max)
      return head + reason.map { "    \($0)\n" }.joined()
    }.joined()
  }
}
