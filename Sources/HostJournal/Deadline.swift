/// Until when to try again, and how long to sleep in between.
struct Deadline<Host: HostOperations> {
  let host: Host
  let end: UInt64

  init(_ host: Host, timeout: Duration) {
    self.host = host
    let (seconds, attoseconds) = timeout.components
    let nanoseconds = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let total = nanoseconds.overflow ? UInt64.max / 4 : nanoseconds.partialValue
    let (end, overflow) = host.monotonicNanoseconds().addingReportingOverflow(
      min(total, .max / 4) + UInt64(clamping: attoseconds / 1_000_000_000))
    self.end = overflow ? .max : end
  }

  var isOver: Bool { host.monotonicNanoseconds() >= end }

  /// False when the time is over.
  func pause() -> Bool {
    let now = host.monotonicNanoseconds()
    guard now < end else { return false }
    host.sleep(nanoseconds: min(20_000_000, end - now))
    return true
  }
}
