import Analysis
import ArgumentParser
import Experiment
import LinuxHost
import LinuxSystem
import MemoryModel
import RecordFiles
import Report
import Sweeps

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Try settings against each other: every combination, repeated, interleaved, judged.",
    discussion: """
      Each round runs every setting once in an order drawn by lot, so that what drifts on the machine hits all alike. Whatever interrupts a \
      sweep, `sweep --resume DIR` goes on: points that are done are not run again. The three parts stand alone, too: `sweep plan`, \
      `sweep point`, `sweep collect`.
      """,
    subcommands: [SweepRunCommand.self, SweepPlanCommand.self, SweepPointCommand.self, SweepCollectCommand.self],
    defaultSubcommand: SweepRunCommand.self)
}

/// What is swept.
struct SweepOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What each run does: paper-env2, paper-env1, quick, or a YAML file of a scenario.", valueName: "name|file"))
  var scenario: String?
  @Option(
    help: ArgumentHelp(
      "A knob with its values: a kernel setting (KEY@failover: only before the mounts), a key of the scenario, or for the model a parameter "
        + "or scheme; ';' separates values that hold commas, default leaves the knob alone. May be repeated.", valueName: "key=value,value"))
  var set: [String] = []
  @Option(help: ArgumentHelp("Something that is the same in every run: a key of the scenario. May be repeated.", valueName: "key=value"))
  var fix: [String] = []
  @Option(help: ArgumentHelp("A YAML file with scenario, set, fix, repeat, seed, testbed.", valueName: "file"))
  var file: String?
  @Option(name: .customLong("repeat"), help: ArgumentHelp("Runs of each setting; by default the fewest that can come to a verdict.", valueName: "n"))
  var repeats: Int?
  @Option(help: ArgumentHelp("Seed of the order.", valueName: "n")) var seed: UInt64?
  @Option(help: ArgumentHelp("The real kernel (linux, needs root) or the simulated machine (model).", valueName: "linux|model"))
  var testbed: String?
  @Option(help: ArgumentHelp("The model's memory scheme, where it is no knob; by default linux-6.", valueName: "scheme"))
  var scheme: String?

  /// The plan of these options, and what must be said about it before anything is run.
  func resolve(metrics: Int) throws -> (plan: SweepPlan, notes: [String]) {
    var given = self
    if let file {
      let read: SweepFile
      do throws(ScenarioFileError) { read = try SweepFile.read(file) } catch { throw CommandFailure(.usage, "\(error)") }
      given.lay(over: read)
    }
    let machine: SweepPlan.Machine
    switch given.testbed ?? "linux" {
    case "linux": machine = .linux
    case "model": machine = .model
    case let other: throw CommandFailure(.usage, "testbed: '\(SingleLine.text(other, limit: 60))' is not allowed; allowed: linux, model")
    }
    let scheme = given.scheme ?? Scheme.linux6.name
    guard Scheme.named(scheme) != nil else {
      throw CommandFailure(.usage, "scheme: '\(SingleLine.text(scheme, limit: 60))' is not allowed; allowed: \(Scheme.all.map(\.name).joined(separator: ", "))")
    }
    let knobs = try given.knobs(isModel: machine == .model)
    let scenario = try given.baseScenario()
    let least = SweepPlan.leastRepeats(knobs: knobs, metrics: metrics) { VerdictRules.leastRuns(tests: $0) }
    let repeats = given.repeats ?? least
    guard (1...1000).contains(repeats) else {
      throw CommandFailure(.usage, "repeat: '\(repeats)' is not allowed; allowed: a number from 1 to 1000")
    }
    let plan: SweepPlan
    do throws(ScenarioError) {
      plan = try SweepPlan(
        tool: "failover-bench \(FailoverBenchCommand.version)", machine: machine, scheme: scheme, scenario: scenario, knobs: knobs,
        repeats: repeats, seed: given.seed ?? 1
      ) { knob in
        machine == .linux && (knob.kind == .sysctl || knob.kind == .sysctlAtFailover)
          ? try? Sysctl.read(knob.key) : knob.kind == .scheme ? scheme : knob.kind == .scenario ? Self.text(knob.key, scenario) : nil
      }
      for setting in plan.settings {
        let scenario = try plan.scenario(for: setting)
        _ = try ModelParameters(scenario, isOfToday: machine == .linux)
        guard Scheme.named(plan.scheme(for: setting)) != nil else {
          throw ScenarioError(key: "scheme", value: plan.scheme(for: setting), allowed: Scheme.all.map(\.name).joined(separator: ", "))
        }
      }
    } catch { throw CommandFailure(.usage, "\(error)") }
    var notes: [String] = []
    for knob in knobs {
      let runs = plan.runsASide(of: knob)
      if let text = RunComparison.tooFewText(base: runs, new: runs, tests: plan.tests(metrics: metrics)) { notes.append("\(knob.name): \(text) (--repeat \(least), or fewer --metrics)") }
    }
    return (plan, notes)
  }

  private static func demand(_ text: String) throws(ScenarioError) -> String {
    do { return try ScenarioOptions.demand(text) } catch {
      throw ScenarioError(key: ScenarioKey.mountDemand.rawValue, value: text, allowed: "\(error)")
    }
  }

  private static func text(_ key: String, _ scenario: Scenario) -> String? {
    ScenarioKey(rawValue: key).flatMap { scenario.texts(of: $0).first }
  }

  private func knobs(isModel: Bool) throws -> [SweepKnob] {
    guard !set.isEmpty else { throw CommandFailure(.usage, "set: nothing to sweep; allowed: \(SweepKnob.allowed)") }
    let keys = Set(ModelParameter.all.map(\.key))
    var knobs: [SweepKnob] = []
    for text in set {
      guard let knob = SweepKnob(text, modelKeys: keys, isModel: isModel), !knobs.contains(where: { $0.name == knob.name }) else {
        throw CommandFailure(.usage, "set: '\(SingleLine.text(text, limit: 120))' is not allowed; allowed: \(SweepKnob.allowed); each key once")
      }
      guard knob.kind == .scenario, knob.key == ScenarioKey.mountDemand.rawValue else {
        knobs.append(knob)
        continue
      }
      // A profile becomes the list that it says: the plan does not hang on its file.
      let values = try knob.values.map { try $0 == SweepKnob.leaveAlone ? $0 : ScenarioOptions.demand($0) }
      guard let resolved = SweepKnob(key: knob.key, values: values, modelKeys: keys, isModel: isModel) else {
        throw CommandFailure(.usage, "set: '\(SingleLine.text(text, limit: 120))' is not allowed; allowed: values that are not the same")
      }
      knobs.append(resolved)
    }
    return knobs
  }

  private func baseScenario() throws -> Scenario {
    var base = try ScenarioOptions.load(scenario ?? "paper-env2")
    do throws(ScenarioError) {
      for text in fix {
        guard let equals = text.firstIndex(of: "=") else {
          throw ScenarioError(key: "fix", value: text, allowed: "KEY=VALUE, KEY a key of the scenario, a kernel setting or a parameter of the model")
        }
        let (key, value) = (String(text[..<equals]), String(text[text.index(after: equals)...]))
        if let scenarioKey = ScenarioKey(rawValue: key), !scenarioKey.isList {
          try base.set(scenarioKey, scenarioKey == .mountDemand ? Self.demand(value) : value)
        } else {
          try base.set(ModelParameter.named(key) == nil ? .sysctl : .set, text)
        }
      }
      try base.validate()
    } catch { throw CommandFailure(.usage, "\(error)") }
    return base
  }

  /// What the command line says goes before what the file says.
  private mutating func lay(over file: SweepFile) {
    scenario = scenario ?? file.scenario
    set = file.set + set
    fix = file.fix + fix
    repeats = repeats ?? file.repeats
    seed = seed ?? file.seed
    testbed = testbed ?? file.testbed
    scheme = scheme ?? file.scheme
  }
}

struct SweepRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Plan, run all points and collect (the default).")

  @OptionGroup(title: "Sweep") var options: SweepOptions
  @OptionGroup(title: "Verdicts") var verdicts: VerdictOptions
  @OptionGroup(title: "Host") var host: HostOptions
  @Option(help: ArgumentHelp("Results directory; by default results/TIME-sweep.", valueName: "dir")) var output: String?
  @Option(help: ArgumentHelp("Go on with this sweep; no other option of the sweep applies.", valueName: "dir")) var resume: String?
  @Flag(help: "With --resume, run points that broke again.") var retryFailed = false
  @Flag(help: "The collected results as JSON on standard output.") var json = false
  @Flag(help: "Tables in Markdown.") var markdown = false
  @Option(help: ArgumentHelp("Show progress: auto, always or never.", valueName: "mode")) var progress: ProgressPrinter.Mode = .auto

  func run() throws {
    let (_, metrics) = try verdicts.resolve()
    let path: String
    if let resume {
      try SweepRunner.checkTrust(resume)
      path = resume
    } else {
      let (plan, notes) = try options.resolve(metrics: metrics.count)
      for note in notes { StandardError.write("failover-bench: \(note)\n") }
      path = try SweepPlanCommand.write(plan, to: output)
    }
    let runner = try SweepRunner(path: path, host: host, progress: progress)
    try runner.runAll(retryFailed: retryFailed)
    try SweepCollectCommand.show(path, verdicts, json: json, markdown: markdown)
  }
}

struct SweepPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "plan", abstract: "Write the plan of a sweep, and run nothing.")

  @OptionGroup(title: "Sweep") var options: SweepOptions
  @OptionGroup(title: "Verdicts") var verdicts: VerdictOptions
  @Option(help: ArgumentHelp("Its directory; by default results/TIME-sweep.", valueName: "dir")) var output: String?

  func run() throws {
    let (_, metrics) = try verdicts.resolve()
    let (plan, notes) = try options.resolve(metrics: metrics.count)
    for note in notes { StandardError.write("failover-bench: \(note)\n") }
    let path = try Self.write(plan, to: output)
    print("\(path): \(plan.points.count) points, \(plan.settings.count) settings x \(plan.repeats) repeats")
  }

  /// The directory.
  static func write(_ plan: SweepPlan, to output: String?) throws -> String {
    do throws(RecordFileError) {
      let owner = FileOwner.behindSudo
      let folder =
        if let output { try ResultsFolder.make(at: output, owner: owner) } else {
          try ResultsFolder.make(name: "sweep", startedAtUnixNanoseconds: Clock.unixNanoseconds(), owner: owner)
        }
      let store = try SweepStore(new: folder, plan: plan)
      for setting in plan.settings {
        let text: String
        do throws(ScenarioError) { text = ScenarioText.yaml(try plan.scenario(for: setting)) } catch {
          throw RecordFileError(.invalid, operation: "plan", path: store.path, reason: "\(error)")
        }
        try store.writeScenario(text, of: setting)
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
  @Flag(help: "Run it although it is done.") var again = false

  func run() throws {
    try SweepRunner.checkTrust(directory)
    let runner = try SweepRunner(path: directory, host: host, progress: .never)
    let outcome = try runner.runOne(number, again: again)
    print("point \(number): \(outcome.status.rawValue)\(outcome.reason.map { ", \($0)" } ?? ""), \(directory)/\(outcome.results)")
    if outcome.status == .failed { throw ExitCode(ExitStatus.broken.rawValue) }
  }
}

struct SweepCollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "collect", abstract: "Judge what of a sweep is done.")

  @Argument(help: ArgumentHelp("The sweep's directory.", valueName: "dir")) var directory: String
  @OptionGroup(title: "Verdicts") var verdicts: VerdictOptions
  @Flag(help: "Everything as JSON on standard output.") var json = false
  @Flag(help: "Tables in Markdown.") var markdown = false

  func run() throws { try Self.show(directory, verdicts, json: json, markdown: markdown) }

  /// Prints it and leaves it in the sweep's directory.
  static func show(_ path: String, _ verdicts: VerdictOptions, json: Bool, markdown: Bool) throws {
    let (rules, metrics) = try verdicts.resolve()
    do throws(RecordFileError) {
      let summary = try SweepFolder.collect(path, metrics: metrics, rules: rules, tolerancePercent: verdicts.startTolerance)
      let encoded: String
      do { encoded = try VersionedJSON.text(summary) } catch { throw RecordFileError(.invalid, operation: "write", path: path, reason: "\(error)") }
      let store = SweepStore(existing: try ResultsFolder.open(path, owner: FileOwner.behindSudo))
      // A sweep that somebody else made can be read all the same.
      if (try? store.write(encoded, named: "sweep.json")) == nil { StandardError.write("failover-bench: sweep.json could not be written to \(path)\n") }
      if json { return print(encoded, terminator: "") }
      print(markdown ? SweepTable.markdown(summary) : SweepTable.text(summary, width: Terminal.width), terminator: "")
      print("results: \(path)")
    } catch { throw CommandFailure(.usage, "\(error)") }
  }
}
