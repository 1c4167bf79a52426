/// Why bytes are not a message of this protocol: what is wrong, with which value, and what is allowed instead.
public enum PressureProtocolError: Error, Equatable, Sendable {
  /// A line had more than ``PressureWire/maximumLineLength`` bytes; all of it is thrown away.
  case lineTooLong(limitBytes: Int)
  /// A line contains a byte that is not printable ASCII.
  case notText(byte: UInt8, offset: Int)
  /// A line without a verb.
  case emptyLine
  /// The first word names no message of this direction.
  case unknownVerb(String)
  /// A word behind the verb is not `key=value`.
  case malformedField(verb: String, field: String)
  /// The message has no such key.
  case unknownField(verb: String, key: String)
  /// A key appears twice.
  case duplicateField(verb: String, key: String)
  /// A key that the message must have is not there.
  case missingField(verb: String, key: String)
  /// A value is not of the key's kind or lies outside its range.
  case invalidValue(key: String, value: String, allowed: String)
}

extension PressureProtocolError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .lineTooLong(let limitBytes):
      "a line of more than \(limitBytes) bytes; send shorter ones"
    case .notText(let byte, let offset):
      "byte \(byte) at offset \(offset) of a line; only printable ASCII is allowed, other text is percent-encoded"
    case .emptyLine:
      "an empty line; a line starts with a verb"
    case .unknownVerb(let verb):
      "unknown verb \"\(verb)\"; both ends must speak protocol version \(PressureWire.version)"
    case .malformedField(let verb, let field):
      "\(verb): \"\(field)\" is not key=value"
    case .unknownField(let verb, let key):
      "\(verb): unknown key \"\(key)\""
    case .duplicateField(let verb, let key):
      "\(verb): key \"\(key)\" appears twice"
    case .missingField(let verb, let key):
      "\(verb): key \"\(key)\" is missing"
    case .invalidValue(let key, let value, let allowed):
      "\(key)=\(value): expected \(allowed)"
    }
  }
}
