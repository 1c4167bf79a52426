import CLinux
public import SystemPackage

/// A process by its pidfd (pidfd_open(2)), which can mean no later process of the same number.
public struct ProcessDescriptor: ~Copyable {
  private let file: Descriptor

  /// ESRCH where there is no such process.
  public init(_ pid: Int32) throws(Errno) {
    file = Descriptor(adopting: try SystemCall.check { clinux_pidfd_open(pid) })
  }

  /// For poll(2): readable when the process has ended.
  public var descriptor: Int32 { file.rawValue }

  /// Whether it has ended, waiting at most that long. A pidfd is readable as soon as the whole thread group has ended. (The state in
  /// /proc/PID/stat is that of the first thread: "Z" while another one still sits in mount(2).)
  public borrowing func hasEnded(withinNanoseconds timeout: UInt64 = 0) -> Bool {
    Poll.isReadable(file.rawValue, withinNanoseconds: timeout)
  }

  /// pidfd_send_signal(2): ESRCH where it has ended.
  public borrowing func signal(_ number: Int32) throws(Errno) {
    try SystemCall.perform { clinux_pidfd_send_signal(file.rawValue, number) }
  }
}
