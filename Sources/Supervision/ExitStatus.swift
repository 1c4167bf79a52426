/// What the process answers the one who started it; `--help` and the README have the same table.
public enum ExitStatus: Int32, Sendable {
  case allServicesUp = 0
  case serviceStopped = 1
  case usage = 64
  case environment = 69
  case broken = 70
  case interrupted = 130
  case terminated = 143

  /// Whether the experiment came to its end, whatever it found.
  public var isResult: Bool { self == .allServicesUp || self == .serviceStopped }
}
