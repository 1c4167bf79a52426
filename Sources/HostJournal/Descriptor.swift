internal import CLinux
internal import SystemPackage

/// A file descriptor with one owner. It closes itself; where it matters whether that worked, `close` says so.
struct Descriptor: ~Copyable {
  let raw: Int32

  init(owning raw: Int32) {
    self.raw = raw
  }

  deinit {
    _ = CLinux.close(raw)
  }

  /// Close-on-exec always; what a child shall inherit is named when it is spawned.
  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(Errno) -> Descriptor {
    Descriptor(owning: try SystemCall.check { clinux_open(path, flags | O_CLOEXEC, mode) })
  }

  borrowing func open(_ name: String, _ flags: Int32, mode: mode_t = 0) throws(Errno) -> Descriptor {
    Descriptor(owning: try SystemCall.check { clinux_openat(raw, name, flags | O_CLOEXEC, mode) })
  }

  consuming func close() throws(Errno) {
    let raw = self.raw
    discard self
    if CLinux.close(raw) != 0 {
      let error = Errno(rawValue: __errno_location().pointee)
      if error != .interrupted { throw error }
    }
  }

  borrowing func status() throws(Errno) -> stat {
    var status = stat()
    try SystemCall.perform { clinux_fstat(raw, &status) }
    return status
  }

  borrowing func statusOfEntry(_ name: String) throws(Errno) -> stat {
    var status = stat()
    try SystemCall.perform { fstatat(raw, name, &status, AT_SYMLINK_NOFOLLOW) }
    return status
  }

  /// fsync(2). Of a directory: its entries are then durable too.
  borrowing func synchronize() throws(Errno) {
    try SystemCall.perform { fsync(raw) }
  }

  /// One write(2); how many bytes it took.
  borrowing func writeOnce(_ bytes: [UInt8]) throws(Errno) -> Int {
    try SystemCall.check { write(raw, bytes, bytes.count) }
  }

  /// From the present position to the end; EFBIG when there is more than `limit`.
  borrowing func readToEnd(limit: Int) throws(Errno) -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(Errno) in
        try SystemCall.check { read(raw, bytes.baseAddress, bytes.count) }
      }
      if count == 0 { return result }
      if result.count + count > limit { throw .fileTooLarge }
      result.append(contentsOf: buffer[..<count])
    }
  }

  /// flock(2) without waiting; false when somebody else holds it.
  borrowing func tryLock(exclusively: Bool) throws(Errno) -> Bool {
    do throws(Errno) {
      try SystemCall.perform { flock(raw, (exclusively ? LOCK_EX : LOCK_SH) | LOCK_NB) }
      return true
    } catch .wouldBlock {
      return false
    }
  }

  borrowing func unlock() throws(Errno) {
    try SystemCall.perform { flock(raw, LOCK_UN) }
  }

  /// Names in this directory as the bytes they are (a name need not be UTF-8), without "." and "..".
  borrowing func entryNames(atMost limit: Int = .max) throws(Errno) -> [[CChar]] {
    // A descriptor of its own, as the stream closes the one it was given.
    let copy = try open(".", O_RDONLY | O_DIRECTORY)
    guard let stream = fdopendir(copy.raw) else { throw Errno(rawValue: __errno_location().pointee) }
    copy.relinquish()
    defer { closedir(stream) }
    var names: [[CChar]] = []
    while names.count < limit {
      __errno_location().pointee = 0
      guard let entry = readdir(stream) else {
        let error = Errno(rawValue: __errno_location().pointee)
        if error.rawValue != 0 { throw error }
        break
      }
      let name = entryName(entry)
      if name != dot, name != dotDot { names.append(name) }
    }
    return names
  }

  consuming func relinquish() {
    discard self
  }
}

private let dot: [CChar] = [0x2e, 0]
private let dotDot: [CChar] = [0x2e, 0x2e, 0]

/// With its terminating zero. Read through a pointer into the record: `d_name` is declared longer than the record is.
private func entryName(_ entry: UnsafeMutablePointer<dirent>) -> [CChar] {
  let start = UnsafeRawPointer(entry).advanced(by: MemoryLayout<dirent>.offset(of: \.d_name)!)
    .assumingMemoryBound(to: CChar.self)
  return Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
}

/// A name for people: what is not UTF-8 in it is replaced.
func readable(_ name: [CChar]) -> String {
  String(decoding: name.dropLast().lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
