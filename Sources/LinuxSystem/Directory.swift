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
