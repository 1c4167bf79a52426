import Analysis
import Experiment
import RecordFiles
import Sweeps

/// One run of a comparison of divided memory with memory that is whole.
struct DividedRun: Equatable {
  enum Arm: String, CaseIterable {
    case whole
    /// Whole memory with as few pins as the divided one is left with (`--dose`).
    case equal
    case divided
  }

  let arm: Arm
  /// Of each service.
  let files: UInt64
  /// What the files of all services take of the page cache, a block each.
  let demandBytes: UInt64
  let pinnedBytes: UInt64
  /// 0 where memory is whole.
  let movableBytes: UInt64
  /// Of what the mounts took with their services' work; nil where none came up.
  let p99Nanoseconds: UInt64?
  let servicesLost: Int
  /// Runs of two machines do not stand in one column.
  let processor: String

  /// Those of all sweeps, in the order of their points; without divided memory of a smaller dose.
  ///
  /// - Throws: ``MeasurementError`` where nothing is done, where a run broke, which would be a failover that was lost, and where the sweeps
  ///   differ in more than what the picture shows.
  static func read(_ sweeps: [String]) throws -> [DividedRun] {
    var runs: [RecordedRun] = []
    for sweep in sweeps {
      let plan = try SweepFolder.plan(sweep)
      for outcome in try SweepFolder.outcomes(sweep, plan).values.sorted(by: { $0.point < $1.point }) {
        guard outcome.status == .done else { throw MeasurementError("point \(outcome.point) of \(sweep) broke") }
        runs.append(try RunDirectoryReader.read("\(sweep)/\(outcome.results)"))
      }
    }
    guard let first = runs.first?.record.scenario else {
      throw MeasurementError("no run of \(sweeps.joined(separator: ", ")) is done")
    }
    for run in runs {
      if let key = difference(run.record.scenario, first) {
        throw MeasurementError("\(run.path) is another experiment than \(runs[0].path): \(key.rawValue) differs")
      }
    }
    guard first.service.files > 0, first.service.fileSizes.mostBytes <= first.volumes.blockBytes else {
      throw MeasurementError("\(runs[0].path) has no services, or files of more than a block")
    }
    let kept = runs.filter { $0.record.scenario.movableBytes == nil || $0.record.scenario.doseShare == 1 }
    guard Set(kept.compactMap(\.record.scenario.movableBytes)).count < 2 else {
      throw MeasurementError("\(sweeps.joined(separator: ", ")): zones of more than one size")
    }
    return kept.map(DividedRun.init)
  }

  private static func difference(_ one: Scenario, _ other: Scenario) -> ScenarioKey? {
    let shown: [ScenarioKey] = [.serviceFiles, .memoryDivision, .dose, .seed]
    return ScenarioKey.allCases.first { !shown.contains($0) && one.texts(of: $0) != other.texts(of: $0) }
  }

  init(of run: RecordedRun) {
    let scenario = run.record.scenario
    arm = scenario.movableBytes != nil ? .divided : scenario.doseShare == 1 ? .whole : .equal
    files = UInt64(scenario.service.files)
    demandBytes = files * UInt64(scenario.fileSystems) * scenario.volumes.blockBytes
    pinnedBytes = run.record.pinnedBytes ?? 0
    movableBytes = scenario.movableBytes ?? 0
    let summary = RunSummary(of: run.record, observations: run.observations)
    p99Nanoseconds = summary.p99Nanoseconds
    let model = run.record.host.cpuModel ?? "unknown processor"
    processor = ["Xeon", "EPYC"].first { model.contains($0) } ?? model
    servicesLost = summary.mountsRequested - summary.servicesCompleted
  }
}
