import Analysis
import Experiment
import LinuxSystem
import RecordFiles
import Supervision
import Sweeps

/// `run --control`: pairs of the scenario without fragmentation and with it, in random order, as a sweep of the dose.
struct ControlledRun {
  let scenario: Scenario
  let pairs: Int

  /// - Throws: there is nothing to control, or too few pairs.
  init(_ scenario: Scenario, pairs: Int?) throws {
    guard scenario.fragments else {
      throw CommandFailure(
        .usage, "--control needs a scenario that pins something: --pin, --pattern, and a --dose above 0")
    }
    let pairs = pairs ?? 1
    guard (1...1000).contains(pairs) else {
      throw CommandFailure(invalid: "\(pairs)", for: "--pairs", expected: "1 to 1000")
    }
    (self.scenario, self.pairs) = (scenario, pairs)
  }

  func planned() throws -> PlannedSweep {
    var asked = SweepFile()
    asked.set = ["\(ScenarioKey.dose.rawValue)=0,\(scenario.texts(of: .dose).joined())"]
    asked.repeats = pairs
    return try PlannedSweep(
      asked, base: scenario, tool: FailoverBenchCommand.tool, anySeed: UInt64(UInt32.random(in: 1 ... .max)))
  }
}
