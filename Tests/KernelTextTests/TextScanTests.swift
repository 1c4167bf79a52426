import TestSupport
import Testing

@testable import KernelText

/// The readers that allocate nothing find what the parsers of whole texts find.
@Suite struct TextScanTests {
  static let kernels = ["4.19", "5.10", "6.1", "6.18"]

  private func bytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Array(text.utf8).withUnsafeBytes(body)
  }

  private func words(_ count: Int, _ read: (UnsafeMutableBufferPointer<UInt64>) -> Bool) -> [UInt64]? {
    var words = [UInt64](repeating: .max, count: count)
    let isRead = words.withUnsafeMutableBufferPointer { read($0) }
    return isRead ? words : nil
  }

  @Test(arguments: kernels)
  func countersByTheirPlaces(kernel: String) throws {
    let text = try Fixture.text(kernel, "vmstat")
    let parsed = try VMStat.parse(text)
    let selection = try VMStatSelection(text) { $0.hasPrefix("pg") || $0 == "nr_free_pages" }
    #expect(selection.names.count > 10 && selection.names.contains("nr_free_pages"))
    let values = try #require(bytes(text) { bytes in words(selection.names.count) { selection.read(bytes, into: $0) } })
    for (name, value) in zip(selection.names, values) { #expect(parsed[name] == value, "\(name)") }
  }

  @Test(arguments: kernels)
  func anotherTextIsNoticed(kernel: String) throws {
    let text = try Fixture.text(kernel, "vmstat")
    let selection = try VMStatSelection(text) { $0.hasPrefix("pg") }
    let lines = text.split(separator: "\n")
    for other in [
      lines.dropLast().joined(separator: "\n") + "\n", text + "one_more 1\n", "",
      text.replacingOccurrences(of: "\(selection.names[0]) ", with: "\(selection.names[0])x"),
    ] {
      #expect(bytes(other) { bytes in words(selection.names.count) { selection.read(bytes, into: $0) } } == nil)
    }
  }

  @Test(arguments: kernels)
  func freeBlocks(kernel: String) throws {
    let text = try Fixture.text(kernel, "buddyinfo")
    let expected = try BuddyInfo.parse(text).zones.flatMap(\.freeBlocks)
    #expect(bytes(text) { bytes in words(expected.count) { BuddyInfo.read(bytes, into: $0) } } == expected)
    // A zone more or less, and a text of something else.
    for count in [expected.count - 1, expected.count + 1] {
      #expect(bytes(text) { bytes in words(count) { BuddyInfo.read(bytes, into: $0) } } == nil)
    }
    #expect(bytes("nr_free_pages 1\n") { bytes in words(1) { BuddyInfo.read(bytes, into: $0) } } == nil)
  }

  @Test(arguments: kernels)
  func pagesOfTheProcessors(kernel: String) throws {
    let text = try Fixture.text(kernel, "zoneinfo")
    let expected = try ZoneInfo.parse(text).perCPUPages
    #expect(bytes(text, ZoneInfo.perCPUPages) == expected)
  }

  @Test(arguments: ["5.10", "6.1", "6.18"])
  func stalls(kernel: String) throws {
    let text = try Fixture.text(kernel, "pressure-memory")
    let parsed = try Pressure.parse(text)
    let totals = bytes(text, Pressure.totals)
    #expect(totals.some == parsed.some?.totalMicroseconds && totals.some != nil)
    #expect(totals.full == parsed.full?.totalMicroseconds && totals.full != nil)
  }

  @Test(
    arguments: [
      ("12 N0=12\n", 12), ("1201694508 16731449839 27284\n", 1_201_694_508), ("18446744073709551615", UInt64.max),
      ("18446744073709551616", nil), ("", nil), ("\n5", nil), ("none\n", nil),
    ] as [(String, UInt64?)])
  func firstNumber(text: String, expected: UInt64?) {
    #expect(bytes(text, FirstNumber.read) == expected)
  }
}

extension String {
  fileprivate func replacingOccurrences(of word: String, with other: String) -> String {
    var parts: [Substring] = []
    var rest = self[...]
    while let range = rest.firstRange(of: word) {
      parts.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return (parts + [rest]).joined(separator: other)
  }
}
