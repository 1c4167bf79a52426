import Experiment
import HostJournal
import LinuxHost
import LinuxSystem
import RecordFiles
import Testing

@testable import Supervision

/// How a profile has ended, row by row.
@Suite struct ProfileConclusionTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var worker: WorkerEnd?
    var signal: Int32?
    var failure: String?
    var problem: String?
    var status: Supervision.ExitStatus

    init(
      _ name: String, _ worker: WorkerEnd?, signal: Int32? = nil, failure: String? = nil, problem: String? = nil,
      gives status: Supervision.ExitStatus
    ) {
      testDescription = name
      (self.worker, self.signal, self.failure, self.problem, self.status) = (worker, signal, failure, problem, status)
    }
  }

  private static func failed(_ kind: TestbedFailure.Kind) -> WorkerEnd {
    .reported(.failed(TestbedFailure(kind, operation: "test", reason: "a reason")))
  }

  static let failures = [
    Row(
      "something is left, whatever else", .reported(.completed), signal: SignalDescriptor.interrupt, failure: "f",
      problem: "p", gives: .broken),
    Row("the supervisor failed", .unresponsive, signal: SignalDescriptor.interrupt, failure: "f", gives: .broken),
    Row("interrupted", failed(.cancelled), signal: SignalDescriptor.interrupt, gives: .interrupted),
    Row("terminated", .reported(.completed), signal: SignalDescriptor.terminate, gives: .terminated),
    Row("no measurement", .reported(.completed), gives: .broken),
    Row("the environment does not allow it", failed(.environment), gives: .environment),
    Row("something broke", failed(.fault), gives: .broken),
    Row("silent", .unresponsive, gives: .broken),
    Row("dead", .died(crashStatus: .exited(69), inMount: nil), gives: .broken),
    Row("no worker", nil, gives: .broken),
  ]

  @Test(arguments: failures)
  func failure(_ row: Row) {
    var report = RestoreReport()
    if let problem = row.problem { report.problems = [problem] }
    let end = SupervisedEnd(worker: row.worker, signal: row.signal, failure: row.failure, restore: report)
    let failure = #expect(throws: CommandFailure.self) { try ProfileConclusion.measurement(end, measured: nil) }
    #expect(failure?.exitStatus == row.status)
    if row.problem != nil { #expect(failure?.description.contains("not everything could be restored: p;") == true) }
  }

  /// Also where the profile failed: nobody else hears of it.
  @Test(arguments: [RunEnd.completed, .failed(TestbedFailure(.fault, operation: "test", reason: "a reason"))])
  func whatTheWorkerCouldNotUnmountIsAWarning(_ end: RunEnd) {
    let supervisor = ProfileSupervisor(
      configuration: .init(
        fileSystem: .xfs, fileSystemBytes: 1, mounts: 1, runID: "0", workDirectory: "/work", mkfsPath: "/mkfs"),
      stateDirectory: "/state", ownPath: "/self", onProgress: { _, _ in })
    supervisor.received(.ended(end, Leftovers()))
    #expect(supervisor.warnings.isEmpty)
    supervisor.received(.ended(end, Leftovers(items: ["/work/mnt/1 is still mounted: busy"])))
    #expect(supervisor.warnings.count == 1)
    #expect(supervisor.warnings.first?.hasSuffix(": /work/mnt/1 is still mounted: busy") == true)
  }

  @Test func whatWasMeasuredIsTheOutcome() throws {
    let measured = try LineCoding.value(
      MountProfiler.Measurement.self, from: #"{"mounts":[],"unavailable":[{"what":"a thing","reason":"a reason"}]}"#)
    let end = SupervisedEnd(worker: .reported(.completed), restore: RestoreReport())
    #expect(try ProfileConclusion.measurement(end, measured: measured).unavailable == measured.unavailable)
  }
}
