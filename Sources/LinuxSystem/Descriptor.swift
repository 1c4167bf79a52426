import CLinux
public import SystemPackage

/// A file descriptor with one owner, close-on-exec always. `close()` on the good path, since close(2) can fail; leaving the scope closes too.
///
/// Errors are bare `Errno`: whoever has opened it says at its own edge what it is and what was wanted.
public struct Descriptor: ~Copyable {
  public typealias Options = FileDescriptor.OpenOptions

  /// For calls that borrow it; never close this number.
  public let rawValue: Int32

  /// Takes ownership of an open descriptor.
  public init(adopting rawValue: Int32) {
    precondition(rawValue >= 0, "a descriptor that is not open was adopted")
    self.rawValue = rawValue
  }

  /// open(2). `permissions` count only for a file that is made.
  public init(
    opening path: UnsafePointer<CChar>, _ mode: FileDescriptor.AccessMode, _ options: Options = [],
    permissions: UInt32 = 0o600
  ) throws(Errno) {
    rawValue = try SystemCall.check { clinux_open(path, mode.rawValue | options.rawValue | O_CLOEXEC, permissions) }
  }

  deinit { clinux_close(rawValue) }

  /// close(2). Linux has released the descriptor even when this fails, so it is not tried again; an interruption is no failure.
  public consuming func close() throws(Errno) {
    let fd = rawValue
    discard self
    if clinux_close(fd) == -1 {
      let error = Errno(rawValue: clinux_errno())
      if error != .interrupted { throw error }
    }
  }

  /// Gives the descriptor away; the caller closes it.
  public consuming func release() -> Int32 {
    let fd = rawValue
    discard self
    return fd
  }

  /// open(2) of what is there, for reading and writing past the page cache (O_DIRECT); never through a symbolic link.
  public init(openingDirect path: UnsafePointer<CChar>) throws(Errno) {
    rawValue = try SystemCall.check { clinux_open_direct(path) }
  }

  /// fcntl(2), FD_CLOEXEC.
  public borrowing func setCloseOnExec() throws(Errno) {
    try SystemCall.perform { clinux_set_close_on_exec(rawValue, 1) }
  }

  /// fstat(2).
  public borrowing func status() throws(Errno) -> Stat { try Stat(FileDescriptor(rawValue: rawValue)) }
}

extension FileDescriptor.OpenOptions {
  /// O_PATH: a directory to go through, for which the right to list it is not needed.
  public static var pathOnly: Self { Self(rawValue: clinux_o_path()) }
}

/// Contents.
extension Descriptor {
  /// read(2), once; 0 at the end.
  public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try SystemCall.check { clinux_read(rawValue, buffer.baseAddress, buffer.count) }
  }

  /// From the present position to the end; EFBIG when there is more than `limitBytes`.
  public borrowing func readToEnd(limitBytes: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    // Raw memory, and not an array that grows by zeros: a debug build spends most of a run on those, one element after another.
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let count = try read(into: chunk)
      if count == 0 { return bytes }
      guard bytes.count + count <= limitBytes else { throw .fileTooLarge }
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
    }
  }

  /// write(2), once; how many bytes it took.
  public borrowing func writeOnce(_ bytes: [UInt8]) throws(Errno) -> Int {
    try SystemCall.check { clinux_write(rawValue, bytes, bytes.count) }
  }

  /// write(2) until all is written.
  public borrowing func write(_ bytes: [UInt8]) throws(Errno) {
    try bytes.withUnsafeBufferPointer { buffer throws(Errno) in try write(UnsafeRawBufferPointer(buffer)) }
  }

  /// write(2) until all is written.
  public borrowing func write(_ buffer: UnsafeRawBufferPointer) throws(Errno) {
    var done = 0
    while done < buffer.count {
      done += try SystemCall.check { clinux_write(rawValue, buffer.baseAddress! + done, buffer.count - done) }
    }
  }

  /// pwrite(2), all of `buffer` or EIO: blocks of a device.
  public borrowing func write(_ buffer: UnsafeRawBufferPointer, atByte offset: UInt64) throws(Errno) {
    let count = try SystemCall.check { pwrite(rawValue, buffer.baseAddress, buffer.count, Int(offset)) }
    if count != buffer.count { throw .ioError }
  }

  /// lseek(2) to the end.
  public borrowing func seekToEnd() throws(Errno) { try SystemCall.check { lseek(rawValue, 0, SEEK_END) } }

  /// lseek(2) to the beginning.
  public borrowing func rewind() throws(Errno) { try SystemCall.check { lseek(rawValue, 0, SEEK_SET) } }

  /// ftruncate(2).
  public borrowing func setSize(_ bytes: Int64) throws(Errno) {
    try SystemCall.perform { ftruncate(rawValue, Int(bytes)) }
  }

  /// fsync(2). Of a directory: its entries are then durable too.
  public borrowing func synchronize() throws(Errno) { try SystemCall.perform { fsync(rawValue) } }

  /// fchmod(2).
  public borrowing func setPermissions(_ permissions: UInt32) throws(Errno) {
    try SystemCall.perform { fchmod(rawValue, permissions) }
  }

  /// fchown(2).
  public borrowing func setOwner(user: UInt32, group: UInt32) throws(Errno) {
    try SystemCall.perform { fchown(rawValue, user, group) }
  }
}

/// Locks (flock(2)): they belong to the open file description, which a spawned process may share.
extension Descriptor {
  /// Does not wait; false when somebody else holds it.
  public borrowing func tryLock(exclusively: Bool) throws(Errno) -> Bool {
    do throws(Errno) {
      try SystemCall.perform { flock(rawValue, (exclusively ? LOCK_EX : LOCK_SH) | LOCK_NB) }
      return true
    } catch .wouldBlock {
      return false
    }
  }

  public borrowing func unlock() throws(Errno) { try SystemCall.perform { flock(rawValue, LOCK_UN) } }
}
