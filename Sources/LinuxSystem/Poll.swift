import CLinux

/// poll(2).
public enum Poll {
  /// Whether `descriptor` can be read, or has come to its end, within the time.
  public static func isReadable(_ descriptor: Int32, withinNanoseconds timeout: UInt64) -> Bool {
    // No array: it is asked where memory is shortest.
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return wait(&entry, 1, withinNanoseconds: timeout) > 0
  }

  /// Those of `descriptors` that can be read, or have come to their end; empty when the time is over.
  public static func readable(_ descriptors: [Int32], withinNanoseconds timeout: UInt64) -> [Int32] {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    return wait(&entries, entries.count, withinNanoseconds: timeout) > 0
      ? entries.filter { $0.revents != 0 }.map(\.fd) : []
  }

  /// How many of the entries are ready; 0 when the time is over.
  private static func wait(_ entries: UnsafeMutablePointer<pollfd>, _ count: Int, withinNanoseconds timeout: UInt64)
    -> Int
  {
    let deadline = Clock.monotonicNanoseconds() &+ min(timeout, 3_600_000_000_000)
    while true {
      let now = Clock.monotonicNanoseconds()
      // Rounded up, or the last millisecond would be spent spinning.
      let milliseconds = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 0
      // An interruption is no end: the clock is looked at again.
      let ready = (try? SystemCall.check { poll(entries, UInt(count), Int32(milliseconds)) }) ?? 0
      if ready > 0 { return Int(ready) }
      if Clock.monotonicNanoseconds() >= deadline { return 0 }
    }
  }
}
