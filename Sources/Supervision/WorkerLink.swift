import Experiment
import RecordFiles

/// What the supervisor and its worker say to each other: a line each, over a socket that both watch for the other's
/// death.
///
/// The supervisor sends the job, perhaps ``cancel``, and ``release``. The worker answers with events, the last of which
/// is `ended`, and may send one result before it. It asks by ``synchronize`` whether all of them have been dealt with, and
/// hears ``synchronized`` then. What is measured in the failover comes another way (`FailoverLog`).
enum WorkerLink {
  /// The worker's end of the socket.
  static let linkDescriptor: Int32 = 3
  /// The worker's end of the socket to the pressure helper, where there is one.
  static let helperDescriptor: Int32 = 4
  /// The worker's share in the lock of the host.
  static let lockDescriptor: Int32 = 5
  /// The log of the failover, where there is one.
  static let logDescriptor: Int32 = 6

  /// Asks for an orderly end.
  static let cancel = "cancel"
  /// Says that the worker is not needed any more: it ends.
  static let release = "release"
  static let synchronize = "synchronize"
  static let synchronized = "synchronized"

  private static let resultMark = "result "

  /// The line that carries what the worker was started for; all its other lines are events.
  static func line(result: some Encodable) throws -> String { resultMark + (try LineCoding.line(result)) }

  /// A line of the worker's.
  enum Message: Equatable {
    case event(RunEvent)
    /// As JSON.
    case result(String)
    case synchronize

    init(_ line: String) throws {
      self =
        if line == WorkerLink.synchronize { .synchronize } else if line.hasPrefix(resultMark) {
          .result(String(line.dropFirst(resultMark.count)))
        } else {
          .event(try EventCoding.event(line))
        }
    }
  }
}
