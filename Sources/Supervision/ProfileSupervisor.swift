import Experiment
public import HostJournal
public import LinuxHost
import RecordFiles

/// Supervises a profile of the mounts on this machine.
public final class ProfileSupervisor {
  /// The outcome.
  public struct Outcome {
    public let measurement: Result<MountProfiler.Measurement, CommandFailure>
    public let warnings: [String]
  }

  private let configuration: MountProfiler.Configuration
  private let stateDirectory: String
  private let ownPath: String
  private let onProgress: (_ done: Int, _ total: Int) -> Void
  private var measured: MountProfiler.Measurement?
  private(set) var warnings: [String] = []

  /// - Parameters:
  ///   - stateDirectory: where the journal is kept.
  ///   - ownPath: this program: the worker is started from it.
  ///   - onProgress: told how many mounts of how many are done.
  public init(
    configuration: MountProfiler.Configuration, stateDirectory: String, ownPath: String,
    onProgress: @escaping (_ done: Int, _ total: Int) -> Void
  ) {
    (self.configuration, self.stateDirectory, self.ownPath) = (configuration, stateDirectory, ownPath)
    self.onProgress = onProgress
  }

  /// Takes the profile. The lock is held until the host is restored.
  ///
  /// Throws when the journal cannot be made: nothing has been changed then. Every other way to end is in what it
  /// returns.
  public func run(lock: borrowing HostLock) throws -> Outcome {
    let supervisor = WorkerSupervisor(plan, listener: self)
    let end = try supervisor.run(lock: lock)
    warnings += end.restore.foreignValue.map { "left alone: \($0.change): \($0.reason)" }
    do throws(CommandFailure) {
      return Outcome(
        measurement: .success(try ProfileConclusion.measurement(end, measured: measured)), warnings: warnings)
    } catch {
      return Outcome(measurement: .failure(error), warnings: warnings)
    }
  }

  private var plan: SupervisionPlan {
    let configuration = configuration
    return SupervisionPlan(
      name: "profile", runID: configuration.runID, stateDirectory: stateDirectory,
      workDirectory: configuration.workDirectory,
      executable: ownPath, arguments: [ProfileWorker.argument], role: "profile", timeouts: .profile
    ) { journalPath in try LineCoding.line(ProfileJob(configuration: configuration, journalPath: journalPath)) }
  }
}

extension ProfileSupervisor: WorkerListener {
  func received(_ event: RunEvent) {
    switch event {
    case .progress(_, let done, let total): onProgress(Int(clamping: done), Int(clamping: total))
    case .warning(let text): warnings.append(text)
    case .ended(_, let leftovers):
      warnings += leftovers.items.map { "the profile's process ended before releasing everything: \($0)" }
    default: break
    }
  }

  func received(result: String) throws { measured = try LineCoding.value(MountProfiler.Measurement.self, from: result) }

  /// A profile takes seconds: there is nothing to say until it has stopped.
  func receivedSignal(isFirst: Bool) {}
}
