public import Experiment
public import HostJournal
public import LinuxHost
import LinuxSystem
import RecordFiles

/// Supervises a run of the real testbed, and says how it has ended.
public final class RunSupervisor {
  /// What a run needs beside its scenario.
  public struct Options {
    public var scenario: Scenario
    /// In lower-case hexadecimal.
    public var runID: String
    /// The run's own directory is made in it, and removed with all that is in it.
    public var workParent: String
    /// Where the journal is kept.
    public var stateDirectory: String
    /// The run's own directory is not removed.
    public var keepImages: Bool
    public var helperPath: String
    public var mkfs: MkfsPrograms
    /// The kernel module of the scenario's pin backend, where it has one.
    public var pinModulePath: String?
    /// This program: the worker is started from it.
    public var ownPath: String
    /// A shell command for just before the failover; see `LinuxTestbed.Configuration`.
    public var beforeFailover: String?
    /// Whether it is traced what the mounts and the services ask of the page allocator.
    public var tracesFailover: Bool

    public init(
      scenario: Scenario, runID: String, workParent: String, stateDirectory: String, keepImages: Bool,
      helperPath: String, mkfs: MkfsPrograms, pinModulePath: String?, ownPath: String, beforeFailover: String? = nil,
      tracesFailover: Bool = false
    ) {
      (self.beforeFailover, self.scenario, self.runID) = (beforeFailover, scenario, runID)
      (self.workParent, self.stateDirectory, self.keepImages) = (workParent, stateDirectory, keepImages)
      (self.helperPath, self.mkfs, self.pinModulePath) = (helperPath, mkfs, pinModulePath)
      (self.ownPath, self.tracesFailover) = (ownPath, tracesFailover)
    }
  }

  private let options: Options
  private let observer: any RunObserver
  private var hasStoppedService = false
  private var lastMount = 0

  /// - Parameter observer: shows and records what happens.
  public init(_ options: Options, observer: any RunObserver) {
    self.options = options
    self.observer = observer
  }

  /// Performs the run. The lock is held until the host is restored.
  ///
  /// Throws when the journal cannot be made: nothing has been changed then. Every other way to end is in what it
  /// returns, and the mount and the warning of that are on record already.
  public func run(lock: borrowing HostLock) throws -> RunConclusion {
    DescriptorLimit.raise()
    let check = HostStateCheck(scenario: options.scenario, runID: options.runID)
    if let problem = check.problem { observer.record(.warning(problem)) }
    let kernelLog = try? KernelLogReader()
    let supervisor = WorkerSupervisor(plan, listener: self)
    let end = try supervisor.run(lock: lock)

    let texts = KernelTexts.read()
    if !texts.isEmpty { observer.record(.rawTexts(label: "teardown-after", texts: texts)) }
    let differences = check.differences(after: end.restore)
    // At once, too, and not only in the results: what is not as before the run should be seen by whoever started it.
    for text in end.restore.foreignValue.map({ "left alone: \($0.change): \($0.reason)" }) + differences.foreign {
      observer.show(.warning(text))
      observer.record(.warning(text))
    }
    observer.recordKernelLog(kernelLog?.text())
    let conclusion = RunConclusion(
      RunFacts(
        failure: end.failure, worker: end.worker, signal: end.signal,
        leftovers: end.restore.leftovers.map { "\($0.change): \($0.reason)" } + differences.leftovers,
        hasStoppedService: hasStoppedService, scenario: options.scenario))
    if let warning = conclusion.warning { observer.record(.warning(warning)) }
    if options.tracesFailover, let worker = end.worker, !worker.isReported {
      observer.record(
        .warning(
          "requests to the page allocator are unknown: the mounting process was gone before its trace could be read"
        ))
    }
    // It may have come to its end in the last moment.
    if let mount = conclusion.mount, mount.number > lastMount { observer.record(.mount(mount)) }
    return conclusion
  }

  private var plan: SupervisionPlan {
    let options = options
    let workDirectory = options.workParent + "/failover-bench-" + options.runID
    return SupervisionPlan(
      name: options.scenario.name, runID: options.runID, stateDirectory: options.stateDirectory,
      workDirectory: workDirectory, keepsWorkDirectory: options.keepImages, executable: options.ownPath,
      arguments: [RunWorker.argument], role: "testbed", helperPath: options.helperPath,
      failover: FailoverPlan(mounts: options.scenario.fileSystems, demand: options.scenario.mountDemand),
      timeouts: .run(options.scenario)
    ) { journalPath in
      try LineCoding.line(
        RunJob(
          scenario: options.scenario, runID: options.runID, workDirectory: workDirectory, journalPath: journalPath,
          mkfs: options.mkfs, pinModulePath: options.pinModulePath,
          beforeFailover: options.beforeFailover, tracesFailover: options.tracesFailover))
    }
  }
}

extension RunSupervisor: WorkerListener {
  func received(_ event: RunEvent) {
    if case .mount(let mount) = event {
      lastMount = mount.number
      if !mount.outcome.isInService { hasStoppedService = true }
    }
    observer.show(event)
    observer.record(event)
  }

  /// What a run gives are its events.
  func received(result: String) throws {}

  func receivedSignal(isFirst: Bool) {
    observer.show(
      isFirst
        ? "stopping; the host is being restored, partial results are kept"
        : "already stopping; `failover-bench cleanup` restores the host if this process is killed")
  }
}
