/// A type of values: how one is written in a file and on the command line, which there are, and the words for both.
struct ValueForm<Value: Sendable>: Sendable {
  /// Stands for the value in `--help`: `size`, `pipe|mlock`.
  let valueName: String
  /// What may be given, with range and unit, as in "1B to 4096B".
  let expected: String
  /// Where it is one of a few words.
  var choices: [String] = []
  /// nil for what is none or out of range.
  let parse: @Sendable (String) -> Value?
  /// What `parse` reads back to the same value.
  let text: @Sendable (Value) -> String
}

extension ValueForm where Value: FixedWidthInteger {
  /// A plain number; underscores may group its digits.
  static func number(_ range: ClosedRange<Value>, note: String = "") -> ValueForm {
    ValueForm(valueName: "n", expected: "\(range.lowerBound) to \(range.upperBound)\(note)") { text in
      ByteSize.decimal(text.filter { $0 != "_" }[...]).flatMap { Value(exactly: $0) }.flatMap {
        range.contains($0) ? $0 : nil
      }
    } text: {
      "\($0)"
    }
  }

  /// A number of bytes, as ``ByteSize`` reads it; a multiple of `step`.
  static func size(_ range: ClosedRange<Value>, multipleOf step: Value = 1, note: String = "") -> ValueForm {
    ValueForm(
      valueName: "size", expected: "\(word(bytes: range.lowerBound)) to \(word(bytes: range.upperBound))\(note)"
    ) { text in
      ByteSize.parse(text).flatMap { Value(exactly: $0) }.flatMap {
        range.contains($0) && $0.isMultiple(of: step) ? $0 : nil
      }
    } text: {
      // A record that was tampered with may hold a negative number; it is refused when it is read back.
      ByteSize.exactText(UInt64(clamping: $0))
    }
  }

  /// A number of bytes that is a power of two.
  static func powerOfTwo(_ range: ClosedRange<Value>) -> ValueForm where Value == UInt64 {
    let sizes = size(range)
    let lower = ByteSize.exactText(range.lowerBound)
    return ValueForm(
      valueName: "size", expected: "a power of two from \(lower) to \(ByteSize.exactText(range.upperBound))"
    ) { text in
      sizes.parse(text).flatMap { $0.nonzeroBitCount == 1 ? $0 : nil }
    } text: {
      sizes.text($0)
    }
  }

  /// A length of time in nanoseconds, as ``DurationText`` reads it.
  static func duration(_ range: ClosedRange<Value>, note: String = "") -> ValueForm {
    ValueForm(
      valueName: "duration",
      expected: "\(word(nanoseconds: range.lowerBound)) to \(word(nanoseconds: range.upperBound))\(note)"
    ) { text in
      DurationText.parse(text).flatMap { Value(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
    } text: {
      DurationText.exactText(UInt64(clamping: $0))
    }
  }

  /// Where a bound is small, bytes say more than 4KiB does.
  private static func word(bytes: Value) -> String {
    bytes < 65_536 ? "\(bytes)B" : ByteSize.exactText(UInt64(clamping: bytes))
  }

  private static func word(nanoseconds: Value) -> String {
    let hour: UInt64 = 3_600_000_000_000
    let value = UInt64(clamping: nanoseconds)
    return value > 0 && value.isMultiple(of: hour) ? "\(value / hour)h" : DurationText.exactText(value)
  }
}

extension ValueForm where Value == Bool {
  static let flag = ValueForm(valueName: "true|false", expected: "true or false") {
    Bool($0)
  } text: {
    "\($0)"
  }
}

extension ValueForm where Value == Double {
  /// 0 to 1, in decimals.
  static let share = ValueForm(valueName: "share", expected: "0 to 1 with up to 4 decimals, such as 0.25") { text in
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isDecimal =
      parts.count <= 2 && !parts[0].isEmpty && (parts.count == 1 || (1...4).contains(parts[1].count))
      && parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    return isDecimal ? Double(text).flatMap { (0...1).contains($0) ? $0 : nil } : nil
  } text: {
    $0 == $0.rounded() ? "\(Int($0))" : "\($0)"
  }
}

extension ValueForm where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the cases of `Value`, by its raw value.
  static var choice: ValueForm {
    let words = Value.allCases.map(\.rawValue)
    return ValueForm(
      valueName: words.joined(separator: "|"),
      expected: words.dropLast().joined(separator: ", ") + (words.count > 1 ? " or " : "") + (words.last ?? ""),
      choices: words
    ) {
      Value(rawValue: $0)
    } text: {
      $0.rawValue
    }
  }
}

extension ValueForm {
  /// Also `none`, for nil.
  var orNone: ValueForm<Value?> { or("none") }

  /// Also this word, for nil.
  func or(_ word: String) -> ValueForm<Value?> {
    let (parse, text) = (parse, text)
    return ValueForm<Value?>(valueName: "\(valueName)|\(word)", expected: "\(word), or \(expected)") { given in
      given == word ? .some(nil) : parse(given).map { .some($0) }
    } text: {
      $0.map(text) ?? word
    }
  }
}
