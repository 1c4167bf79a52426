public import SystemPackage

/// Small text files, those of /proc and /sys first of all: read whole, or written in one write(2).
public enum KernelFile {
  /// No text of /proc that this project reads is larger; anything that is, is not what it claims to be.
  public static let limitBytes = 8 << 20

  /// The whole text. Bytes that are not UTF-8 become U+FFFD.
  public static func read(_ path: String, limitBytes: Int = limitBytes) throws(SystemError) -> String {
    let file = try attempt("open", path) { () throws(Errno) in try Descriptor(opening: path, .readOnly) }
    let bytes = try attempt("read", path) { () throws(Errno) in try file.readToEnd(limitBytes: limitBytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes, nil where there is no such file.
  public static func bytesIfPresent(_ path: String, limitBytes: Int = limitBytes) throws(Errno) -> [UInt8]? {
    do throws(Errno) {
      return try Descriptor(opening: path, .readOnly).readToEnd(limitBytes: limitBytes)
    } catch .noSuchFileOrDirectory {
      return nil
    }
  }

  /// The text without white space at its ends; nil when the file cannot be read.
  public static func trimmed(_ path: String) -> String? {
    guard let text = try? read(path) else { return nil }
    return trim(text)
  }

  /// One write(2) of the whole text: a sysctl takes effect by it or fails by it.
  public static func write(_ text: String, to path: String) throws(SystemError) {
    try attempt("write '\(text)' to", path) { () throws(Errno) in
      let file = try Descriptor(opening: path, .writeOnly)
      _ = try file.writeOnce(Array(text.utf8))
      try file.close()
    }
  }

  static func trim(_ text: String) -> String {
    var slice = text[...]
    while let last = slice.last, last.isWhitespace { slice.removeLast() }
    while let first = slice.first, first.isWhitespace { slice.removeFirst() }
    return String(slice)
  }
}

/// Kernel settings under /proc/sys, named as in sysctl(8).
public enum Sysctl {
  public static func path(_ key: String) -> String {
    "/proc/sys/" + key.split(separator: ".").joined(separator: "/")
  }

  /// The value, numbers separated by one space.
  public static func read(_ key: String) throws(SystemError) -> String {
    let text = try KernelFile.read(path(key))
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  public static func write(_ key: String, _ value: String) throws(SystemError) {
    try KernelFile.write(value, to: path(key))
  }
}
