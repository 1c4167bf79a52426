/// Constants of the line protocol between the runner's child process and `failover-bench-pressure`.
///
/// One message is one line of printable ASCII: `verb key=value key=value …\n`. Free text in a value is percent-encoded.
/// Requests go to the helper, replies come back, over one SOCK_STREAM socket. After start the helper sends
/// ``PressureReply/ready(version:pid:)``; from then on one request at a time is worked on:
/// - `pin`, `inject` and `hold` give any number of `progress` replies and then exactly one final reply
///   (`pinned`, `injected`, `held`, `notHeld`, `marginReached` or `failed`);
/// - every `cancel` gives exactly one `cancelled`; the work it interrupts has no other final reply. Work that was
///   finished already when the `cancel` arrived has been answered before, so: after sending `cancel`, read on until
///   `cancelled`;
/// - `status` is answered at once, also during work; any other request during work is answered by `failed` with EBUSY;
/// - `quit`, and the end of file, have no reply: the helper ends, and with it all pages and blocks it holds.
public enum PressureWire {
  /// Both ends must speak the same version: they are built and installed together.
  public static let version = 4
  /// The longest line, in bytes, its newline included.
  public static let maximumLineLength = 4096
  /// The most entries that a list of blocks may have.
  public static let maximumBlockEntries = 32
  /// The largest number of pages (4 PiB of 4 kB pages) a message may name: a multiplication by the page size cannot
  /// overflow.
  public static let maximumPages: UInt64 = 1 << 40
}
