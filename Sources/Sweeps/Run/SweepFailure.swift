public import Supervision

/// Why a sweep cannot be planned or go on, in words for the user.
public struct SweepFailure: Error, Equatable, CustomStringConvertible {
  public let exitStatus: ExitStatus
  public let description: String

  init(_ exitStatus: ExitStatus, _ description: String) {
    self.exitStatus = exitStatus
    self.description = description
  }
}
