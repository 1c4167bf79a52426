/// "            bash-4242    (   4242) [001] d..1.  6101.436392", read from its end: the command in front may hold
/// anything that stands behind it, while nothing behind it is free.
public struct TraceContext: Equatable, Sendable {
  /// The command without the spaces it is padded with; "<...>" when the kernel no longer knows it.
  public private(set) var task: String
  public private(set) var pid: Int
  public private(set) var cpu: Int
  /// By the trace's clock; unless another was chosen, since boot.
  public private(set) var microseconds: UInt64
  /// In a hard or soft interrupt, or an NMI, that came while the task ran; false where the flags are not shown.
  public private(set) var isInInterrupt = false

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
      // Interrupt and preemption flags, absent with the option irq-info off. The third is the kind of interrupt
      // (trace_print_lat_fmt).
      if let kind = word.utf8.dropFirst(2).first { isInInterrupt = "hHszZ".utf8.contains(kind) }
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
    guard let dash = rest.lastIndex(of: UInt8(ascii: "-")),
      let pid = Fields.integer(Substring(rest[rest.index(after: dash)...]))
    else { return nil }
    task = String(Substring(rest[..<dash].drop { $0 == UInt8(ascii: " ") }))
    // TASK_COMM_LEN, less its end. What is longer is another event's beginning, and the rest of it made to look like this one
    // by whoever wrote it into trace_marker.
    guard task.unicodeScalars.count <= 15 else { return nil }
    (self.pid, self.cpu, self.microseconds) = (pid, cpu, microseconds)
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
