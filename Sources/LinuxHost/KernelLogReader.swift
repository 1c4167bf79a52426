import CLinux
import KernelText
public import LinuxSystem
import SystemPackage

/// The kernel's messages from now on: /dev/kmsg, read without taking them away from anybody.
public struct KernelLogReader: ~Copyable {
  private let file: OwnedDescriptor

  /// Starts behind the last message there is.
  public init() throws(SystemError) {
    let opened = try OwnedDescriptor(opening: "/dev/kmsg", O_RDONLY | O_NONBLOCK)
    try systemCall("go to the end of", "/dev/kmsg") { lseek(opened.rawValue, 0, SEEK_END) }
    file = opened
  }

  /// What has come since: a line each, `[seconds] message`. A gap where the kernel's buffer has run over is said.
  public borrowing func text() -> String {
    var lines = ""
    var bytes = [UInt8](repeating: 0, count: 8192)
    // The kernel's buffer is finite, and so is this: a kernel that prints faster than it is read must not hold the run up.
    for _ in 0..<100_000 {
      let count = bytes.withUnsafeMutableBytes { clinux_read(file.rawValue, $0.baseAddress, $0.count) }
      if count > 0 {
        let record = String(decoding: bytes[..<count], as: UTF8.self)
        guard let message = try? KernelLog.parse(record: record) else { continue }
        let micro = String(message.microseconds % 1_000_000)
        let fraction = String(repeating: "0", count: 6 - micro.count) + micro
        lines += "[\(message.microseconds / 1_000_000).\(fraction)] \(message.message)\n"
        continue
      }
      if count == -1 && clinux_errno() == EPIPE {
        lines += "[messages lost: the kernel's buffer ran over]\n"
        continue
      }
      if count == -1 && clinux_errno() == EINTR { continue }
      break
    }
    return lines
  }
}
