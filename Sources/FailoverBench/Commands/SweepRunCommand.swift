import Analysis
import ArgumentParser
import LinuxHost
import LinuxSystem
import RecordFiles
import Supervision
import Sweeps

struct SweepRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Plan, run all points and collect (the default).")

  @OptionGroup(title: "Sweep") var options: SweepOptions
  @OptionGroup(title: "Start states") var start: StartOptions
  @OptionGroup(title: "Host") var host: HostOptions
  @Option(help: ArgumentHelp("Results directory; by default results/TIME-sweep.", valueName: "dir")) var output: String?
  @Option(help: ArgumentHelp("Continue this sweep; no other option of the sweep applies.", valueName: "dir"))
  var resume: String?
  @Flag(help: "With --resume, run failed points again.") var retryFailed = false
  @Flag(help: "Also the figures that nothing is judged by.") var all = false
  @Flag(help: "Print the collected results as JSON.") var json = false
  @Flag(help: "Tables in Markdown.") var markdown = false
  @Option(help: ArgumentHelp("Show progress: auto, always or never.", valueName: "mode")) var progress:
    ProgressPrinter.Mode = .auto

  func run() throws {
    let tolerance = try start.tolerance()
    let path: String
    if let resume {
      try SweepRunner.checkTrust(resume)
      path = resume
    } else {
      let sweep: PlannedSweep
      if options.pilot == nil, try options.needsPilot() {
        sweep = try afterPilot()
      } else {
        let (planned, power) = try options.resolveWithPower()
        sweep = planned
        if let power { StandardError.write("failover-bench: \(power)\n") }
      }
      path = try SweepPlanCommand.write(sweep, to: output)
      StandardError.write("failover-bench: \(SweepPlanCommand.words(sweep.plan)): \(path)\n")
    }
    try runPoints(path, tolerance)
    try SweepCollectCommand.show(path, nil, tolerance, all: all, json: json, markdown: markdown)
  }

  private func runPoints(_ path: String, _ tolerance: Double) throws {
    try Self.runPoints(path, host, tolerance, retryFailed: retryFailed, progress)
  }

  /// Up to the look at which every setting is decided.
  static func runPoints(
    _ path: String, _ host: HostOptions, _ tolerance: Double, retryFailed: Bool = false,
    _ progress: ProgressPrinter.Mode
  ) throws {
    let runner = try SweepRunner(path, host)
    let looks = runner.plan.lookSchedule
    // What broke before this sitting is tried once more, and not what breaks in it.
    let retried = Set(retryFailed ? try runner.outcomes().filter { $0.value.status == .failed }.keys.map { $0 } : [])
    var made: Set<Int> = []
    for look in looks.rounds {
      let outcomes = try runner.outcomes().filter { made.contains($0.key) || !retried.contains($0.key) }
      let pending = runner.pending(outcomes, retryingFailed: false).filter { $0.repetition <= look }
      made.formUnion(pending.map(\.number))
      let printer = SweepPrinter(runner.plan, known: outcomes, pending: pending.count, progress)
      if !pending.isEmpty {
        defer { printer.end() }
        try runner.run(pending, didEnd: printer.show)
      }
      guard look < looks.last else { return }
      let summary: SweepSummary
      do throws(RecordFileError) { summary = try SweepFolder.collect(path, tolerancePercent: tolerance) } catch {
        throw CommandFailure(.usage, "\(error)")
      }
      if summary.isDecided {
        return StandardError.write("failover-bench: every setting is decided after \(look) of \(looks.last) rounds\n")
      }
    }
  }

  private func afterPilot() throws -> PlannedSweep {
    let path = try SweepPlanCommand.write(
      options.resolve(rounds: Pilot.rounds), to: output.map { $0 + "-pilot" }, name: "sweep-pilot")
    StandardError.write("failover-bench: pilot of \(Pilot.rounds) rounds: \(path)\n")
    try runPoints(path, 0)
    let pilot = try Pilot(path, toShow: options.wantedDifference())
    StandardError.write("failover-bench: \(pilot.words)\n")
    return try options.resolve(rounds: pilot.rounds)
  }
}

extension SweepRunner {
  init(_ path: String, _ host: HostOptions) throws {
    try self.init(path: path, tool: FailoverBenchCommand.tool, mountTable: .mountsCSV, host: host.forSweep)
  }
}

extension HostOptions {
  fileprivate func forSweep() throws -> SweepRunner.Host {
    guard let program = Programs.ownPath() else {
      throw CommandFailure(.environment, "`failover-bench doctor` says what is missing")
    }
    return SweepRunner.Host(
      program: program, workDirectory: try absoluteWorkDirectory(), stateDirectory: try absoluteStateDirectory(),
      pinModulePath: pinModule)
  }
}
