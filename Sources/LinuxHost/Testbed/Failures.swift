public import Experiment
public import LinuxSystem
import SystemPackage

extension TestbedFailure {
  /// A system call that failed in the middle of the run.
  public init(_ error: SystemError, doing operation: String, advice: String = "") {
    self.init(
      .fault, operation: operation, subject: error.subject, errorNumber: error.errno.rawValue, reason: "\(error.errno)",
      advice: advice.isEmpty ? Self.advice(for: error.errno) : advice)
  }

  /// What helps against the errors that a full or busy machine gives, whatever was being done.
  static func advice(for errno: Errno) -> String {
    switch errno {
    case .noSpace: "free space in the work directory, or name another with --work-dir"
    case .tooManyOpenFiles: "raise the limit of open files (ulimit -n)"
    case .notPermitted, .permissionDenied: "`failover-bench doctor` names the missing privilege"
    case .noMemory: "the kernel is out of memory: ask for less (--pin) or a larger machine (--memory)"
    default: ""
    }
  }
}

/// Runs `body` and says of a failed system call what it was for.
func attempting<Result: ~Copyable>(
  _ operation: String, advice: String = "", _ body: () throws(SystemError) -> Result
) throws(TestbedFailure) -> Result {
  do throws(SystemError) { return try body() } catch { throw TestbedFailure(error, doing: operation, advice: advice) }
}
