public import LinuxSystem

/// How the pressure helper is started: its control socket is descriptor 3, its lifeline 4, its share in the host's lock 5.
public enum PressureHelperProcess {
  public static let executableName = "failover-bench-pressure"

  /// - Parameters:
  ///   - control: the helper's end of the socket to the testbed.
  ///   - lifeline: the helper's end of a socket whose other end only the supervisor has: its end is the supervisor's death.
  ///   - lock: a share in the lock of the host, so that it lasts while the helper restores; nil without one.
  public static func start(
    path: String, control: Int32, lifeline: Int32, lock: Int32?, journal: String
  ) throws(SystemError) -> ChildProcess {
    var arguments = ["--control-fd", "3", "--life-fd", "4", "--journal", journal]
    var descriptors: [(own: Int32, child: Int32)] = [(own: control, child: 3), (own: lifeline, child: 4)]
    if let lock {
      arguments += ["--lock-fd", "5"]
      descriptors.append((own: lock, child: 5))
    }
    return try ChildProcess(spawning: path, arguments, descriptors: descriptors)
  }
}

/// Finds programs.
public enum Programs {
  /// This program's own file.
  public static func ownPath() -> String? { FileLink.target(of: "/proc/self/exe") }

  /// Where the helper should be: beside this program, for the two are one build.
  public static func expectedHelperPath() -> String {
    guard let own = ownPath(), let slash = own.lastIndex(of: "/") else { return PressureHelperProcess.executableName }
    return own[...slash] + PressureHelperProcess.executableName
  }

  /// The helper, where it is there and can be run.
  public static func helperPath() -> String? {
    let path = expectedHelperPath()
    return FileSystem.isExecutable(path) ? path : nil
  }

  /// `name` in PATH or where administrators' programs lie, which a user's PATH may leave out.
  public static func find(_ name: String) -> String? {
    let path = EnvironmentVariable.value("PATH") ?? ""
    for directory in path.split(separator: ":").map(String.init) + [
      "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin",
    ]
    where directory.hasPrefix("/") && FileSystem.isExecutable("\(directory)/\(name)") {
      return "\(directory)/\(name)"
    }
    return nil
  }
}
