import CLinux

/// Symbolic links.
public enum FileLink {
  /// Where the link points to; nil when it is none.
  public static func target(of path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &bytes, bytes.count)
    guard count > 0, count < bytes.count else { return nil }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// access(2) for execution.
public func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

/// The environment of this process.
public enum EnvironmentVariable {
  public static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// RLIMIT_NOFILE of this process, which those it starts inherit.
public enum DescriptorLimit {
  /// Raises the soft limit to the hard one, as any process may.
  public static func raise() {
    var limit = rlimit()
    guard getrlimit(clinux_rlimit_nofile(), &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(clinux_rlimit_nofile(), &limit)
  }
}

/// Who runs this process.
public enum User {
  public static var isRoot: Bool { geteuid() == 0 }
}

/// The terminal on standard output.
public enum Terminal {
  /// Columns; nil where standard output is none, so that what goes into a file is not wrapped.
  public static var width: Int? {
    let columns = clinux_terminal_columns(1)
    return columns > 0 ? Int(columns) : nil
  }
}
