import Experiment
import LinuxSystem
import MemoryModel
import RecordFiles
import Supervision
import Sweeps

/// One point of a sweep on the simulated machine, with the files of a run.
struct ModelPoint {
  let path: String
  let plan: SweepPlan

  func run(_ point: SweepPlan.Point) throws -> SweepFolder.Outcome {
    let setting = plan.settings[point.setting]
    let results = SweepFolder.resultsPath(path, plan, point)
    let began = Clock.monotonicNanoseconds()
    do {
      var scenario = try SweepFolder.scenario(path, setting)
      scenario.seed = point.seed
      guard let scheme = Scheme.named(plan.scheme(for: setting)) else {
        throw ScenarioError(key: "scheme", value: plan.scheme(for: setting), expected: Scheme.names)
      }
      let session = try RunSession(record: Self.record(scenario, scheme), output: "\(path)/\(results)")
      let context = SessionContext(session)
      Runner(scenario: scenario, context: context).run(try SimulatedTestbed(scenario: scenario, scheme: scheme))
      let flaw = session.finish()
      if let reason = flaw ?? session.record.incompleteReason {
        return .init(
          point: point.number, status: .failed, exitStatus: ExitStatus.broken.rawValue, results: results,
          reason: reason,
          durationNanoseconds: Clock.monotonicNanoseconds() - began)
      }
    } catch { throw CommandFailure(.usage, "\(error)") }
    return .init(
      point: point.number, status: .done, exitStatus: 0, results: results, reason: nil,
      durationNanoseconds: Clock.monotonicNanoseconds() - began)
  }

  /// The simulated machine in the place of the host.
  private static func record(_ scenario: Scenario, _ scheme: Scheme) -> RunRecord {
    RunRecord(
      tool: "failover-bench \(FailoverBenchCommand.version)", runID: RunID.random(),
      startedAtUnixNanoseconds: Clock.unixNanoseconds(),
      arguments: ["sweep", "--testbed", "model"], scenario: scenario,
      host: HostFacts(
        kernelRelease: "simulated, \(scheme.name)", kernelVersion: scheme.title, architecture: "model",
        kernelCommandLine: "", distribution: nil,
        cpuModel: nil, cpuCount: 1, memoryTotalBytes: scenario.memoryBytes ?? 4 << 30, pageBytes: 4096, swapBytes: 0,
        isContainer: false,
        imageFileSystem: nil, settings: [:]))
  }

  /// What the testbed tells goes into the results.
  private struct SessionContext: RunContext {
    let session: RunSession

    init(_ session: RunSession) { self.session = session }

    func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }
    func checkpoint() throws(TestbedFailure) {}
    func progress(done: UInt64, total: UInt64) {}
    func report(_ event: RunEvent) { session.handle(event) }
  }
}
