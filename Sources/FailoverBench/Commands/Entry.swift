import ArgumentParser
import Foundation
import LinuxSystem
import Supervision

/// Where the process begins. The only place that ends it.
@main
struct Entry {
  static func main() {
    // A worker must enter its mount namespace before any thread exists, so it is told apart before anything else.
    switch CommandLine.arguments.dropFirst().first {
    case RunWorker.argument: exit(RunWorker.main())
    case ProfileWorker.argument: exit(ProfileWorker.main())
    default: break
    }
    // Whoever reads our output may go away; that is no reason to leave a host half restored.
    StandardError.ignoreBrokenPipes()
    do {
      var command = try FailoverBenchCommand.parseAsRoot()
      try command.run()
    } catch {
      let code = FailoverBenchCommand.exitCode(for: error)
      // Help and version are asked for, and go out whole; a bare exit code has said all it has to say.
      if code == .success || error is ExitCode { FailoverBenchCommand.exit(withError: error) }
      let line = FailoverBenchCommand.message(for: error).split(separator: "\n").joined(separator: " ")
      StandardError.write("failover-bench: \(line)\n")
      let status: ExitStatus =
        if let failure = error as? CommandFailure {
          failure.exitStatus
        } else {
          code == .validationFailure ? .usage : .broken
        }
      exit(status.rawValue)
    }
  }
}
