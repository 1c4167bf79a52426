/// One line of a journal: `verb name=value ... checksum`, names and values escaped, so that a line never holds a blank
/// or a line feed that is not structure.
struct JournalLine: Equatable {
  struct Field: Equatable {
    var name: String
    var value: String
  }

  /// What is wrong with a line.
  enum Damage: Error, Equatable {
    case checksum
    /// The checksum is right and the content is not: another version, or a forgery.
    case content(String)
  }

  /// Longer ones are neither written nor read; a path of PATH_MAX bytes, all escaped, fits twice.
  static let byteLimit = 32 << 10

  var verb: String
  var fields: [Field]

  init(_ verb: String, _ fields: [Field]) {
    self.verb = verb
    self.fields = fields
  }

  func encoded() -> [UInt8] {
    var bytes = Array(verb.utf8)
    for field in fields {
      bytes.append(UInt8(ascii: " "))
      bytes += field.name.utf8
      bytes.append(UInt8(ascii: "="))
      appendEscaped(field.value, to: &bytes)
    }
    let sum = Checksum.of(bytes[...])
    bytes.append(UInt8(ascii: " "))
    bytes += Checksum.text(sum)
    return bytes
  }

  init(decoding bytes: ArraySlice<UInt8>) throws(Damage) {
    guard bytes.count <= JournalLine.byteLimit, let blank = bytes.lastIndex(of: UInt8(ascii: " ")) else {
      throw .checksum
    }
    let content = bytes[..<blank]
    guard bytes[(blank + 1)...].elementsEqual(Checksum.text(Checksum.of(content))) else { throw .checksum }
    let words = content.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard let verb = words.first, verb.isName else { throw .content("no verb") }
    self.verb = String(decoding: verb, as: UTF8.self)
    fields = []
    for word in words.dropFirst() {
      guard let equals = word.firstIndex(of: UInt8(ascii: "=")), word[..<equals].isName else {
        throw .content("a field without a name")
      }
      let name = String(decoding: word[..<equals], as: UTF8.self)
      guard let value = unescaped(word[(equals + 1)...]) else { throw .content("\(name) is not escaped text") }
      if fields.contains(where: { $0.name == name }) { throw .content("\(name) occurs twice") }
      // Bounds the search for doubles above.
      guard fields.count < 32 else { throw .content("too many fields") }
      fields.append(Field(name: name, value: value))
    }
  }

  func text(_ name: String) throws(Damage) -> String {
    guard let field = fields.first(where: { $0.name == name }) else { throw .content("no \(name)") }
    return field.value
  }

  func number<Value: FixedWidthInteger>(_ name: String, as type: Value.Type = Value.self) throws(Damage) -> Value {
    guard let value = decimal(try text(name), as: type) else { throw .content("\(name) is not a number") }
    return value
  }

  func numberIfPresent<Value: FixedWidthInteger>(_ name: String) throws(Damage) -> Value? {
    fields.contains { $0.name == name } ? try number(name) : nil
  }
}

/// FNV-1a, 64 bits: each step is a bijection of the state, so a change of any one byte always shows.
enum Checksum {
  static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes {
      state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return state
  }

  static func text(_ sum: UInt64) -> [UInt8] {
    (0..<16).map { hexDigits[Int(truncatingIfNeeded: sum >> (60 - 4 * UInt64($0))) & 15] }
  }
}

private let hexDigits = Array("0123456789abcdef".utf8)

private func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "-"),
    UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "+"):
    true
  default: false
  }
}

private func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
  for byte in text.utf8 {
    if isPlain(byte) {
      bytes.append(byte)
    } else {
      bytes += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
    }
  }
}

/// nil for anything that `appendEscaped` would not have written.
private func unescaped(_ bytes: ArraySlice<UInt8>) -> String? {
  var result: [UInt8] = []
  var rest = bytes
  while let byte = rest.popFirst() {
    if isPlain(byte) {
      result.append(byte)
    } else {
      guard byte == UInt8(ascii: "%"), let high = hexValue(rest.popFirst()), let low = hexValue(rest.popFirst()) else {
        return nil
      }
      result.append(high << 4 | low)
    }
  }
  return String(validating: result, as: UTF8.self)
}

private func hexValue(_ digit: UInt8?) -> UInt8? {
  switch digit {
  case .some(let digit) where (0x30...0x39).contains(digit): digit - 0x30
  case .some(let digit) where (0x61...0x66).contains(digit): digit - 0x61 + 10
  default: nil
  }
}

extension ArraySlice<UInt8> {
  fileprivate var isName: Bool {
    !isEmpty && count <= 64 && allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-") }
  }
}
