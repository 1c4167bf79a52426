/// Numbers for people, without Foundation: this module formats the same on every machine and under every locale.
public enum HumanNumber {
  /// `value` rounded to `decimals` digits after the decimal point: `0.97`. Empty for what is not a number or too large to say so.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    var factor = 1.0
    for _ in 0..<decimals { factor *= 10 }
    let scaled = (value * factor).rounded()
    guard scaled.isFinite, abs(scaled) < 9e15 else { return "" }
    let digits = String(UInt64(abs(scaled)))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    return decimals == 0 ? sign + padded : sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// `1.23 s`, `143.2 ms`, `12.3 us`, `640 ns`.
  static func duration(_ nanoseconds: UInt64) -> String {
    let value = Double(nanoseconds)
    // The limits lie where rounding would give 1000 of the smaller unit.
    if value >= 999_950_000 { return fixed(value / 1e9, decimals: 2) + " s" }
    if value >= 999_950 { return fixed(value / 1e6, decimals: 1) + " ms" }
    if value >= 1_000 { return fixed(value / 1e3, decimals: 1) + " us" }
    return "\(nanoseconds) ns"
  }

  /// `32 kB`: the page allocator's kilobytes are of 1,024 bytes.
  static func blockSize(_ bytes: UInt64) -> String { bytes < 1 << 20 ? "\(bytes >> 10) kB" : "\(bytes >> 20) MB" }

  /// With a comma after each three digits: `900,000`.
  public static func grouped(_ value: UInt64) -> String {
    var text = ""
    for (index, digit) in String(value).reversed().enumerated() {
      if index > 0 && index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }

  /// `part` of `whole` in per cent: `42 %`, or with a decimal below 10: `0.3 %`. nil of 0.
  static func percent(_ part: UInt64, of whole: UInt64) -> String? {
    guard whole > 0 else { return nil }
    let share = 100 * Double(part) / Double(whole)
    return fixed(share, decimals: share < 10 && share > 0 ? 1 : 0) + " %"
  }
}
