import KernelText

/// Pairs what a trace tells of direct reclaim and compaction: the beginning and the end of each call. A task does one of each at a time, so
/// neither is nested.
struct DirectWorkPairs {
  struct Worker: Hashable {
    let pid: Int
    let work: DirectWorkEvent.Work
  }

  /// A call, as far as the trace tells of it.
  enum Call {
    /// From its beginning to its end, in the trace's microseconds.
    case whole(from: UInt64, to: UInt64)
    /// Its beginning or its end is missing; when the other was.
    case torn(at: UInt64)
  }

  /// Since when each is at it: what is left at the end of a trace has no end in it.
  private(set) var begun: [Worker: UInt64] = [:]

  /// The call of this event's task that ends with it, if one does.
  mutating func take(_ event: DirectWorkEvent) -> Call? {
    let worker = Worker(pid: event.pid, work: event.work)
    let now = event.timestampMicroseconds
    if event.isBegin {
      // Only where an end was lost.
      return begun.updateValue(now, forKey: worker).map { .torn(at: $0) }
    }
    guard let start = begun.removeValue(forKey: worker), start <= now else { return .torn(at: now) }
    return .whole(from: start, to: now)
  }
}
