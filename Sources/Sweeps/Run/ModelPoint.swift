import Analysis
import Experiment
import LinuxSystem
import MemoryModel
import RecordFiles
import Supervision

/// One point of a sweep on the simulated machine, with the files of a run.
struct ModelPoint {
  let path: String
  let plan: SweepPlan
  /// Of the program that plays it.
  let tool: String
  let mountTable: RunRecorder.MountTable

  /// - Throws: the point cannot be played, or its results cannot be begun.
  func run(_ point: SweepPlan.Point) throws(CommandFailure) -> SweepFolder.Outcome {
    let setting = plan.settings[point.setting]
    let results = SweepFolder.resultsPath(path, plan, point)
    let began = Clock.monotonicNanoseconds()
    let reason: String?
    do {
      var scenario = try SweepFolder.scenario(path, setting)
      scenario.seed = point.seed
      guard let scheme = Scheme.named(plan.scheme(for: setting)) else {
        throw ScenarioError(key: "scheme", value: plan.scheme(for: setting), expected: Scheme.names)
      }
      let recording = Recording(
        try RunRecorder(
          record: record(scenario, scheme),
          directory: RunDirectory.make(at: "\(path)/\(results)", owner: FileOwner.behindSudo), mountTable: mountTable))
      Runner(scenario: scenario, context: recording).run(try SimulatedTestbed(scenario: scenario, scheme: scheme))
      reason = recording.finish()
    } catch { throw CommandFailure(.usage, "\(error)") }
    return .init(
      point: point.number, status: reason == nil ? .done : .failed,
      exitStatus: (reason == nil ? ExitStatus.allServicesUp : .broken).rawValue, results: results, reason: reason,
      durationNanoseconds: Clock.monotonicNanoseconds() - began)
  }

  /// The simulated machine in the place of the host.
  private func record(_ scenario: Scenario, _ scheme: Scheme) -> RunRecord {
    RunRecord(
      tool: tool, runID: RunID.random(), startedAtUnixNanoseconds: Clock.unixNanoseconds(),
      arguments: ["sweep", "--testbed", "model"], scenario: scenario,
      host: HostFacts(
        kernelRelease: "simulated, \(scheme.name)", kernelVersion: scheme.title,
        architecture: HostFacts.modelArchitecture,
        kernelCommandLine: "", distribution: nil,
        cpuModel: nil, cpuCount: 1, memoryTotalBytes: scenario.memoryBytes ?? 4 << 30, pageBytes: 4096, swapBytes: 0,
        isContainer: false,
        imageFileSystem: nil, settings: [:]))
  }

  /// What the testbed tells goes into the results.
  private final class Recording: RunContext {
    private var recorder: RunRecorder

    init(_ recorder: consuming RunRecorder) { self.recorder = recorder }

    func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }
    func checkpoint() throws(TestbedFailure) {}
    func progress(done: UInt64, total: UInt64) {}
    func report(_ event: RunEvent) { recorder.take(event) }

    /// Why the results are not whole, or the run did not come to its end.
    func finish() -> String? {
      recorder.finish(RunSummary(of: recorder.record, observations: recorder.observations))
      return recorder.failure.map { "\($0)" } ?? recorder.record.incompleteReason
    }
  }
}
