import Experiment

/// The words of a line, taken one key at a time, so that what is left over in the end is an error.
struct MessageFields {
  let verb: String
  private var fields: [(key: String, value: String)] = []

  /// Takes a line with or without its newline.
  init(_ line: String) throws(PressureProtocolError) {
    var bytes = Array(line.utf8.prefix(PressureWire.maximumLineLength + 1))
    guard bytes.count <= PressureWire.maximumLineLength else {
      throw .lineTooLong(limitBytes: PressureWire.maximumLineLength)
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if let offset = bytes.firstIndex(where: { !isPrintable($0) }) {
      throw .notText(byte: bytes[offset], offset: offset)
    }

    let words = bytes.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard let verb = words.first else { throw .emptyLine }
    self.verb = verb
    for word in words.dropFirst() {
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
        throw .malformedField(verb: verb, field: word)
      }
      let key = String(word[..<equals])
      guard !fields.contains(where: { $0.key == key }) else { throw .duplicateField(verb: verb, key: key) }
      fields.append((key, String(word[word.index(after: equals)...])))
    }
  }

  mutating func optional(_ key: String) -> String? {
    guard let index = fields.firstIndex(where: { $0.key == key }) else { return nil }
    return fields.remove(at: index).value
  }

  mutating func required(_ key: String) throws(PressureProtocolError) -> String {
    guard let value = optional(key) else { throw .missingField(verb: verb, key: key) }
    return value
  }

  mutating func unsigned(_ key: String, in range: ClosedRange<UInt64>) throws(PressureProtocolError) -> UInt64 {
    try Self.unsigned(key, required(key), in: range)
  }

  mutating func optionalUnsigned(
    _ key: String, in range: ClosedRange<UInt64>
  ) throws(PressureProtocolError) -> UInt64? {
    guard let value = optional(key) else { return nil }
    return try Self.unsigned(key, value, in: range)
  }

  mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(PressureProtocolError) -> Int {
    precondition(range.lowerBound >= 0)
    return Int(try unsigned(key, in: UInt64(range.lowerBound)...UInt64(range.upperBound)))
  }

  mutating func blocks(
    _ key: String, counts: ClosedRange<UInt64>
  ) throws(PressureProtocolError) -> [MountDemand.Blocks] {
    try BlockList.parse(required(key), key: key, counts: counts)
  }

  /// The one of `choices` whose word in a message is the value.
  mutating func choice<Choice>(
    _ key: String, of choices: [Choice], word: (Choice) -> String
  ) throws(PressureProtocolError) -> Choice {
    let value = try required(key)
    guard let choice = choices.first(where: { word($0) == value }) else {
      throw .invalidValue(key: key, value: value, allowed: choices.map(word).joined(separator: " or "))
    }
    return choice
  }

  mutating func text(_ key: String) throws(PressureProtocolError) -> String {
    let value = try required(key)
    guard let text = percentDecoded(value) else {
      throw .invalidValue(key: key, value: value, allowed: "percent-encoded UTF-8")
    }
    return text
  }

  /// Every message ends its decoding here: a key that nobody took is an error.
  func finish() throws(PressureProtocolError) {
    if let left = fields.first { throw .unknownField(verb: verb, key: left.key) }
  }

  private static func unsigned(
    _ key: String, _ value: String, in range: ClosedRange<UInt64>
  ) throws(PressureProtocolError) -> UInt64 {
    guard let number = decimal(value[...]), range.contains(number) else {
      throw .invalidValue(
        key: key, value: value, allowed: "a decimal number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}

/// Digits only: no sign, no blank, nothing that `UInt64.init` would forgive.
func decimal(_ text: Substring) -> UInt64? {
  let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  guard !text.isEmpty, text.utf8.allSatisfy(digits.contains) else { return nil }
  return UInt64(text)
}

func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) }

private func percentDecoded(_ value: String) -> String? {
  var bytes: [UInt8] = []
  var rest = Array(value.utf8)[...]
  while let byte = rest.popFirst() {
    if byte != UInt8(ascii: "%") {
      bytes.append(byte)
      continue
    }
    guard let high = rest.popFirst().flatMap(hexadecimalDigit), let low = rest.popFirst().flatMap(hexadecimalDigit)
    else { return nil }
    bytes.append(high << 4 | low)
  }
  return String(validating: bytes, as: UTF8.self)
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  default: nil
  }
}
