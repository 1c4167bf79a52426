import CLinux
import SystemPackage

/// Small text files, those of /proc and /sys first of all: read whole, or written in one write(2).
public enum KernelFile {
  /// No text of /proc that this project reads is larger; anything that is, is not what it claims to be.
  public static let limitBytes = 8 << 20

  /// The whole text. Bytes that are not UTF-8 become U+FFFD.
  public static func read(_ path: String, limitBytes: Int = limitBytes) throws(SystemError) -> String {
    let file = try OwnedDescriptor(opening: path, O_RDONLY)
    var bytes: [UInt8] = []
    // Raw memory, and not an array that grows by zeros: a debug build spends most of a run on those, one element after another.
    let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 << 10)
    defer { chunk.deallocate() }
    while true {
      let count = try systemCall("read", path) { clinux_read(file.rawValue, chunk.baseAddress, chunk.count) }
      if count == 0 { break }
      bytes.append(contentsOf: UnsafeMutableBufferPointer(rebasing: chunk[..<count]))
      guard bytes.count <= limitBytes else {
        throw SystemError(operation: "read", subject: path, errno: .fileTooLarge)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text without white space at its ends; nil when the file cannot be read.
  public static func trimmed(_ path: String) -> String? {
    guard let text = try? read(path) else { return nil }
    return trim(text)
  }

  /// One write(2) of the whole text: a sysctl takes effect by it or fails by it.
  public static func write(_ text: String, to path: String) throws(SystemError) {
    let file = try OwnedDescriptor(opening: path, O_WRONLY)
    let bytes = Array(text.utf8)
    try systemCall("write '\(text)' to", path) { bytes.withUnsafeBytes { clinux_write(file.rawValue, $0.baseAddress, $0.count) } }
    try file.close()
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
