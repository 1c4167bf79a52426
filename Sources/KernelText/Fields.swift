/// One line of a text, split at white space, each field read with a typed error.
struct Fields {
  let source: String
  let number: Int
  let text: Substring
  let words: [Substring]

  init(_ source: String, number: Int, text: Substring) {
    self.source = source
    self.number = number
    self.text = text
    words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
  }

  /// The lines of `text`, without empty ones. Both LF and CRLF end a line.
  static func lines(_ text: String, of source: String) -> [Fields] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().compactMap { index, line in
      line.allSatisfy(\.isWhitespace) ? nil : Fields(source, number: index + 1, text: line)
    }
  }

  func error(_ expected: String) -> KernelTextError {
    KernelTextError(source, line: number, content: text, expected: expected)
  }

  func word(_ index: Int, _ expected: String) throws(KernelTextError) -> Substring {
    guard index < words.count else { throw error(expected) }
    return words[index]
  }

  func unsigned(_ index: Int, _ expected: String) throws(KernelTextError) -> UInt64 {
    try number(try word(index, expected), expected)
  }

  /// Decimal digits and nothing else: `UInt64("+1")` would be 1.
  func number(_ digits: Substring, _ expected: String) throws(KernelTextError) -> UInt64 {
    guard let value = Self.decimal(digits) else { throw error(expected) }
    return value
  }

  static func decimal(_ digits: some StringProtocol) -> UInt64? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return UInt64(digits)
  }

  static func integer(_ digits: some StringProtocol) -> Int? { decimal(digits).flatMap { Int(exactly: $0) } }

  /// "Node 0, zone   Normal": node, name, and the index of the first word after them.
  func zoneHeading() -> (node: Int, name: String, next: Int)? {
    guard words.count >= 4, words[0] == "Node", words[1].hasSuffix(","), words[2] == "zone",
      let node = Self.integer(words[1].dropLast())
    else { return nil }
    return (node, String(words[3].last == "," ? words[3].dropLast() : words[3]), 4)
  }
}
