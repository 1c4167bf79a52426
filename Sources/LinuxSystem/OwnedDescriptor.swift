import CLinux
import SystemPackage

/// A file descriptor with one owner. `close()` on the good path, since close(2) can fail; leaving the scope closes too.
public struct OwnedDescriptor: ~Copyable {
  /// For calls that borrow it; never close this number.
  public let rawValue: Int32

  /// Takes ownership of an open descriptor.
  public init(adopting rawValue: Int32) {
    precondition(rawValue >= 0, "a descriptor that is not open was adopted")
    self.rawValue = rawValue
  }

  /// open(2), always close-on-exec.
  public init(
    opening path: String, _ flags: Int32, mode: UInt32 = 0o600
  ) throws(SystemError) {
    rawValue = try systemCall("open", path) { clinux_open(path, flags | O_CLOEXEC, mode) }
  }

  deinit { clinux_close(rawValue) }

  /// Closes and tells when that failed. Linux has released the descriptor even then, so it is not tried again.
  public consuming func close() throws(SystemError) {
    let fd = rawValue
    discard self
    let result = clinux_close(fd)
    if result == -1 {
      let code = Errno(rawValue: clinux_errno())
      if code != .interrupted { throw SystemError(operation: "close", subject: "descriptor \(fd)", errno: code) }
    }
  }

  /// Gives the descriptor away; the caller closes it.
  public consuming func release() -> Int32 {
    let fd = rawValue
    discard self
    return fd
  }
}

/// Several descriptors that are closed together: the ends of sockets that other processes have taken over.
public final class OwnedDescriptors {
  private var numbers: [Int32]

  public init(_ numbers: [Int32]) { self.numbers = numbers }

  public func closeAll() {
    for number in numbers { clinux_close(number) }
    numbers = []
  }

  deinit { closeAll() }
}
