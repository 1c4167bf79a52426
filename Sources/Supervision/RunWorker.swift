import Experiment
import HostJournal
import LinuxHost

/// The worker of `run`: the real testbed, and the runner that drives it through the scenario.
public enum RunWorker {
  /// The program's first argument in this process.
  public static let argument = "testbed-process"

  /// Performs the run. Must be called before anything else, while the process has one thread.
  ///
  /// - Returns: the exit code.
  public static func main() -> Int32 { WorkerProcess.run(RunJob.self) }
}

/// One run.
struct RunJob: WorkerJob {
  static let operation = "start the testbed"

  var scenario: Scenario
  var runID: String
  var workDirectory: String
  var journalPath: String
  var mkfs: MkfsPrograms
  var pinModulePath: String?
  var beforeFailover: String?
  var tracesFailover: Bool

  func perform(journal: consuming Journal, context: LinkContext) throws {
    let host = try LinuxTestbed(
      scenario: scenario,
      configuration: .init(
        runID: runID, workDirectory: workDirectory, mkfs: mkfs, helperDescriptor: WorkerLink.helperDescriptor,
        logDescriptor: WorkerLink.logDescriptor, pinModulePath: pinModulePath, beforeFailover: beforeFailover,
        tracesFailover: tracesFailover),
      journal: journal)
    Runner(scenario: scenario, context: context).run(host)
  }
}
