import CLinux

/// Standard error, for a process that must go on when nobody reads it any more.
public enum StandardError {
  /// Writes what can be written. A reader who is gone, a lost terminal or a full pipe is not an error here.
  public static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { clinux_write(2, $0.baseAddress, $0.count) }
  }

  /// From now on a write to a pipe without a reader fails with EPIPE and does not kill this process.
  public static func ignoreBrokenPipes() { clinux_ignore_broken_pipes() }
}
