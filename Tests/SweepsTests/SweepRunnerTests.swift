import Analysis
import Experiment
import Foundation
import RecordFiles
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Sweeps

/// A sweep from what was asked for to the outcomes of its points, with a program of the test's own in the place of `failover-bench run`.
///
/// One test after the other: a script that is being written while another test starts a process cannot be run ("Text file busy").
@Suite(.serialized) final class SweepRunnerTests {
  private let path = "\(FileManager.default.temporaryDirectory.path)/fb-sweeps-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private static func planned(_ change: (inout SweepFile) -> Void = { _ in }) throws -> PlannedSweep {
    var asked = SweepFile()
    asked.set = ["filesystems=1,2"]
    asked.repeats = 2
    change(&asked)
    return try PlannedSweep(asked, base: Scenario(name: "s"), tool: "t", anySeed: 1)
  }

  /// A runner of a sweep whose runs do as `script` does.
  private func runner(_ script: String) throws -> SweepRunner {
    _ = try SweepStore(new: ResultsFolder.make(at: path), plan: Self.planned().plan)
    let program = path + "/program"
    try "#!/bin/sh\n\(script)\n".write(toFile: program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
    let table = RunRecorder.MountTable(header: "\n") { _, _, _, _ in "\n" }
    return try SweepRunner(path: path, tool: "t", mountTable: table) {
      .init(program: program, workDirectory: "/w", stateDirectory: "/s", pinModulePath: nil)
    }
  }

  @Test func whatIsAskedForBecomesAPlan() throws {
    let planned = try Self.planned { $0.fix = ["files=7", "vm.swappiness=3"] }
    #expect(planned.plan.machine == .linux && planned.plan.scheme == "linux-6" && planned.plan.points.count == 4)
    #expect(planned.scenarios.map(\.fileSystems) == [1, 2] && planned.scenarios.allSatisfy { $0.files == 7 })
    #expect(planned.scenarios.allSatisfy { $0.sysctls == [SysctlSetting("vm.swappiness=3")!] })
    #expect(try Self.planned { $0.repeats = nil }.plan.repeats == PlannedSweep.defaultRounds)
    #expect(try Self.planned { ($0.repeats, $0.looks) = (nil, [3, 5]) }.plan.lookSchedule.rounds == [3, 5])
    #expect(try Self.planned { $0.seed = nil }.plan.seed == 1, "the seed that it is given for any")
  }

  @Test func whatCannotBeUsedIsNamed() {
    for (change, text) in [
      ({ $0.set = [] }, "nothing to sweep"), ({ $0.testbed = "moon" }, "'moon' for --testbed: expected linux, model"),
      ({ $0.scheme = "moon" }, "'moon' for --scheme"), ({ $0.repeats = 0 }, "'0' for --repeat: expected 1 to 1000"),
      ({ $0.fix = ["files=-1"] }, "'-1' for --fix files"), ({ $0.set += ["filesystems=3,4"] }, "each key once"),
    ] as [((inout SweepFile) -> Void, String)] {
      let failure = #expect(throws: CommandFailure.self) { try Self.planned(change) }
      #expect(failure?.exitStatus == .usage && failure?.description.contains(text) == true, "\(text)")
    }
  }

  @Test func eachPointIsARunOfItsOwn() throws {
    // What it was called with lies where the results would.
    let runner = try runner("mkdir ${12} && echo \"$@\" > ${12}/arguments; test $5 = 1 || exit 1")
    let ended = Mutex<[Int]>([])
    try runner.run(runner.pending([:], retryingFailed: false)) { point, outcome in
      ended.withLock { $0.append(point.number) }
    }
    #expect(ended.withLock { $0 } == [1, 2, 3, 4])
    let outcomes = try runner.outcomes()
    for point in runner.plan.points {
      let outcome = try #require(outcomes[point.number])
      let setting = runner.plan.settings[point.setting].name
      #expect(outcome.status == .done && outcome.exitStatus == (point.seed == 1 ? 0 : 1) && outcome.reason == nil)
      #expect(
        try String(contentsOfFile: "\(path)/\(outcome.results)/arguments", encoding: .utf8) == """
          run --scenario \(path)/runs/\(setting)/scenario.yaml --seed \(point.seed) --no-model --no-report --progress never \
          --json --output \(path)/\(outcome.results) --work-dir /w --state-dir /s

          """)
    }
    #expect(runner.pending(outcomes, retryingFailed: true).isEmpty)
  }

  @Test func aRunThatBreaksIsAnOutcome() throws {
    let runner = try runner("echo 'failover-bench: the disk is full' >&2; exit 70")
    let outcome = try runner.run(runner.plan.points[0])
    #expect(outcome.status == .failed && outcome.exitStatus == 70 && outcome.reason == "the disk is full")
    let outcomes = try runner.outcomes()
    #expect(runner.pending(outcomes, retryingFailed: false).map(\.number) == [2, 3, 4])
    #expect(runner.pending(outcomes, retryingFailed: true).map(\.number) == [1, 2, 3, 4])
  }

  @Test func whatTheMachineDoesNotAllowEndsTheSweep() throws {
    let runner = try runner("echo 'failover-bench: it needs root' >&2; exit 69")
    let failure = #expect(throws: CommandFailure.self) { try runner.run(runner.plan.points) { _, _ in } }
    #expect(failure == CommandFailure(.environment, "it needs root"))
    #expect(try runner.outcomes().isEmpty)
  }

  @Test("a run that is refused half-way says nothing on standard error: its record does", arguments: [69, 70])
  func whatOnlyTheRecordTells(_ code: Int) throws {
    let runner = try runner("cp -r \(path)/kept ${12}; exit \(code)")
    var record = SampleRecord.record
    record.cutOff("cannot take memory: 136 of 156 blocks")
    var recorder = try RunRecorder(
      record: record, directory: RunDirectory.make(at: path + "/kept"),
      mountTable: RunRecorder.MountTable(header: "\n") { _, _, _, _ in "\n" })
    recorder.finish(RunSummary(of: record, observations: []))
    guard code == 69 else {
      #expect(try runner.run(runner.plan.points[0]).reason == "cannot take memory: 136 of 156 blocks")
      return
    }
    let failure = #expect(throws: CommandFailure.self) { try runner.run(runner.plan.points[0]) }
    let setting = runner.plan.settings[runner.plan.points[0].setting].name
    #expect(
      failure
        == CommandFailure(
          .environment,
          "point 1, \(setting): cannot take memory: 136 of 156 blocks; what is done stays, and once the machine allows it `failover-bench sweep --resume \(path)` goes on"
        ))
  }

  @Test func aRunThatTellsNothingAtAll() throws {
    let runner = try runner("exit 69")
    let failure = #expect(throws: CommandFailure.self) { try runner.run(runner.plan.points[0]) }
    #expect(failure?.exitStatus == .environment && failure?.description.contains("it ended with exit code 69") == true)
  }
}
