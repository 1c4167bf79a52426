import Experiment

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
  public let errorNumber: Int32?
  public let reason: String
  /// What to do next; empty where there is nothing to say.
  public let advice: String

  public init(
    _ kind: Kind, operation: String, path: String, errorNumber: Int32? = nil, reason: String, advice: String = ""
  ) {
    self.kind = kind
    self.operation = operation
    self.path = path
    self.errorNumber = errorNumber
    self.reason = reason
    self.advice = advice
  }

  public var description: String {
    let text = "cannot \(operation) \(SingleLine.text(path, limit: 4096)): \(SingleLine.text(reason))"
    return advice.isEmpty ? text : "\(text); \(advice)"
  }
}
