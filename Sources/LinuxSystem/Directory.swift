import CLinux

/// Directories: their names, and making them.
public enum Directory {
  /// The names in `path` but `.` and `..`, in no order.
  public static func names(in path: String) throws(SystemError) -> [String] {
    guard let stream = opendir(path) else {
      try systemCall("open directory", path) { -1 }
      return []
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// mkdir(2).
  public static func make(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
    try systemCall("make directory", path) { mkdir(path, mode) }
  }
}

/// A directory that only this user can look into, gone with all its files when it is dropped.
public struct PrivateDirectory: ~Copyable {
  public let path: String

  /// mkdtemp(3): `name` and six characters that nobody can guess, in TMPDIR or else in /tmp.
  public init(_ name: String) throws(SystemError) {
    let directory = EnvironmentVariable.value("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    let prefix = "\(directory)/\(name)"
    var template = Array((prefix + "XXXXXX").utf8CString)
    try systemCall("make directory", prefix + "XXXXXX") {
      template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) == nil ? Int32(-1) : 0 }
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A new file, not a path.
  public borrowing func write(_ text: String, named name: String) throws(SystemError) {
    let file = try OwnedDescriptor(opening: "\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      done += try systemCall("write", "\(path)/\(name)") {
        bytes.withUnsafeBytes { clinux_write(file.rawValue, $0.baseAddress! + done, $0.count - done) }
      }
    }
    try file.close()
  }

  deinit {
    for name in (try? Directory.names(in: path)) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
