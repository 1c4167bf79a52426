import Analysis
import ArgumentParser
import Experiment
import RecordFiles
import Sweeps

/// What gnuplot draws for `scripts/plot-headline`: the README's picture, the failure in one half and the cure in the other.
struct HeadlineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "headline", abstract: "Print the gnuplot script of the paper's failure and its cure on real kernels.")

  @Argument(help: ArgumentHelp("What gnuplot is to write.", valueName: "picture.svg")) var picture: String
  @Argument(help: ArgumentHelp("The runs of scripts/bench-2005.", valueName: "as-2005")) var failure: String
  @Argument(help: ArgumentHelp("Sweeps of memory-division.", valueName: "sweep")) var sweeps: [String]

  func run() throws {
    print(
      CurvePlot.headline(
        failure: try As2005Command.curves(failure), cure: try DividedRun.read(sweeps), picture: picture),
      terminator: "")
  }
}

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
