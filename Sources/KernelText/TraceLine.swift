/// One line of tracefs' `trace` that holds an event of a known name: the columns before it, and its fields.
struct TraceLine {
  let text: String
  let name: String
  let context: TraceContext
  let fields: Fields

  /// nil for comments, lost-event notes and events of other names; an error when the columns before it cannot be read.
  static func find(_ event: String, in text: String) throws(KernelTextError) -> TraceLine? {
    try find(anyOf: [event], in: text)
  }

  /// The same for the first of several names: a trace has a line for each of some 100,000 events, and to look through every line once for
  /// each name would take as many times as long.
  static func find(anyOf events: Set<String>, in text: String) throws(KernelTextError) -> TraceLine? {
    let bytes = text.utf8
    guard bytes.first != hash else { return nil }
    var rest = bytes[...]
    while let colon = rest.firstIndex(of: Self.colon) {
      rest = rest[bytes.index(after: colon)...]
      guard rest.first == blank else { continue }
      let start = bytes.index(after: rest.startIndex)
      // A command has at most 15 bytes and so cannot hold this mark.
      guard let end = bytes[start...].firstIndex(where: { !isOfName($0) }), bytes[end] == Self.colon else { continue }
      let behind = bytes.index(after: end)
      guard behind < bytes.endIndex, bytes[behind] == blank else { continue }
      let name = String(text[start..<end])
      guard events.contains(name) else { continue }
      let fields = Fields("/sys/kernel/tracing/trace", number: 1, text: text[bytes.index(after: behind)...])
      guard let context = TraceContext(text[..<colon]) else {
        throw KernelTextError(
          fields.source, line: fields.number, content: text, expected: "'TASK-PID [CPU] FLAGS SECONDS.MICROSECONDS'")
      }
      return TraceLine(text: text, name: name, context: context, fields: fields)
    }
    return nil
  }

  private static let (hash, colon, blank) = (UInt8(ascii: "#"), UInt8(ascii: ":"), UInt8(ascii: " "))

  /// As the kernel's own macros make them: identifiers of C, in small letters.
  private static func isOfName(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: "_")
  }

  /// What follows `key`, which ends with "=".
  func value(_ key: String) -> Substring? {
    fields.words.first { $0.utf8.starts(with: key.utf8) }.map { Substring($0.utf8.dropFirst(key.utf8.count)) }
  }

  func wrong(_ expected: String) -> KernelTextError {
    KernelTextError(fields.source, line: fields.number, content: text, expected: expected)
  }
}
