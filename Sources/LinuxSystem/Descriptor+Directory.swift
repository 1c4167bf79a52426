import CLinux
public import SystemPackage

/// A descriptor of a directory, against which names are resolved: nobody can put another directory in its place in the middle.
///
/// A name is a C string, as a String is one for the call: what the kernel takes for a name need not be UTF-8.
extension Descriptor {
  /// openat(2).
  public borrowing func open(
    _ name: UnsafePointer<CChar>, _ mode: FileDescriptor.AccessMode, _ options: Options = [],
    permissions: UInt32 = 0o600
  ) throws(Errno) -> Descriptor {
    Descriptor(
      adopting: try SystemCall.check {
        clinux_openat(rawValue, name, mode.rawValue | options.rawValue | O_CLOEXEC, permissions)
      })
  }

  /// openat2(2), for reading: follows no symbolic link and crosses no mount, bind mounts included (EXDEV).
  public borrowing func openDirectoryBeneath(_ name: UnsafePointer<CChar>) throws(Errno) -> Descriptor {
    Descriptor(
      adopting: try SystemCall.check {
        clinux_open_beneath(rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      })
  }

  /// fstatat(2) of `name` itself, be it a symbolic link.
  public borrowing func status(of name: UnsafePointer<CChar>) throws(Errno) -> Stat {
    try Stat(name, relativeTo: FileDescriptor(rawValue: rawValue), flags: .symlinkNoFollow)
  }

  /// readlinkat(2).
  public borrowing func linkTarget(of name: UnsafePointer<CChar>) throws(Errno) -> String {
    try FileLink.target { readlinkat(rawValue, name, $0, $1) }
  }

  /// symlinkat(2).
  public borrowing func makeSymbolicLink(_ name: UnsafePointer<CChar>, to target: UnsafePointer<CChar>) throws(Errno) {
    try SystemCall.perform { symlinkat(target, rawValue, name) }
  }

  /// mkdirat(2).
  public borrowing func makeDirectory(_ name: UnsafePointer<CChar>, permissions: UInt32 = 0o700) throws(Errno) {
    try SystemCall.perform { mkdirat(rawValue, name, permissions) }
  }

  /// unlinkat(2) of what is no directory.
  public borrowing func removeFile(_ name: UnsafePointer<CChar>) throws(Errno) {
    try SystemCall.perform { unlinkat(rawValue, name, 0) }
  }

  /// unlinkat(2) of an empty directory.
  public borrowing func removeDirectory(_ name: UnsafePointer<CChar>) throws(Errno) {
    try SystemCall.perform { unlinkat(rawValue, name, AT_REMOVEDIR) }
  }

  /// renameat(2) within this directory.
  public borrowing func rename(_ name: UnsafePointer<CChar>, to newName: UnsafePointer<CChar>) throws(Errno) {
    try SystemCall.perform { renameat(rawValue, name, rawValue, newName) }
  }

  /// linkat(2) within this directory: EEXIST where there is something of the new name.
  public borrowing func link(_ name: UnsafePointer<CChar>, to newName: UnsafePointer<CChar>) throws(Errno) {
    try SystemCall.perform { linkat(rawValue, name, rawValue, newName, 0) }
  }

  /// Names in this directory as the bytes they are, each with its zero, without "." and "..", in no order.
  public borrowing func entryNames(atMost limit: Int = .max) throws(Errno) -> [[CChar]] {
    // A descriptor of its own, as the stream closes the one it was given.
    let copy = try open(".", .readOnly, .directory)
    guard let stream = fdopendir(copy.rawValue) else { throw Errno(rawValue: clinux_errno()) }
    _ = copy.release()
    defer { closedir(stream) }
    var names: [[CChar]] = []
    while names.count < limit {
      // At the end readdir(3) leaves errno as it was.
      clinux_set_errno(0)
      guard let entry = readdir(stream) else {
        let error = Errno(rawValue: clinux_errno())
        if error.rawValue != 0 { throw error }
        break
      }
      let name = entryName(entry)
      if name != dot, name != dotDot { names.append(name) }
    }
    return names
  }
}

private let dot: [CChar] = [0x2e, 0]
private let dotDot: [CChar] = [0x2e, 0x2e, 0]

/// With its terminating zero. Read through a pointer into the record: `d_name` is declared longer than the record is.
private func entryName(_ entry: UnsafeMutablePointer<dirent>) -> [CChar] {
  let start = UnsafeRawPointer(entry).advanced(by: MemoryLayout<dirent>.offset(of: \.d_name)!).assumingMemoryBound(
    to: CChar.self)
  return Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
}

/// A name for people: what is not UTF-8 in it is replaced.
public func readable(_ name: [CChar]) -> String {
  String(decoding: name.dropLast().lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
