import KernelText
public import LinuxSystem
import SystemPackage

/// The kernel's messages from now on: /dev/kmsg, read without taking them away from anybody.
public struct KernelLogReader: ~Copyable {
  private let file: Descriptor

  /// Starts behind the last message there is.
  public init() throws(SystemError) {
    let opened = try attempt("open", "/dev/kmsg") { () throws(Errno) in
      try Descriptor(opening: "/dev/kmsg", .readOnly, .nonBlocking)
    }
    try attempt("go to the end of", "/dev/kmsg") { () throws(Errno) in try opened.seekToEnd() }
    file = opened
  }

  /// What has come since: a line each, `[seconds] message`. A gap where the kernel's buffer has run over is said.
  public borrowing func text() -> String {
    var lines = ""
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 16)
    defer { bytes.deallocate() }
    // The kernel's buffer is finite, and so is this: a kernel that prints faster than it is read must not hold the run up.
    for _ in 0..<100_000 {
      let count: Int
      do throws(Errno) { count = try file.read(into: bytes) } catch {
        // EAGAIN: there is no more.
        guard error == .brokenPipe else { break }
        lines += "[messages lost: the kernel's buffer ran over]\n"
        continue
      }
      guard count > 0 else { break }
      guard let message = try? KernelLog.parse(record: String(decoding: bytes[..<count], as: UTF8.self)) else {
        continue
      }
      let micro = String(message.microseconds % 1_000_000)
      let fraction = String(repeating: "0", count: 6 - micro.count) + micro
      lines += "[\(message.microseconds / 1_000_000).\(fraction)] \(message.message)\n"
    }
    return lines
  }
}
