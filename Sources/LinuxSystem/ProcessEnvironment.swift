import CLinux

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

  /// The soft limit, 1024 where it cannot be read.
  public static var soft: UInt64 {
    var limit = rlimit()
    return getrlimit(clinux_rlimit_nofile(), &limit) == 0 ? UInt64(limit.rlim_cur) : 1024
  }

  /// The hard limit, 0 where it cannot be read.
  public static var hard: UInt64 {
    var limit = rlimit()
    return getrlimit(clinux_rlimit_nofile(), &limit) == 0 ? UInt64(limit.rlim_max) : 0
  }
}

/// Numbers of processes.
public enum ProcessNumber {
  /// getpid(2).
  public static var own: Int32 { getpid() }
  /// getppid(2).
  public static var parent: Int32 { getppid() }
}

/// Who runs this process.
public enum User {
  public static var effectiveID: UInt32 { geteuid() }
  public static var isRoot: Bool { effectiveID == 0 }
}

/// The terminal that this process talks to.
public enum Terminal {
  /// isatty(3) of standard error.
  public static var isOnStandardError: Bool { isatty(2) == 1 }

  /// Columns of the one on standard output; nil where there is none, so that what goes into a file is not wrapped.
  public static var width: Int? {
    let columns = clinux_terminal_columns(1)
    return columns > 0 ? Int(columns) : nil
  }
}
