/// Bounds on a document before it is given to the YAML parser, which builds nodes recursively, without a limit of its own: deep
/// nesting would overflow the stack, and aliases of aliases ("billion laughs") would cost exponential time when keys are
/// compared. The bounds are on the text, so a text may be refused that is harmless; no scenario comes near to them.
enum YAMLLimits {
  static let bytes = 1 << 20
  /// Flow collections nest only by an opening bracket each.
  private static let brackets = 256
  /// Block collections nest by indentation, or by indicators at the beginning of a line ("- - - x").
  private static let indentation = 64
  /// With n aliases at most 3^(n/3) copies of one node can be made.
  private static let aliases = 8

  /// What is wrong with `text`, and where; nil when it may be parsed.
  static func excess(in text: String) -> (line: Int?, reason: String)? {
    guard text.utf8.count <= bytes else { return (nil, "larger than 1 MiB is not a scenario") }
    var (line, isIndentation, indentation, brackets, aliases) = (1, true, 0, 0, 0)
    var previous = UInt8(ascii: "\n")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if !(byte == UInt8(ascii: "\n") && previous == UInt8(ascii: "\r")) { line += 1 }
        (isIndentation, indentation) = (true, 0)
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
        if isIndentation { indentation += 1 }
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        brackets += 1
        isIndentation = false
      case UInt8(ascii: "*"):
        // Within a word it is no alias: 64kB*60.
        if !isWord(previous) { aliases += 1 }
        isIndentation = false
      case UInt8(ascii: "#"):
        // A comment may be drawn as a line, as long as it likes.
        isIndentation = false
      case 0x80...:
        // It may be part of a line break of Unicode (U+0085, U+2028, U+2029).
        (isIndentation, indentation) = (true, 0)
      default: isIndentation = false
      }
      if indentation > Self.indentation { return (line, "nested too deep for a scenario, whose values are plain") }
      if brackets > Self.brackets { return (line, "more than \(Self.brackets) brackets are not a scenario") }
      if aliases > Self.aliases { return (line, "more than \(Self.aliases) aliases (*) are not a scenario") }
      previous = byte
    }
    return nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
  }
}
