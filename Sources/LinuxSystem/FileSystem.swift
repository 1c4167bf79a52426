import CLinux
public import SystemPackage

/// Calls that take a path and may fail for a reason that the caller tells apart.
public enum FileSystem {
  /// lstat(2).
  public static func status(of path: String) throws(Errno) -> Stat {
    try Stat(FilePath(path), followTargetSymlink: false)
  }

  /// stat(2).
  public static func targetStatus(of path: String) throws(Errno) -> Stat { try Stat(FilePath(path)) }

  /// mkdir(2).
  public static func makeDirectory(_ path: String, permissions: UInt32 = 0o700) throws(Errno) {
    try SystemCall.perform { mkdir(path, permissions) }
  }

  /// rmdir(2).
  public static func removeDirectory(_ path: String) throws(Errno) { try SystemCall.perform { rmdir(path) } }

  /// unlink(2).
  public static func removeFile(_ path: String) throws(Errno) { try SystemCall.perform { unlink(path) } }

  /// mknod(2) of a block device, mode 0600.
  public static func makeBlockDevice(_ path: String, major: UInt32, minor: UInt32) throws(Errno) {
    try SystemCall.perform { clinux_mknod_block(path, clinux_makedev(major, minor)) }
  }

  /// statvfs(3): what a user without privileges may still write, in bytes.
  public static func availableBytes(of path: String) throws(Errno) -> UInt64 {
    var space = statvfs()
    try SystemCall.perform { statvfs(path, &space) }
    return UInt64(space.f_bavail) * UInt64(space.f_frsize)
  }

  /// statfs(2): the magic number of the file system (linux/magic.h).
  public static func type(of path: String) throws(Errno) -> Int { try SystemCall.check { clinux_statfs_type(path) } }

  /// Whether a file in `directory` can be opened with O_DIRECT. Tried on one without a name (O_TMPFILE), which is gone when it is closed;
  /// throws where such files cannot be made.
  public static func takesDirectIO(in directory: String) throws(Errno) -> Bool {
    do throws(Errno) {
      try Descriptor(adopting: try SystemCall.check { clinux_open_unnamed_direct(directory) }).close()
      return true
    } catch .invalidArgument {
      return false
    }
  }

  /// sync(2): all file systems of the machine.
  public static func synchronizeAll() { sync() }

  /// access(2) for execution.
  public static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// access(2): whether there is something of that name.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// access(2) for writing.
  public static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  /// access(2) for reading and writing: why not, as an error.
  public static func checkReadWrite(_ path: String) throws(Errno) {
    try SystemCall.perform { access(path, R_OK | W_OK) }
  }
}

extension DeviceID {
  public var major: UInt32 { clinux_major(rawValue) }
  public var minor: UInt32 { clinux_minor(rawValue) }
}

/// Symbolic links.
public enum FileLink {
  /// Where the link points to; nil when it is none.
  public static func target(of path: String) -> String? { try? target { readlink(path, $0, $1) } }

  /// readlink(2) by `call`, which is given room for the target. EINVAL where it is no link.
  static func target(_ call: (UnsafeMutablePointer<CChar>, Int) -> Int) throws(Errno) -> String {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = try SystemCall.check { bytes.withUnsafeMutableBufferPointer { call($0.baseAddress!, $0.count) } }
    guard count < bytes.count else { throw .fileNameTooLong }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
