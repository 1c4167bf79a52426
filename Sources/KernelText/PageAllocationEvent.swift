/// One kmem:mm_page_alloc line of tracefs' `trace` or `trace_pipe`: the page allocator gave a block, or could not
/// (include/trace/events/kmem.h; the columns before it, kernel/trace/trace_output.c, trace_print_context).
public struct PageAllocationEvent: Equatable, Sendable {
  /// The command of the task that asked, without the spaces it is padded with; "<...>" when the kernel no longer knows it.
  public let task: String
  public let pid: Int
  public let cpu: Int
  /// By the trace's clock; unless another was chosen, since boot.
  public let timestampMicroseconds: UInt64
  /// The block is 2^order pages.
  public let order: Int
  /// The kernel's number for it, 0 for unmovable; what the others are depends on the kernel's configuration.
  public let migrateType: Int
  /// As the kernel names them, a number for bits that it has no name for; empty for none.
  public let gfpFlags: [String]
  /// Of the block's first page; nil when the allocation failed.
  public let pageFrameNumber: UInt64?

  /// nil for comments, lost-event notes and events of other kinds; an error for a line of this kind that cannot be read.
  public static func parse(line text: String) throws(KernelTextError) -> PageAllocationEvent? {
    // A command has at most 15 bytes and so cannot hold this mark.
    guard text.utf8.first != UInt8(ascii: "#"), let mark = text.utf8.firstRange(of: ": mm_page_alloc: ".utf8) else { return nil }
    let line = Fields("/sys/kernel/tracing/trace", number: 1, text: text[mark.upperBound...])
    func wrong(_ expected: String) -> KernelTextError {
      KernelTextError(line.source, line: line.number, content: text, expected: expected)
    }
    guard let context = Context(text[..<mark.lowerBound]) else { throw wrong("'TASK-PID [CPU] FLAGS SECONDS.MICROSECONDS'") }
    func value(_ key: String) -> Substring? {
      line.words.first { $0.utf8.starts(with: key.utf8) }.map { Substring($0.utf8.dropFirst(key.utf8.count)) }
    }
    guard let page = value("page="), let frame = value("pfn=").flatMap(number),
      let order = value("order=").flatMap(Fields.integer), let type = value("migratetype=").flatMap(Fields.integer),
      let flags = value("gfp_flags="), !flags.isEmpty
    else { throw wrong("'page=… pfn=N order=N migratetype=N gfp_flags=…'") }
    // Zeros; older kernels pad "(null)", which leaves nothing next to the key.
    let isNull = page.isEmpty ? line.words.contains("(null)") : page.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
    return PageAllocationEvent(
      task: context.task, pid: context.pid, cpu: context.cpu, timestampMicroseconds: context.microseconds, order: order,
      migrateType: type, gfpFlags: flags == "none" ? [] : flags.split(separator: "|").map(String.init),
      pageFrameNumber: isNull ? nil : frame)
  }

  /// Decimal, on newer kernels hexadecimal after 0x.
  private static func number(_ digits: Substring) -> UInt64? {
    guard digits.utf8.starts(with: "0x".utf8) else { return Fields.decimal(digits) }
    let hexadecimal = digits.dropFirst(2)
    // UInt64(_:radix:) would take a sign.
    return hexadecimal.allSatisfy(\.isHexDigit) ? UInt64(hexadecimal, radix: 16) : nil
  }

  /// "            bash-4242    (   4242) [001] d..1.  6101.436392", read from its end: the command in front may hold
  /// anything that stands behind it, while nothing behind it is free.
  private struct Context {
    var task: String
    var pid: Int
    var cpu: Int
    var microseconds: UInt64

    init?(_ text: Substring) {
      var rest = text.utf8
      func lastWord() -> Substring {
        while rest.last == UInt8(ascii: " ") { rest.removeLast() }
        let start = rest.lastIndex(of: UInt8(ascii: " ")).map { rest.index(after: $0) } ?? rest.startIndex
        defer { rest = rest[..<start] }
        return Substring(rest[start...])
      }
      guard let microseconds = Self.microseconds(lastWord()) else { return nil }
      var word = lastWord()
      if word.utf8.first != UInt8(ascii: "[") {
        // Interrupt and preemption flags, absent with the option irq-info off.
        word = lastWord()
      }
      guard word.utf8.first == UInt8(ascii: "["), word.utf8.last == UInt8(ascii: "]"),
        let cpu = Fields.integer(word.dropFirst().dropLast())
      else { return nil }
      while rest.last == UInt8(ascii: " ") { rest.removeLast() }
      // With the option record-tgid; padded inside, hence not a word.
      if rest.last == UInt8(ascii: ")") {
        guard let open = rest.lastIndex(of: UInt8(ascii: "(")) else { return nil }
        rest = rest[..<open]
        while rest.last == UInt8(ascii: " ") { rest.removeLast() }
      }
      guard let dash = rest.lastIndex(of: UInt8(ascii: "-")), let pid = Fields.integer(Substring(rest[rest.index(after: dash)...]))
      else { return nil }
      task = String(Substring(rest[..<dash].drop { $0 == UInt8(ascii: " ") }))
      // TASK_COMM_LEN, less its end. What is longer is another event's beginning, and the rest of it made to look like this one
      // by whoever wrote it into trace_marker.
      guard task.unicodeScalars.count <= 15 else { return nil }
      self.pid = pid
      self.cpu = cpu
      self.microseconds = microseconds
    }

    /// "6101.436392"; the clocks that only count write no point and are no time.
    private static func microseconds(_ word: Substring) -> UInt64? {
      let parts = word.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].count == 6, let seconds = Fields.decimal(Substring(parts[0])),
        let fraction = Fields.decimal(Substring(parts[1]))
      else { return nil }
      let (whole, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000)
      let (sum, carried) = whole.addingReportingOverflow(fraction)
      return overflowed || carried ? nil : sum
    }
  }
}
