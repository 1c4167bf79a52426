import CLinux
import SystemPackage

/// Directories: their names, and making them.
public enum Directory {
  /// The names in `path` but `.` and `..`, in no order.
  public static func names(in path: String) throws(SystemError) -> [String] {
    try attempt("list directory", path) { () throws(Errno) in
      try Descriptor(opening: path, .readOnly, .directory).entryNames().map(readable)
    }
  }

  /// mkdir(2).
  public static func make(_ path: String, permissions: UInt32 = 0o700) throws(SystemError) {
    try attempt("make directory", path) { () throws(Errno) in
      try FileSystem.makeDirectory(path, permissions: permissions)
    }
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
    let file = "\(path)/\(name)"
    try attempt("write", file) { () throws(Errno) in
      let file = try Descriptor(opening: file, .writeOnly, [.create, .exclusiveCreate])
      try file.write(Array(text.utf8))
      try file.close()
    }
  }

  deinit {
    for name in (try? Directory.names(in: path)) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
