/// Sizes as people write them: `4GiB`, `300MB`, `16B`, `102400`.
///
/// IEC suffixes (KiB, MiB, GiB, TiB) are powers of 1,024, SI suffixes (kB, MB, GB, TB) powers of 1,000, no suffix or `B`
/// is bytes. Fractions are not accepted: a size that is not a whole number of bytes is a slip of the pen.
public enum ByteSize {
  private static let units: [(suffix: String, bytes: UInt64)] = [
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("KB", 1_000), ("B", 1),
  ]

  /// The number of bytes, or nil for anything that is not a decimal number with one of the suffixes, or overflows 64 bits.
  public static func parse(_ text: String) -> UInt64? {
    let trimmed = text.filter { $0 != "_" }
    for unit in units where trimmed.hasSuffix(unit.suffix) {
      var digits = trimmed.dropLast(unit.suffix.count)
      if digits.last == " " { digits.removeLast() }
      guard let count = decimal(digits) else { return nil }
      let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
      return overflow ? nil : bytes
    }
    return decimal(trimmed[...])
  }

  /// The shortest exact text that `parse` reads back to the same number: `4GiB`, `300MB`, `16B`.
  public static func exactText(_ bytes: UInt64) -> String {
    for unit in units where bytes >= unit.bytes && bytes % unit.bytes == 0 {
      return "\(bytes / unit.bytes)\(unit.suffix)"
    }
    return "\(bytes)B"
  }

  /// For people, rounded to a tenth: `8.3 MiB`.
  public static func humanText(_ bytes: UInt64) -> String {
    for (suffix, unit) in [("GiB", UInt64(1) << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= unit {
      // Rounding up in tenths must not claim a next unit, so the tenths are computed from the remainder.
      let tenths = (bytes % unit * 10 + unit / 2) / unit
      return tenths == 10 ? "\(bytes / unit + 1).0 \(suffix)" : "\(bytes / unit).\(tenths) \(suffix)"
    }
    return "\(bytes) B"
  }

  static func decimal(_ digits: Substring) -> UInt64? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return UInt64(digits)
  }
}

/// Durations as people write them: `60s`, `500ms`, `2m`, `90` (seconds).
public enum DurationText {
  private static let units: [(suffix: String, nanoseconds: UInt64)] = [
    ("ms", 1_000_000), ("us", 1_000), ("ns", 1), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
  ]

  /// Nanoseconds, or nil for anything that is not a whole number with one of the suffixes, or overflows 64 bits.
  public static func parse(_ text: String) -> UInt64? {
    for unit in units where text.hasSuffix(unit.suffix) {
      guard let count = ByteSize.decimal(text.dropLast(unit.suffix.count)) else { return nil }
      let (value, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
      return overflow ? nil : value
    }
    guard let seconds = ByteSize.decimal(text[...]) else { return nil }
    let (value, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? nil : value
  }

  /// The shortest exact text that `parse` reads back to the same number.
  public static func exactText(_ nanoseconds: UInt64) -> String {
    for (suffix, unit) in [("s", UInt64(1_000_000_000)), ("ms", 1_000_000), ("us", 1_000)]
    where nanoseconds % unit == 0 { return "\(nanoseconds / unit)\(suffix)" }
    return "\(nanoseconds)ns"
  }
}
