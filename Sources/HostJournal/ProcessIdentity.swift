internal import LinuxSystem
internal import SystemPackage

/// A process that cannot be mistaken for a later one with the same number: its start time goes with it
/// (proc_pid_stat(5), field 22, in clock ticks since boot).
public struct ProcessIdentity: Hashable, Sendable {
  public var pid: Int32
  public var startTicks: UInt64

  /// The calling process.
  public static func current() throws(JournalError) -> ProcessIdentity {
    try of(pid: ProcessNumber.own)
  }

  /// The process that has this number now.
  public static func of(pid: Int32) throws(JournalError) -> ProcessIdentity {
    let path = "/proc/\(pid)/stat"
    let advice = "the process is gone, or /proc is not mounted"
    let text = try explaining("read", path, advice: advice) { () throws(Errno) in
      try KernelFile.bytesIfPresent(path)
    }
    guard let text else { throw JournalError(.noSuchFileOrDirectory, "read", path, advice: advice) }
    guard let ticks = startTicks(inStat: text) else {
      throw JournalError(kind: .malformed, action: "read", subject: path, advice: "no start time in field 22")
    }
    return ProcessIdentity(pid: pid, startTicks: ticks)
  }

  /// Whether this very process still runs. A zombie does not: a killed parent may stay one until its own parent looks.
  public var isAlive: Bool {
    guard let descriptor = open() else { return false }
    return !descriptor.hasEnded()
  }

  /// A pidfd of it (pidfd_open(2)), or nil when it is gone. The start time is compared after the pidfd was opened: the
  /// recorded process, if it has the number now, has had it since before, so the pidfd can mean no other.
  func open() -> ProcessDescriptor? {
    guard pid > 0, let descriptor = try? ProcessDescriptor(pid) else { return nil }
    guard let now = try? ProcessIdentity.of(pid: pid), now == self else { return nil }
    return descriptor
  }

  /// Field 22. The command name in field 2 may hold anything, blanks and parentheses too: count from the last ")".
  static func startTicks(inStat text: [UInt8]) -> UInt64? {
    guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19 else { return nil }
    return decimal(String(decoding: fields[19], as: UTF8.self))
  }
}

/// Digits only: no sign, no blanks.
func decimal<Value: FixedWidthInteger>(_ text: some StringProtocol, as type: Value.Type = Value.self) -> Value? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return Value(text)
}
