import Analysis
import ArgumentParser
import Experiment
import Foundation
import HostJournal
import LinuxHost
import LinuxSystem
import MemoryModel
import RecordFiles
import Report
import Supervision
import Sweeps
import SystemPackage

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the failover experiment on this machine's kernel.",
    discussion: "Needs root. Everything that it changes on the host is put back, whatever happens.")

  @OptionGroup(title: "Scenario") var scenarioOptions: ScenarioOptions
  @OptionGroup(title: "Host") var hostOptions: HostOptions

  @Option(help: ArgumentHelp("Results directory; by default results/TIME-SCENARIO.", valueName: "dir"))
  var output: String?
  @Flag(help: "Keep the images and mount points.") var keep = false
  @Flag(help: "Run in pairs with a control (dose 0), in random order, and report what fragmentation did.")
  var control =
    false
  @Option(help: ArgumentHelp("With --control: how many pairs; by default 1.", valueName: "n")) var pairs: Int?
  @Flag(help: "Print the scenario that would be run, as YAML, and exit.") var printScenario = false
  @Flag(help: "Print the summary as JSON.") var json = false
  @Option(help: ArgumentHelp("Memory scheme of the model that is run afterwards, for comparison.", valueName: "scheme"))
  var modelScheme = Scheme.linux6.name
  @Flag(help: "Do not run the model.") var noModel = false
  @Flag(help: "Do not make report.html.") var noReport = false
  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Trace what the mounts and the services ask of the kernel's page allocator: contiguous blocks, compaction, reclaim (default: \(Self.tracesByDefault ? "where the kernel can" : "not")). It takes up to 8 MiB of memory for each processor from the beginning of the run."
    ))
  var trace: Bool?
  @Option(
    help: ArgumentHelp(
      "A bound that the run must meet, such as 'services.completed == 128' (`gate --help`): the exit status is then 0, 1 or 2, as with `gate`. May be "
        + "repeated.", valueName: "bound"))
  var require: [String] = []
  @Option(help: ArgumentHelp("Show progress: auto, always or never.", valueName: "mode"))
  var progress: ProgressPrinter.Mode = .auto

  @Option(
    help: ArgumentHelp(
      "A shell command that is run just before the failover, in the run's mount namespace: $1 is the directory of the mount points 1, 2, …, and the "
        + "devices follow it. For scripts/bench-overhead, and for tracers.", valueName: "command", visibility: .hidden))
  var beforeFailover: String?

  @Flag(help: ArgumentHelp("The run has its control beside it.", visibility: .hidden)) var besideControl = false

  /// Whether a failover is traced where nothing is said. That is for where it costs less than 2 % of the failover, which ten pairs of xfs-64k do not
  /// show (scripts/bench-trace: a ratio of 0.982, 0.925 to 1.055).
  private static let tracesByDefault = false

  func run() throws {
    let scenario = try scenarioOptions.resolve()
    guard let scheme = Scheme.named(modelScheme) else {
      throw CommandFailure(invalid: modelScheme, for: "--model-scheme", expected: Scheme.names)
    }
    let requirements = try GateCommand.requirements(require, hasBaseline: false)
    if printScenario {
      print(ScenarioText.yaml(scenario), terminator: "")
      return
    }
    if control || pairs != nil {
      guard control else { throw CommandFailure(.usage, "--pairs goes with --control") }
      let single = [
        (!requirements.isEmpty, "--require"), (keep, "--keep"), (noReport, "--no-report"),
        (beforeFailover != nil, "--before-failover"), (trace != nil, "--trace"),
        (modelScheme != Scheme.linux6.name, "--model-scheme"),
      ]
      if let (_, option) = single.first(where: { $0.0 }) {
        throw CommandFailure(.usage, "\(option) cannot be combined with --control")
      }
      return try runWithControl(scenario)
    }
    if let output {
      do throws(RecordFileError) { try RunDirectory.checkName(output) } catch {
        throw CommandFailure(.usage, "output: \(error)")
      }
    }
    let tracing: Preflight.Tracing =
      trace.map { $0 ? .needed : .unwanted } ?? (Self.tracesByDefault ? .wanted : .unwanted)
    let preflight = try DoctorCommand.preflight(scenario, hostOptions, tracing: tracing)
    let checks = try Self.check(preflight)
    guard let ownPath = Programs.ownPath(), let helperPath = Programs.helperPath(),
      let mkfsPath = Programs.find(scenario.volumes.fileSystem.mkfsName)
    else { throw CommandFailure(.environment, "`failover-bench doctor` says what is missing") }

    let workParent = try hostOptions.absoluteWorkDirectory()
    let stateDirectory = try hostOptions.absoluteStateDirectory()
    let lock: HostLock
    do throws(JournalError) { lock = try HostLock.acquire(stateDirectory: FilePath(stateDirectory)) } catch {
      throw CommandFailure(.environment, "\(error)")
    }
    let printer = ProgressPrinter(progress)
    var record = RunRecord(
      tool: FailoverBenchCommand.tool, runID: RunID.random(),
      startedAtUnixNanoseconds: Clock.unixNanoseconds(), arguments: Array(CommandLine.arguments.dropFirst()),
      scenario: scenario, host: .ofThisMachine(imageDirectory: workParent))
    record.isBesideControl = besideControl ? true : nil
    let session: RunSession
    do { session = try RunSession(record: record, output: output) } catch { throw CommandFailure(.usage, "\(error)") }
    for check in checks where check.status == .warning { session.warn(check.detail) }

    let supervisor = RunSupervisor(
      .init(
        scenario: scenario, runID: record.runID, workParent: workParent, stateDirectory: stateDirectory,
        keepImages: keep,
        helperPath: helperPath,
        mkfs: .init(volumes: mkfsPath, workload: Programs.find(VolumeFileSystem.xfs.mkfsName) ?? mkfsPath),
        pinModulePath: hostOptions.pinModule, ownPath: ownPath,
        beforeFailover: beforeFailover, tracesFailover: preflight.canTrace),
      observer: SessionObserver(session, printer))
    let conclusion: RunConclusion
    do { conclusion = try supervisor.run(lock: lock) } catch {
      // Before anything was changed: the journal, the first of all, could not be made.
      session.cutOff("\(error)")
      _ = session.finish()
      throw CommandFailure(.environment, "\(error)")
    }
    let (status, problem) = session.conclude(conclusion)
    if let problem { printer.note(problem) }
    do throws(JournalError) { try lock.release() } catch { session.warn("\(error)") }
    if !noModel && status.isResult { session.playModel(scheme) }
    if !noReport { session.writeReport() }
    if json { print(try session.summaryJSON(status), terminator: "") } else { print(session.summaryText()) }
    if !requirements.isEmpty && status.isResult {
      let run = ComparedRun(path: session.path, record: session.record, observations: session.observations)
      let result = GateResult(requirements, side: ComparisonSide(path: run.path, runs: [run]), baseline: [])
      // Standard output is the summary's.
      StandardError.write(GateReport.text(result))
      if result.verdict != .pass { throw ExitCode(result.verdict == .fail ? 1 : 2) }
      return
    }
    if status != .allServicesUp { throw ExitCode(status.rawValue) }
  }
}

extension RunCommand {
  /// What is worth a warning, where nothing stands in the way.
  @discardableResult private static func check(_ preflight: Preflight) throws -> [Check] {
    if let problem = preflight.scenarioProblems().first { throw CommandFailure(.usage, "\(problem)") }
    let checks = preflight.checks()
    let problems = checks.filter { $0.status == .problem }
    switch problems.count {
    case 0: return checks
    case 1: throw CommandFailure(.environment, "the run cannot start: \(problems[0].sentence)")
    default:
      for check in problems { StandardError.write(check.line() + "\n") }
      throw CommandFailure(
        .environment, "the run cannot start because of these problems; `failover-bench doctor` shows all checks")
    }
  }

  private func runWithControl(_ scenario: Scenario) throws {
    let sweep = try ControlledRun(scenario, pairs: pairs).planned()
    try Self.check(DoctorCommand.preflight(scenario, hostOptions))
    let path = try SweepPlanCommand.write(sweep, to: output, name: "control")
    StandardError.write("failover-bench: \(sweep.plan.points.count) runs: \(path)\n")
    let tolerance = Comparability.defaultTolerancePercent
    try SweepRunCommand.runPoints(path, hostOptions, tolerance, progress)
    let summary = try SweepCollectCommand.show(path, nil, tolerance, all: false, json: json, markdown: false)
    if summary.rows.contains(where: { $0.broken > 0 }) { throw ExitCode(ExitStatus.broken.rawValue) }
    if summary.rows.contains(where: { $0.complete.count < $0.complete.of }) {
      throw ExitCode(ExitStatus.serviceStopped.rawValue)
    }
  }
}

extension ProgressPrinter.Mode: ExpressibleByArgument {}
