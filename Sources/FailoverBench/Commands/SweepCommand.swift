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
      Each round runs every setting once, in an order that is balanced and random, so that drift of the machine affects all settings alike. \
      Without --repeat and --looks a pilot of 3 rounds says how many it takes to show --difference. Whatever interrupts a \
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
  @Option(
    help: ArgumentHelp(
      "A YAML file with scenario, set, fix, repeat, looks, margin, difference, seed, testbed.", valueName: "file"))
  var file: String?
  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp(
      "Rounds, a run of each setting in each; by default as many as the pilot says.", valueName: "n"))
  var repeats: Int?
  @Option(
    help: ArgumentHelp(
      "Look after these rounds and stop once every setting is decided; each look has a part of the level. The last is the end.",
      valueName: "n,n,..."))
  var looks: String?
  @Option(help: PercentOption.margin) var margin: String?
  @Option(
    help: ArgumentHelp("The difference that is to be shown, in per cent; by default 20.", valueName: "percent")
  )
  var difference: String?
  @Option(
    help: ArgumentHelp(
      "A finished sweep whose spread replaces the pilot's; with --repeat or --looks, it tells what those can show.",
      valueName: "dir"))
  var pilot: String?
  @Option(help: ArgumentHelp("Seed of the random order; by default another one each time.", valueName: "n"))
  var seed: UInt64?
  @Option(
    help: ArgumentHelp(
      "The real kernel (linux, needs root) or the simulated machine (model).", valueName: "linux|model"))
  var testbed: String?
  @Option(
    help: ArgumentHelp("The model's memory scheme, unless it is a knob; by default linux-6.", valueName: "scheme"))
  var scheme: String?

  /// Whether a pilot is to say how many rounds it takes.
  func needsPilot() throws -> Bool {
    let asked = try asked()
    return asked.repeats == nil && asked.looks == nil
  }

  /// The difference to be shown, as a share.
  func wantedDifference() throws -> Double {
    (try asked().differencePercent ?? 20) / 100
  }

  /// What is to be run, where no pilot must be run first, and in words what it can show; nil for words where it cannot show anything.
  func resolveWithPower() throws -> (sweep: PlannedSweep, power: String?) {
    let sweep = try resolve()
    let hasRounds = try !needsPilot()
    guard let pilot else {
      let canShow = sweep.plan.lookSchedule.canShow(family: sweep.plan.settings.count - 1)
      return (sweep, canShow ? Self.unknownPower : nil)
    }
    let known = try Pilot(pilot, toShow: wantedDifference(), for: sweep.plan, hasRounds: hasRounds)
    return (hasRounds ? sweep : try resolve(rounds: known.rounds), known.words)
  }

  private static let unknownPower =
    "no pilot: what this many rounds can show is unknown (`sweep` without --repeat and --looks runs one, --pilot names one)"

  /// The resolved options.
  func resolve(rounds: Int = PlannedSweep.defaultRounds) throws -> PlannedSweep {
    let asked = try asked()
    return try PlannedSweep(
      asked, base: ScenarioOptions.load(asked.scenario ?? ScenarioOptions.defaultName), tool: FailoverBenchCommand.tool,
      rounds: rounds, anySeed: UInt64(UInt32.random(in: 1 ... .max)))
  }

  /// The command line takes precedence over the file.
  func asked() throws -> SweepFile {
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
    asked.looks = try looks.map(Self.rounds) ?? asked.looks
    asked.marginPercent = try margin.map { try PercentOption.read($0, "--margin") } ?? asked.marginPercent
    asked.differencePercent =
      try difference.map { try PercentOption.read($0, "--difference") } ?? asked.differencePercent
    asked.seed = seed ?? asked.seed
    asked.testbed = testbed ?? asked.testbed
    asked.scheme = scheme ?? asked.scheme
    return asked
  }
}

extension SweepOptions {
  fileprivate static func rounds(_ text: String) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let number = Int(part) else {
        throw CommandFailure(invalid: text, for: "--looks", expected: "numbers of rounds, as in 7,10,15,20")
      }
      return number
    }
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

struct SweepPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Write the plan of a sweep without running it.")

  @OptionGroup(title: "Sweep") var options: SweepOptions
  @Option(help: ArgumentHelp("Its directory; by default results/TIME-sweep.", valueName: "dir")) var output: String?

  func run() throws {
    let (sweep, power) = try options.resolveWithPower()
    let path = try Self.write(sweep, to: output)
    print("\(path): \(Self.words(sweep.plan))\(power.map { "; " + $0 } ?? "")")
  }

  /// What it will do, and what it cannot.
  static func words(_ plan: SweepPlan) -> String {
    let text =
      "\(plan.points.count) points, \(plan.settings.count) settings x \(plan.repeats) rounds, seed \(plan.seed)"
    return plan.lookSchedule.canShow(family: plan.settings.count - 1)
      ? text : text + "; so few rounds cannot show anything better or worse"
  }

  /// The directory.
  static func write(_ sweep: PlannedSweep, to output: String?, name: String = "sweep") throws -> String {
    do throws(RecordFileError) {
      let owner = FileOwner.behindSudo
      let folder =
        if let output { try ResultsFolder.make(at: output, owner: owner) } else {
          try ResultsFolder.make(name: name, startedAtUnixNanoseconds: Clock.unixNanoseconds(), owner: owner)
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
  @Option(
    help: ArgumentHelp(
      "A margin other than the plan's, in per cent; it yields no recommendation.", valueName: "percent"))
  var margin: String?
  @OptionGroup(title: "Start states") var start: StartOptions
  @Flag(help: "Also the figures that nothing is judged by.") var all = false
  @Flag(help: "Print everything as JSON.") var json = false
  @Flag(help: "Tables in Markdown.") var markdown = false

  func run() throws {
    try Self.show(
      directory, margin.map { try PercentOption.read($0, "--margin") }, start.tolerance(), all: all, json: json,
      markdown: markdown)
  }

  /// Prints it and leaves it in the sweep's directory, with its page.
  @discardableResult static func show(
    _ path: String, _ margin: Double?, _ tolerance: Double, all: Bool, json: Bool, markdown: Bool
  ) throws -> SweepSummary {
    do throws(RecordFileError) {
      let summary = try SweepFolder.collect(path, marginPercent: margin, tolerancePercent: tolerance)
      let encoded: String
      do { encoded = try PrettyJSON.text(summary) } catch {
        throw RecordFileError(.invalid, operation: "write", path: path, reason: "\(error)")
      }
      let store = SweepStore(existing: try ResultsFolder.open(path, owner: FileOwner.behindSudo))
      // A sweep that somebody else made can be read all the same.
      if (try? store.write(encoded, named: "sweep.json")) == nil {
        StandardError.write("failover-bench: sweep.json could not be written to \(path)\n")
      }
      // Nor need there be a page.
      let page = try? SweepReportWriter.write(path, summary)
      if let advice = page?.advice { StandardError.write("failover-bench: \(advice)\n") }
      if json {
        print(encoded, terminator: "")
        return summary
      }
      print(
        markdown
          ? SweepTable.markdown(summary, showsAll: all)
          : SweepTable.text(summary, showsAll: all, width: Terminal.width), terminator: "")
      print("results: \(path)" + (page.map { ", page: \($0.path)" } ?? ""))
      return summary
    } catch { throw CommandFailure(.usage, "\(error)") }
  }
}
