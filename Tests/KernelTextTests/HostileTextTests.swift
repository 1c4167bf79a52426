@testable import KernelText
import TestSupport
import Testing

/// Whatever stands in the text, a parser gives a value or says what is wrong; a trap would end the process that runs as root.
@Suite struct HostileTextTests {
  /// Parses, and holds an error against what every error promises. Returns the number of entries; nil for an error.
  @discardableResult
  private static func outcome(_ parser: Parser, _ text: String) -> Int? {
    do {
      return try parser.run(text).count
    } catch {
      let lines = text.utf8.count { $0 == 10 } + 1
      #expect(error.source == parser.source)
      #expect((0...lines).contains(error.line), "\(error)")
      #expect(error.content.count <= 120 && !error.expected.isEmpty)
      #expect(!error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
      return nil
    }
  }

  @Test(arguments: Parser.all, ["5.10", "6.18"])
  func cutAnywhere(parser: Parser, kernel: String) throws {
    let bytes = Array(try Fixture.text(kernel, parser.file).utf8)
    let whole = try #require(Self.outcome(parser, String(decoding: bytes, as: UTF8.self)))
    // At every byte of a short text; of a long one all of the last 300, where most is parsed, and a prime step before.
    var end = 0
    while end < bytes.count {
      if let count = Self.outcome(parser, String(decoding: bytes[..<end], as: UTF8.self)) {
        #expect(count <= whole, "more from \(end) bytes than from all")
      }
      end += bytes.count > 1000 && end < bytes.count - 300 ? 31 : 1
    }
  }

  @Test(arguments: Parser.all)
  func randomBytes(parser: Parser) {
    var generator = SeededGenerator(seed: 2005)
    for _ in 0..<200 {
      let bytes = (0..<Int.random(in: 1...200, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      Self.outcome(parser, String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Nearer to the format than noise: comes past the first checks of a line.
  @Test(arguments: Parser.all)
  func bytesChangedAtRandom(parser: Parser) throws {
    var generator = SeededGenerator(seed: 128)
    let original = Array(try Fixture.text("5.10", parser.file).utf8)
    let likely = Array("0123456789 \n\r\t:,;=.()<>-+\\#aN\u{0}".utf8)
    for _ in 0..<60 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...2, using: &generator) {
        case 0: bytes[index] = likely.randomElement(using: &generator)!
        case 1: bytes.insert(likely.randomElement(using: &generator)!, at: index)
        default: bytes.remove(at: index)
        }
      }
      Self.outcome(parser, String(decoding: bytes, as: UTF8.self))
    }
  }

  /// 2^64, where a number was: each alone, then all. A wrapped number would be a silent lie.
  @Test(arguments: Parser.all)
  func numbersOverAllBounds(parser: Parser) throws {
    let text = try Fixture.text("5.10", parser.file)
    let numbers = text.ranges(of: /[0-9]+/)
    for range in numbers.prefix(60) {
      Self.outcome(parser, text.replacingCharacters(in: range, with: "18446744073709551616"))
    }
    let all = text.replacing(/[0-9]+/, with: "18446744073709551616")
    // A list of names has no number to overflow.
    #expect((Self.outcome(parser, all) == nil) == (parser.file != "filesystems"))
  }

  @Test(arguments: Parser.all)
  func theLargestNumberIsOne(parser: Parser) throws {
    // Node numbers and the like are Ints and stay as they are; sums of such numbers must not trap either.
    guard ["vmstat", "meminfo", "stat"].contains(parser.file) else { return }
    let text = try Fixture.text("5.10", parser.file).replacing(/\ [0-9]+/, with: " 18446744073709551615")
    #expect(Self.outcome(parser, text) != nil)
  }

  @Test(arguments: Parser.all)
  func empty(parser: Parser) {
    for text in ["", "\n", "\r\n\r\n", "  \n\t\n", "\n\n\n"] {
      let count = Self.outcome(parser, text)
      #expect(count == (parser.refusesEmpty ? nil : 0), "\(text.debugDescription)")
    }
  }

  @Test(arguments: Parser.all, ["4.19", "5.10", "6.1", "6.18"])
  func carriageReturnsChangeNothing(parser: Parser, kernel: String) throws {
    // 4.19 has no pressure stall information.
    if kernel == "4.19" && parser.file == "pressure-memory" { return }
    let text = try Fixture.text(kernel, parser.file)
    let plain = try parser.run(text).0
    let returned = try parser.run(text.replacing("\n", with: "\r\n")).0
    let areEqual = Parser.areEqual(plain, returned)
    #expect(areEqual)
  }

  @Test(arguments: Parser.all)
  func aLineOfAMegabyte(parser: Parser) throws {
    let text = try Fixture.text("5.10", parser.file)
    Self.outcome(parser, String(repeating: "7", count: 1 << 20))
    // Behind a good beginning, where the line is read and not only looked at.
    for filler in ["7", " 7", "e\u{301}"] {
      Self.outcome(parser, String(text.dropLast()) + String(repeating: filler, count: (1 << 20) / filler.utf8.count))
    }
  }

  @Test func anErrorShowsOneShortLine() {
    let error = KernelTextError(
      "/proc/x", line: 3, content: "a\u{1b}[2J\n\u{7f}\u{9b}0m" + String(repeating: "b", count: 500), expected: "peace")
    #expect(error.content.hasPrefix("a\\u{1b}[2J\\u{a}\\u{7f}\\u{9b}0mbbb"))
    #expect(error.content.count == 120)
    #expect(error.description.hasPrefix("/proc/x:3: 'a\\u{1b}") && error.description.hasSuffix("b': expected peace"))
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>, with replacement: String) -> String {
    var copy = self
    copy.replaceSubrange(range, with: replacement)
    return copy
  }
}
