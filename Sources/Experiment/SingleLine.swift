/// Foreign text made fit for one line on a terminal: names, values and reasons come out of files that anybody may have written.
public enum SingleLine {
  /// `text` cut to `limit` characters, with everything that moves the cursor, changes colours, breaks the line or turns the
  /// direction of writing (Unicode categories Cc, Cf, Zl, Zp) replaced by a space.
  public static func text(_ text: some StringProtocol, limit: Int = 400) -> String {
    let cut = text.prefix(limit)
    let safe = String(cut.map { isHarmless($0) ? $0 : " " })
    return cut.endIndex == text.endIndex ? safe : safe + "..."
  }

  private static func isHarmless(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
  }
}
