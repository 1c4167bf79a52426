/// One line of tracefs' `trace` that holds an event of a known name: the columns before it, and its fields.
struct TraceLine {
  let text: String
  let context: TraceContext
  let fields: Fields

  /// nil for comments, lost-event notes and events of other names; an error when the columns before it cannot be read.
  static func find(_ event: String, in text: String) throws(KernelTextError) -> TraceLine? {
    // A command has at most 15 bytes and so cannot hold this mark.
    guard text.utf8.first != UInt8(ascii: "#"), let mark = text.utf8.firstRange(of: ": \(event): ".utf8) else {
      return nil
    }
    let fields = Fields("/sys/kernel/tracing/trace", number: 1, text: text[mark.upperBound...])
    guard let context = TraceContext(text[..<mark.lowerBound]) else {
      throw KernelTextError(
        fields.source, line: fields.number, content: text, expected: "'TASK-PID [CPU] FLAGS SECONDS.MICROSECONDS'")
    }
    return TraceLine(text: text, context: context, fields: fields)
  }

  /// What follows `key`, which ends with "=".
  func value(_ key: String) -> Substring? {
    fields.words.first { $0.utf8.starts(with: key.utf8) }.map { Substring($0.utf8.dropFirst(key.utf8.count)) }
  }

  func wrong(_ expected: String) -> KernelTextError {
    KernelTextError(fields.source, line: fields.number, content: text, expected: expected)
  }
}
