import Experiment
public import SystemPackage

/// What went wrong with a file of a results directory, in one line.
public struct RecordFileError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// There is something where the results should go.
    case inTheWay
    case missing
    /// Cut off in the middle.
    case truncated
    /// Not a file of this program.
    case foreign
    /// Written by a later version of this program.
    case newerSchema
    /// Of this program, but with values that it cannot have written.
    case invalid
    /// A name that could lead out of the results directory.
    case badName
    case noSpace
    /// Anything else that the system refused.
    case system
  }

  public let kind: Kind
  /// What was being done, as in "write".
  public let operation: String
  public let path: String
  public let errno: Errno?
  public let reason: String
  /// What to do next; empty where there is nothing to say.
  public let advice: String

  public init(
    _ kind: Kind, operation: String, path: String, errno: Errno? = nil, reason: String, advice: String = ""
  ) {
    (self.kind, self.operation, self.path, self.errno, self.reason) = (kind, operation, path, errno, reason)
    self.advice = advice
  }

  public var description: String {
    let text = "cannot \(operation) \(SingleLine.text(path, limit: 4096)): \(SingleLine.text(reason))"
    return advice.isEmpty ? text : "\(text); \(advice)"
  }
}

extension RecordFileError {
  /// An error of the system, with advice where there is something to be done about it.
  init(operation: String, path: String, _ errno: Errno) {
    let (kind, advice): (Kind, String) =
      switch errno {
      case .noSpace, .diskQuotaExceeded:
        (.noSpace, "what was written before is valid; make room there, or give --output a directory on another disk")
      case .readOnlyFileSystem: (.system, "that file system is read-only; give --output a directory elsewhere")
      case .permissionDenied, .notPermitted: (.system, "give --output a directory that you may write to")
      case .noSuchFileOrDirectory: (.missing, "")
      case .tooManySymbolicLinkLevels: (.inTheWay, "symbolic links are not followed here; name the directory itself")
      default: (.system, "")
      }
    self.init(kind, operation: operation, path: path, errno: errno, reason: errno.description, advice: advice)
  }

  /// Names come back in messages, tables and pages, each of them a line.
  static func checkName(_ path: String, operation: String) throws(RecordFileError) {
    guard SingleLine.text(path, limit: path.count) == path else {
      throw RecordFileError(
        .badName, operation: operation, path: path,
        reason: "there is a line break or another control character in its name", advice: "rename it")
    }
  }
}

/// Runs something that throws `Errno`, and says what it was for when it fails.
func attempting<Result: ~Copyable>(
  _ operation: String, _ path: String, _ body: () throws(Errno) -> Result
) throws(RecordFileError) -> Result {
  do throws(Errno) { return try body() } catch { throw RecordFileError(operation: operation, path: path, error) }
}
