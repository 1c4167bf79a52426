/// One line of a text, split at white space, each field read with a typed error.
struct Fields {
  let source: String
  let number: Int
  let text: Substring
  let words: [Substring]

  init(_ source: String, number: Int, text: Substring) {
    (self.source, self.number, self.text) = (source, number, text)
    words = text.utf8.split(whereSeparator: Self.isBlank).map { Substring($0) }
  }

  /// The lines of `text`, without empty ones. Both LF and CRLF end a line.
  ///
  /// Split as bytes: all that separates is ASCII, and to find the borders of characters in some 60 kB before and after each
  /// mount took 2 s in a debug build.
  static func lines(_ text: String, of source: String) -> [Fields] {
    text.utf8.split(separator: 10, omittingEmptySubsequences: false).enumerated().compactMap { index, line in
      let text = line.last == 13 ? line.dropLast() : line
      return text.allSatisfy(isBlank) ? nil : Fields(source, number: index + 1, text: Substring(text))
    }
  }

  /// Space, tab, carriage return.
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

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
