internal import CLinux
internal import SystemPackage

/// The one place where errno is read and EINTR is dealt with.
enum SystemCall {
  /// Calls until it is no longer interrupted; a negative result becomes the errno as an error. Not for close(2): on
  /// Linux the descriptor is gone after EINTR, and a second close may hit somebody else's.
  static func check<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
      let result = call()
      if result >= 0 { return result }
      let error = Errno(rawValue: __errno_location().pointee)
      if error != .interrupted { throw error }
    }
  }

  /// For the calls that answer nothing but success.
  static func perform(_ call: () -> Int32) throws(Errno) {
    _ = try check(call)
  }

  static func fileStatus(_ path: String) throws(Errno) -> stat {
    var status = stat()
    try perform { clinux_lstat(path, &status) }
    return status
  }

  static func makeDirectory(_ path: String) throws(Errno) {
    try perform { mkdir(path, 0o700) }
  }

  /// The target of a symbolic link, as in /proc/PID/ns.
  static func linkTarget(_ path: String) throws(Errno) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(Errno) in
      try check { readlink(path, bytes.baseAddress!, bytes.count) }
    }
    return String(decoding: buffer.prefix(count), as: UTF8.self)
  }

  /// A file of /proc or /sys, or nil where there is none.
  static func contentsIfPresent(_ path: String, limit: Int = 1 << 20) throws(Errno) -> [UInt8]? {
    do throws(Errno) {
      let file = try Descriptor.open(path, O_RDONLY)
      return try file.readToEnd(limit: limit)
    } catch .noSuchFileOrDirectory {
      return nil
    }
  }

  static func sleep(nanoseconds: UInt64) {
    var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    // Cut short by a signal it is just a shorter sleep: all callers look at the clock again.
    nanosleep(&time, nil)
  }
}

extension stat {
  var type: UInt32 { st_mode & UInt32(S_IFMT) }
  var isDirectory: Bool { type == UInt32(S_IFDIR) }
  var isRegular: Bool { type == UInt32(S_IFREG) }
  var isSymbolicLink: Bool { type == UInt32(S_IFLNK) }
  var isBlockDevice: Bool { type == UInt32(S_IFBLK) }
  var permissions: UInt32 { st_mode & 0o7777 }
}
