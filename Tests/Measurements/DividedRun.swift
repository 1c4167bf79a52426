import Analysis
import Experiment
import RecordFiles
import Sweeps

/// One run of a comparison of divided memory with memory that is whole.
struct DividedRun: Equatable {
  let isDivided: Bool
  /// Of each service.
  let files: UInt64
  /// What the files of all services take of the page cache, a block each.
  let demandBytes: UInt64
  let servicesLost: Int

  /// Those of all sweeps that came to their end, in the order of their points; without the arms of a smaller dose.
  static func read(_ sweeps: [String]) throws -> [DividedRun] {
    let runs = try sweeps.flatMap { sweep in
      let plan = try SweepFolder.plan(sweep)
      return try SweepFolder.outcomes(sweep, plan).values.sorted { $0.point < $1.point }.filter { $0.status == .done }
        .map { try RunDirectoryReader.read("\(sweep)/\($0.results)") }
        .filter { $0.record.scenario.doseShare == 1 }.map(DividedRun.init)
    }
    guard !runs.isEmpty else { throw MeasurementError("no run of \(sweeps.joined(separator: ", ")) is done") }
    return runs
  }

  init(of run: RecordedRun) {
    let scenario = run.record.scenario
    isDivided = scenario.movableBytes != nil
    files = UInt64(scenario.service.files)
    demandBytes = files * UInt64(scenario.fileSystems) * scenario.volumes.blockBytes
    let summary = RunSummary(of: run.record, observations: run.observations)
    servicesLost = summary.mountsRequested - summary.servicesCompleted
  }
}
