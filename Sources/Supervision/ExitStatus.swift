/// The exit status of the process; `--help` and the README have the same table.
public enum ExitStatus: Int32, Sendable {
  case allServicesUp = 0
  case serviceStopped = 1
  /// An option or a value is wrong; nothing was touched.
  case usage = 64
  /// This machine does not allow it.
  case environment = 69
  /// The run itself could not go on, or something is left on the host.
  case broken = 70
  /// Stopped by SIGINT, or by SIGHUP.
  case interrupted = 130
  /// Stopped by SIGTERM.
  case terminated = 143

  /// Whether the experiment came to its end, whatever it found.
  public var isResult: Bool { self == .allServicesUp || self == .serviceStopped }
}

/// Why a command ends before its end, in one line for the user.
public struct CommandFailure: Error, Equatable, CustomStringConvertible {
  public let exitStatus: ExitStatus
  public let description: String

  public init(_ exitStatus: ExitStatus, _ description: String) {
    self.exitStatus = exitStatus
    self.description = description
  }
}
