import ArgumentParser
import Foundation
import LinuxSystem

/// Where the process begins. The only place, beside the testbed's process, that ends it.
@main
struct Entry {
  static func main() {
    // The testbed's process must enter its mount namespace before any thread exists, so it is told apart before anything else.
    if CommandLine.arguments.dropFirst().first == TestbedProcess.argument { exit(TestbedProcess.run()) }
    if CommandLine.arguments.dropFirst().first == ProfileProcess.argument { exit(ProfileProcess.run()) }
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
        if let failure = error as? CommandFailure { failure.code } else { code == .validationFailure ? .usage : .broken }
      exit(status.rawValue)
    }
  }
}
