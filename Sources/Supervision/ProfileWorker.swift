import Experiment
import HostJournal
import LinuxHost

/// The worker of `profile`: mounts some file systems and traces what each mount asks for.
public enum ProfileWorker {
  /// The program's first argument in this process.
  public static let argument = "profile-process"

  /// Takes the profile. Must be called before anything else, while the process has one thread.
  ///
  /// - Returns: the exit code.
  public static func main() -> Int32 { WorkerProcess.run(ProfileJob.self) }
}

/// One profile.
struct ProfileJob: WorkerJob {
  static let operation = "profile"

  var configuration: MountProfiler.Configuration
  var journalPath: String

  func perform(journal: consuming Journal, context: LinkContext) throws {
    let outcome = MountProfiler.measure(configuration, journal: journal, context)
    switch outcome.measurement {
    case .success(let measurement):
      try context.report(result: measurement)
      context.report(.ended(.completed, outcome.leftovers))
    case .failure(let failure): context.report(.ended(.failed(failure), outcome.leftovers))
    }
  }
}
