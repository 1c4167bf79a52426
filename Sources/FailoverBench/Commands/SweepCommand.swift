import Analysis
import ArgumentParser
import Experiment
import LinuxHost
import LinuxSystem
import RecordFiles
import Report
import Supervision
import Sweeps

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Compare settings with each other: every combination, repeated and interleaved, with verdicts.",
    discussion: """
      Each round runs every setting once in random order, so that drift of the machine affects all settings alike. Whatever interrupts a \
      sweep, `sweep --resume DIR` goes on: points that are done are not run again. The three parts stand alone, too: `sweep plan`, \
      `sweep point`, `sweep collect`.
      """,
    subcommands: [SweepRunCommand.self, SweepPlanCommand.self, SweepPointCommand.self, SweepCollectCommand.self],
    defaultSubcommand: SweepRunCommand.self)
}

/// What is swept.
struct SweepOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What each run does: \(BuiltInScenarios.names.joined(separator: ", ")), or a YAML file of a scenario.",
      valueName: "name|file"))
  var scenario: String?
  @Option(
    help: ArgumentHelp(
      "A knob with its values: a kernel setting (KEY@failover: only before the mounts), a key of the scenario, or for the model a parameter "
        + "or scheme; ';' separates values that hold commas, default leaves the knob alone. May be repeated.",
      valueName: "key=value,value"))
  var set: [String] = []
  @Option(
    help: ArgumentHelp(
      "A key of the scenario with the same value in every run. May be repeated.", valueName: "key=value"))
  var fix: [String] = []
  @Option(help: ArgumentHelp("A YAML file with scenario, set, fix, repeat, seed, testbed.", valueName: "file"))
  var file: String?
  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp("Runs of each setting; by default the fewest that allow a verdict.", valueName: "n"))
  var repeats: Int?
  @Option(help: ArgumentHelp("Seed of the random order.", valueName: "n")) var seed: UInt64?
  @Option(
    help: ArgumentHelp(
      "The real kernel (linux, needs root) or the simulated machine (model).", valueName: "linux|model"))
  var testbed: String?
  @Option(
    help: ArgumentHelp("The model's memory scheme, unless it is a knob; by default linux-6.", valueName: "scheme"))
  var scheme: String?

  /// The resolved options.
  func resolve(metrics: Int) throws -> PlannedSweep {
    let asked = try asked()
    return try PlannedSweep(
      asked, base: ScenarioOptions.load(asked.scenario ?? ScenarioOptions.defaultName), tool: FailoverBenchCommand.tool,
      metrics: metrics)
  }

  /// The command line takes precedence over the file.
  private func asked() throws -> SweepFile {
    var asked = SweepFile()
    if let file {
      do throws(ScenarioFileError) { asked = try SweepFile.read(file) } catch {
        throw CommandFailure(.usage, "\(error)")
      }
    }
    asked.scenario = scenario ?? asked.scenario
    asked.set += set
    asked.fix += fix
    asked.repeats = repeats ?? asked.repeats
    asked.seed = seed ?? asked.seed
    asked.testbed = testbed ?? asked.testbed
    asked.scheme = scheme ?? asked.scheme
    return asked
  }
}

extension SweepRunner {
  fileprivate init(_ path: String, _ host: HostOptions) throws {
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

struct SweepRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Plan, run all points and collect (the default).")

  @OptionGroup(title: "Sweep") var options: SweepOptions
  @OptionGroup(title: "Verdicts") var verdicts: VerdictOptions
  @OptionGroup(title: "Host") var host: HostOptions
  @Option(help: ArgumentHelp("Results directory; by default results/TIME-sweep.", valueName: "dir")) var output: String?
  @Option(help: ArgumentHelp("Continue this sweep; no other option of the sweep applies.", valueName: "dir"))
  var resume: String?
  @Flag(help: "With --resume, run failed points again.") var retryFailed = false
  @Flag(help: "Print the collected results as JSON.") var json = false
  @Flag(help: "Tables in Markdown.") var markdown = false
  @Option(help: ArgumentHelp("Show progress: auto, always or never.", valueName: "mode")) var progress:
    ProgressPrinter.Mode = .auto

  func run() throws {
    let (_, metrics) = try verdicts.resolve()
    let path: String
    if let resume {
      try SweepRunner.checkTrust(resume)
      path = resume
    } else {
      let sweep = try options.resolve(metrics: metrics.count)
      for note in sweep.notes { StandardError.write("failover-bench: \(note)\n") }
      path = try SweepPlanCommand.write(sweep, to: output)
    }
    let runner = try SweepRunner(path, host)
    let outcomes = try runner.outcomes()
    let pending = runner.pending(outcomes, retryingFailed: retryFailed)
    let printer = SweepPrinter(runner.plan, known: outcomes, pending: pending.count, progress)
    if !pending.isEmpty {
      defer { printer.end() }
      try runner.run(pending, didEnd: printer.show)
    }
    try SweepCollectCommand.show(path, verdicts, json: json, markdown: markdown)
  }
}

struct SweepPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Write the plan of a sweep without running it.")

  @OptionGroup(title: "Sweep") var options: SweepOptions
  @OptionGroup(title: "Verdicts") var verdicts: VerdictOptions
  @Option(help: ArgumentHelp("Its directory; by default results/TIME-sweep.", valueName: "dir")) var output: String?

  func run() throws {
    let (_, metrics) = try verdicts.resolve()
    let sweep = try options.resolve(metrics: metrics.count)
    for note in sweep.notes { StandardError.write("failover-bench: \(note)\n") }
    let path = try Self.write(sweep, to: output)
    print(
      "\(path): \(sweep.plan.points.count) points, \(sweep.plan.settings.count) settings x \(sweep.plan.repeats) repeats"
    )
  }

  /// The directory.
  static func write(_ sweep: PlannedSweep, to output: String?) throws -> String {
    do throws(RecordFileError) {
      let owner = FileOwner.behindSudo
      let folder =
        if let output { try ResultsFolder.make(at: output, owner: owner) } else {
          try ResultsFolder.make(name: "sweep", startedAtUnixNanoseconds: Clock.unixNanoseconds(), owner: owner)
        }
      let store = try SweepStore(new: folder, plan: sweep.plan)
      for (setting, scenario) in zip(sweep.plan.settings, sweep.scenarios) {
        try store.writeScenario(ScenarioText.yaml(scenario), of: setting)
      }
      return store.path
    } catch { throw CommandFailure(.usage, "\(error)") }
  }
}

struct SweepPointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "point", abstract: "Run one point of a planned sweep.")

  @Argument(help: ArgumentHelp("Its number, from 1.", valueName: "n")) var number: Int
  @Option(name: .customLong("in"), help: ArgumentHelp("The sweep's directory.", valueName: "dir")) var directory: String
  @OptionGroup(title: "Host") var host: HostOptions
  @Flag(help: "Run it even if it is done.") var again = false

  func run() throws {
    try SweepRunner.checkTrust(directory)
    let runner = try SweepRunner(directory, host)
    let points = runner.plan.points
    guard points.indices.contains(number - 1) else {
      throw CommandFailure(invalid: "\(number)", for: "the point", expected: "1 to \(points.count)")
    }
    let known = again ? nil : try runner.outcomes()[number]
    let outcome = try known ?? runner.run(points[number - 1])
    print(
      "point \(number): \(outcome.status.rawValue)\(outcome.reason.map { ", \($0)" } ?? ""), \(directory)/\(outcome.results)"
    )
    if outcome.status == .failed { throw ExitCode(ExitStatus.broken.rawValue) }
  }
}

struct SweepCollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect", abstract: "Summarize the finished points of a sweep.")

  @Argument(help: ArgumentHelp("The sweep's directory.", valueName: "dir")) var directory: String
  @OptionGroup(title: "Verdicts") var verdicts: VerdictOptions
  @Flag(help: "Print everything as JSON.") var json = false
  @Flag(help: "Tables in Markdown.") var markdown = false

  func run() throws { try Self.show(directory, verdicts, json: json, markdown: markdown) }

  /// Prints it and leaves it in the sweep's directory.
  static func show(_ path: String, _ verdicts: VerdictOptions, json: Bool, markdown: Bool) throws {
    let (rules, metrics) = try verdicts.resolve()
    do throws(RecordFileError) {
      let summary = try SweepFolder.collect(
        path, metrics: metrics, rules: rules, tolerancePercent: verdicts.startTolerance)
      let encoded: String
      do { encoded = try PrettyJSON.text(summary, nonFiniteAsWords: true) } catch {
        throw RecordFileError(.invalid, operation: "write", path: path, reason: "\(error)")
      }
      let store = SweepStore(existing: try ResultsFolder.open(path, owner: FileOwner.behindSudo))
      // A sweep that somebody else made can be read all the same.
      if (try? store.write(encoded, named: "sweep.json")) == nil {
        StandardError.write("failover-bench: sweep.json could not be written to \(path)\n")
      }
      if json { return print(encoded, terminator: "") }
      print(markdown ? SweepTable.markdown(summary) : SweepTable.text(summary, width: Terminal.width), terminator: "")
      print("results: \(path)")
    } catch { throw CommandFailure(.usage, "\(error)") }
  }
}
