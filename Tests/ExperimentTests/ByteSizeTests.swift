import Experiment
import Testing

@Suite struct ByteSizeTests {
  @Test(arguments: [
    ("4GiB", 4_294_967_296 as UInt64), ("4 GiB", 4_294_967_296), ("300MB", 300_000_000), ("1kB", 1_000), ("1KB", 1_000),
    ("16B", 16), ("102400", 102_400), ("900_000", 900_000), ("0", 0), ("0B", 0), ("16TiB", 17_592_186_044_416),
    ("1TB", 1_000_000_000_000), ("18446744073709551615", .max), ("400MiB", 419_430_400), ("2GB", 2_000_000_000),
  ])
  func reads(text: String, bytes: UInt64) { #expect(ByteSize.parse(text) == bytes) }

  @Test(arguments: [
    "", " ", "B", "GiB", "-1", "+1", "1.5GiB", "1e3", "0x10", "4gib", "4Gi", "4 G iB", "1 2", "1 2 3 GiB", " 4GiB",
    "4GiB ",
    "4  GiB", "18446744073709551616", "16777216TiB", "٤GiB", "4GiB\n",
  ])
  func refuses(text: String) { #expect(ByteSize.parse(text) == nil) }

  @Test(
    arguments: [
      0, 1, 16, 1023, 1024, 1025, 4096, 1_000_000, 300 << 20, 4 << 30, 3 << 40, 1_000_000_000, UInt64.max,
    ] as [UInt64])
  func exactTextIsReadBack(bytes: UInt64) { #expect(ByteSize.parse(ByteSize.exactText(bytes)) == bytes) }

  @Test func exactTextIsShort() {
    #expect(ByteSize.exactText(4 << 30) == "4GiB")
    #expect(ByteSize.exactText(300_000_000) == "300MB")
    #expect(ByteSize.exactText(16) == "16B")
    #expect(ByteSize.exactText(0) == "0B")
  }

  @Test(arguments: [
    (0 as UInt64, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (8_703_181, "8.3 MiB"), (1_048_575, "1024.0 KiB"),
    (4 << 30, "4.0 GiB"), (5_000 << 30, "5000.0 GiB"),
  ])
  func humanTextIsRounded(bytes: UInt64, text: String) { #expect(ByteSize.humanText(bytes) == text) }
}

@Suite struct DurationTextTests {
  @Test(arguments: [
    ("60s", 60_000_000_000 as UInt64), ("500ms", 500_000_000), ("2m", 120_000_000_000), ("1h", 3_600_000_000_000),
    ("90", 90_000_000_000), ("7us", 7_000), ("7ns", 7), ("0s", 0),
  ])
  func reads(text: String, nanoseconds: UInt64) { #expect(DurationText.parse(text) == nanoseconds) }

  @Test(arguments: ["", "s", "ms", "1.5s", "-1s", "1 s", "1S", "1d", "18446744073710s", "5124096h"])
  func refuses(text: String) { #expect(DurationText.parse(text) == nil) }

  @Test(arguments: [0, 1, 999, 1_000, 1_500_000, 20_000_000_000, 3_600_000_000_000, UInt64.max] as [UInt64])
  func exactTextIsReadBack(nanoseconds: UInt64) {
    #expect(DurationText.parse(DurationText.exactText(nanoseconds)) == nanoseconds)
  }
}

@Suite struct SingleLineTests {
  @Test func nothingReachesTheTerminal() {
    let hostile = "a\u{1B}[31mb\r\nc\td\u{202E}e\u{2028}f\u{7F}g\u{0}h"
    #expect(SingleLine.text(hostile) == "a [31mb c d e f g h")
    #expect(SingleLine.text("Größe 4 GiB") == "Größe 4 GiB")
  }

  @Test func isCut() {
    #expect(SingleLine.text("abcdef", limit: 3) == "abc...")
    #expect(SingleLine.text("abc", limit: 3) == "abc")
  }
}
