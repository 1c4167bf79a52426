import ArgumentParser
import Experiment
import Supervision

struct FailoverBenchCommand: ParsableCommand {
  static let version = "0.1.0"
  /// As results name it.
  static let tool = "failover-bench \(version)"

  static let configuration = CommandConfiguration(
    commandName: "failover-bench",
    abstract: "Mount-time curves of a failover on a kernel whose memory is fragmented.",
    discussion: """
      Reproduces on a real Linux machine the experiment of Ebata and Fujiwara (2005): 128 file systems are mounted one after \
      another on a node whose kernel memory was fragmented first.

      EXIT STATUS
        0    all services are up
        1    a service stopped; of gate and run --require: a requirement is not met
        2    of gate and run --require: inconclusive
        64   usage: an option or a value is wrong; nothing was touched
        69   the environment does not allow it; `failover-bench doctor` says why
        70   the run itself broke: the helper was killed, the disk is full, something is stuck
        130  interrupted (SIGINT); partial results are kept
        143  terminated (SIGTERM); partial results are kept
      """,
    version: version,
    subcommands: [
      RunCommand.self, ModelCommand.self, ReportCommand.self, CompareCommand.self, SweepCommand.self, GateCommand.self,
      ProfileCommand.self, DoctorCommand.self,
      CleanupCommand.self, BenchWorkloadCommand.self, BenchLibmountCommand.self, ManualCommand.self,
    ],
    defaultSubcommand: nil)
}

extension CommandFailure {
  /// A value that cannot be used, in the words that a scenario's own values have.
  ///
  /// - Parameters:
  ///   - subject: the option as it is typed.
  ///   - expected: what may be given.
  init(invalid value: String, for subject: String, expected: String) {
    self.init(.usage, ScenarioError.text(SingleLine.text(value, limit: 120), for: subject, "expected \(expected)"))
  }
}
