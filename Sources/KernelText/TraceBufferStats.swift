/// tracefs' per_cpu/cpuN/stats: what one processor's ring buffer took, and what it had no room for (kernel/trace/trace.c,
/// tracing_stats_read).
public struct TraceBufferStats: Equatable, Sendable {
  public let entries: UInt64
  /// Written over by later events, written over inside an event, or dropped for want of room.
  public let lostEvents: UInt64

  public static func parse(_ text: String) throws(KernelTextError) -> TraceBufferStats {
    let source = "/sys/kernel/tracing/per_cpu/cpu*/stats"
    var values: [String: UInt64] = [:]
    for line in Fields.lines(text, of: source) {
      // "now ts:  6101.436392" is no count, and nothing here needs it.
      guard let colon = line.text.lastIndex(of: ":"), let last = line.words.last, let value = Fields.decimal(last)
      else { continue }
      values[String(line.text[..<colon])] = value
    }
    func value(_ key: String) throws(KernelTextError) -> UInt64 {
      guard let value = values[key] else {
        throw KernelTextError(source, line: 0, content: text, expected: "'\(key): N'")
      }
      return value
    }
    let (overrun, commit, dropped) = (try value("overrun"), try value("commit overrun"), try value("dropped events"))
    let (first, carried) = overrun.addingReportingOverflow(commit)
    let (sum, overflowed) = first.addingReportingOverflow(dropped)
    guard !carried, !overflowed else {
      throw KernelTextError(source, line: 0, content: text, expected: "numbers of events")
    }
    return TraceBufferStats(entries: try value("entries"), lostEvents: sum)
  }
}
