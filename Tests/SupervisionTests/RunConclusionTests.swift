import Experiment
import LinuxSystem
import Testing

@testable import Supervision

/// How a run has ended, row by row.
@Suite struct RunConclusionTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var worker: WorkerEnd?
    var signal: Int32?
    var leftovers: [String] = []
    var failure: String?
    var hasStoppedService = false
    var keepGoing = false
    var status: Supervision.ExitStatus
    var record: RunConclusion.RecordEnd

    init(
      _ name: String, _ worker: WorkerEnd?, signal: Int32? = nil, leftovers: [String] = [], failure: String? = nil,
      hasStoppedService: Bool = false, keepGoing: Bool = false, gives status: Supervision.ExitStatus,
      _ record: RunConclusion.RecordEnd = .asReported
    ) {
      testDescription = name
      (self.worker, self.signal, self.leftovers, self.failure) = (worker, signal, leftovers, failure)
      (self.hasStoppedService, self.keepGoing, self.status, self.record) = (
        hasStoppedService, keepGoing, status, record
      )
    }

    var conclusion: RunConclusion {
      var scenario = Scenario(name: "test")
      (scenario.fileSystems, scenario.keepGoing, scenario.mountDemand) = (8, keepGoing, .none)
      return RunConclusion(
        RunFacts(
          failure: failure, worker: worker, signal: signal, leftovers: leftovers, hasStoppedService: hasStoppedService,
          scenario: scenario))
    }
  }

  private static func failed(_ kind: TestbedFailure.Kind) -> WorkerEnd {
    .reported(.failed(TestbedFailure(kind, operation: "test", reason: "a reason")))
  }

  private static func timedOut(_ number: Int = 3, isStuck: Bool = false) -> WorkerEnd {
    .mountTimedOut(OverdueMount(number: number, startedAtNanoseconds: 20, waitedNanoseconds: 60), isStuck: isStuck)
  }

  private static func died(_ status: ChildProcess.Ending?, in mount: Int? = nil) -> WorkerEnd {
    .died(crashStatus: status, inMount: mount)
  }

  private static let left = ["a thing: a reason"]
  private static let (interrupt, terminate) = (SignalDescriptor.interrupt, SignalDescriptor.terminate)
  private static let silent = RunConclusion.RecordEnd.cutOff(
    "the testbed's process stopped responding and was killed")

  static let reported = [
    Row("all services are up", .reported(.completed), gives: .allServicesUp),
    Row("a service has stopped", .reported(.completed), hasStoppedService: true, gives: .serviceStopped),
    Row("something is left on the host", .reported(.completed), leftovers: left, gives: .broken),
    Row(
      "a service has stopped and something is left", .reported(.completed), leftovers: left, hasStoppedService: true,
      gives: .broken),
    // The signal has come when everything was done.
    Row("a signal at the very end", .reported(.completed), signal: interrupt, gives: .allServicesUp),
    Row("interrupted", failed(.cancelled), signal: interrupt, gives: .interrupted),
    Row(
      "interrupted, with something left", failed(.cancelled), signal: interrupt, leftovers: left, gives: .interrupted),
    Row("terminated", failed(.cancelled), signal: terminate, gives: .terminated),
    Row("hung up", failed(.cancelled), signal: SignalDescriptor.hangup, gives: .interrupted),
    Row("cancelled by nobody", failed(.cancelled), gives: .interrupted),
    Row("the environment does not allow it", failed(.environment), gives: .environment),
    Row(
      "the environment does not allow it, and something is left", failed(.environment), leftovers: left,
      gives: .broken),
    Row("something broke", failed(.fault), gives: .broken),
    Row("something broke while a signal came", failed(.fault), signal: interrupt, gives: .broken),
    Row("the helper is gone", failed(.helper), gives: .broken),
  ]

  static let unreported = [
    Row("the supervisor failed", .unresponsive, failure: "a failure", gives: .broken, .cutOff("a failure")),
    Row(
      "the supervisor failed while a signal came", .unresponsive, signal: interrupt, failure: "a failure",
      gives: .broken, .cutOff("a failure")),
    Row("the supervisor failed first", nil, failure: "a failure", gives: .broken, .cutOff("a failure")),
    Row("there never was a worker", nil, gives: .broken, .cutOff("the testbed's process was never started")),
    Row("silent", .unresponsive, gives: .broken, silent),
    Row("silent after a signal", .unresponsive, signal: terminate, gives: .terminated, silent),
    Row("dead", died(nil), gives: .broken, .cutOff("the testbed's process died")),
    Row(
      "killed in a mount", died(.signaled(9), in: 3), gives: .broken,
      .cutOff("the testbed's process was killed by signal 9 in mount 3")),
    Row(
      "killed after a signal", died(.signaled(9)), signal: interrupt, gives: .interrupted,
      .cutOff("the testbed's process was killed by signal 9")),
    Row(
      "not allowed to begin", died(.exited(69)), gives: .environment,
      .cutOff("the testbed's process exited with code 69")),
    Row(
      "not allowed to begin, and something is left", died(.exited(69)), leftovers: left, gives: .broken,
      .cutOff("the testbed's process exited with code 69")),
    Row(
      "broken at the beginning", died(.exited(70)), gives: .broken, .cutOff("the testbed's process exited with code 70")
    ),
  ]

  static let mounts = [
    Row("a mount timed out: a stopped service", timedOut(), gives: .serviceStopped, .complete),
    Row("a mount timed out, and something is left", timedOut(), leftovers: left, gives: .broken, .complete),
    Row(
      "a mount timed out after a signal", timedOut(), signal: terminate, gives: .terminated,
      .cutOff("stopped by a signal in mount 3")),
    Row(
      "a mount timed out, and those behind it are missed", timedOut(), keepGoing: true, gives: .broken,
      .cutOff("mount 3 did not return, and the mounts after it could not be tried")),
    Row("the last mount timed out", timedOut(8), keepGoing: true, gives: .serviceStopped, .complete),
    Row(
      "a mount hangs", timedOut(isStuck: true), gives: .broken,
      .cutOff("mount 3 hangs in the kernel and cannot be killed")),
    Row(
      "a mount hangs after a signal", timedOut(isStuck: true), signal: interrupt, gives: .broken,
      .cutOff("mount 3 hangs in the kernel and cannot be killed")),
  ]

  @Test(arguments: reported + unreported)
  func row(_ row: Row) {
    #expect(
      row.conclusion
        == RunConclusion(exitStatus: row.status, record: row.record, leftovers: row.leftovers, mount: nil, warning: nil)
    )
  }

  @Test(arguments: mounts)
  func mount(_ row: Row) throws {
    let conclusion = row.conclusion
    #expect(conclusion.exitStatus == row.status && conclusion.record == row.record && conclusion.warning == nil)
    guard case .mountTimedOut(let overdue, let isStuck) = row.worker else { return }
    #expect(conclusion.leftovers == (isStuck ? ["mount \(overdue.number) hangs in the kernel"] : []) + row.leftovers)
    let mount = try #require(conclusion.mount)
    #expect(mount.number == overdue.number && mount.outcome == (isStuck ? .stuck : .timedOut))
    #expect(mount.startedAtNanoseconds == 20 && mount.mountDurationNanoseconds == 60 && mount.demand == nil)
  }

  @Test("a service that hangs is one of a volume that is mounted, with its mount's own time", arguments: [false, true])
  func service(isStuck: Bool) throws {
    var scenario = Scenario(name: "test")
    scenario.service.files = 64
    let overdue = OverdueMount(number: 3, startedAtNanoseconds: 20, waitedNanoseconds: 60, servedNanoseconds: 45)
    let conclusion = RunConclusion(
      RunFacts(
        worker: .mountTimedOut(overdue, isStuck: isStuck), leftovers: [], hasStoppedService: false, scenario: scenario))
    let mount = try #require(conclusion.mount)
    #expect(mount.outcome.isMounted && !mount.outcome.isInService && mount.outcome.word == "degraded")
    #expect(mount.outcome.explanation.contains("did not return within the service timeout"))
    #expect(mount.outcome.explanation.contains("cannot be interrupted") == isStuck)
    #expect(mount.mountDurationNanoseconds == 15 && mount.service?.durationNanoseconds == 45)
    #expect(mount.service?.files == 64 && mount.service?.rightFiles == 0)
    #expect(conclusion.leftovers == (isStuck ? ["the service of mount 3 hangs in the kernel"] : []))
  }

  @Test("the time of a mount with a demand was not measured separately, and the record says so")
  func demand() {
    var scenario = Scenario(name: "test")
    scenario.mountDemand = .paper
    var facts = RunFacts(worker: Self.timedOut(), leftovers: [], hasStoppedService: false, scenario: scenario)
    #expect(
      RunConclusion(facts).warning?.hasPrefix("mount 3 did not return: the time recorded for it includes") == true)
    facts.worker = .unresponsive
    #expect(RunConclusion(facts).warning == nil)
  }
}
