import Analysis
import ArgumentParser
import Experiment
import LinuxHost
import LinuxSystem
import MemoryModel
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
  struct Resolved {
    let plan: SweepPlan
    /// One for each of the plan's settings, in their order.
    let scenarios: [Scenario]
    /// What must be said before anything is run.
    let notes: [String]
  }

  func resolve(metrics: Int) throws -> Resolved {
    var given = self
    if let file {
      let read: SweepFile
      do throws(ScenarioFileError) { read = try SweepFile.read(file) } catch {
        throw CommandFailure(.usage, "\(error)")
      }
      given.fillDefaults(from: read)
    }
    let testbed = given.testbed ?? SweepPlan.Machine.linux.rawValue
    guard let machine = SweepPlan.Machine(rawValue: testbed) else {
      throw CommandFailure(
        invalid: testbed, for: "--testbed", expected: SweepPlan.Machine.allCases.map(\.rawValue).joined(separator: ", ")
      )
    }
    let scheme = given.scheme ?? Scheme.linux6.name
    guard Scheme.named(scheme) != nil else {
      throw CommandFailure(invalid: scheme, for: "--scheme", expected: Scheme.names)
    }
    let knobs = try given.knobs(isModel: machine == .model)
    let scenario = try given.baseScenario()
    let least = SweepPlan.leastRepeats(knobs: knobs, metrics: metrics) { VerdictRules.leastRuns(tests: $0) }
    let repeats = given.repeats ?? least
    guard (1...1000).contains(repeats) else {
      throw CommandFailure(invalid: "\(repeats)", for: "--repeat", expected: "1 to 1000")
    }
    let plan: SweepPlan
    var scenarios: [Scenario] = []
    do throws(ScenarioError) {
      plan = try SweepPlan(
        tool: "failover-bench \(FailoverBenchCommand.version)", machine: machine, scheme: scheme, scenario: scenario,
        knobs: knobs,
        repeats: repeats, seed: given.seed ?? 1
      ) { knob in
        machine == .linux && (knob.kind == .sysctl || knob.kind == .sysctlAtFailover)
          ? try? Sysctl.read(knob.key)
          : knob.kind == .scheme ? scheme : knob.kind == .scenario ? Self.text(knob.key, scenario) : nil
      }
      for setting in plan.settings {
        let scenario = try plan.scenario(for: setting, of: scenario)
        scenarios.append(scenario)
        _ = try ModelParameters(scenario, isOfToday: machine == .linux)
        guard Scheme.named(plan.scheme(for: setting)) != nil else {
          throw ScenarioError(
            key: "scheme", value: plan.scheme(for: setting), expected: Scheme.names, option: "--set scheme")
        }
      }
    } catch { throw CommandFailure(.usage, "\(error)") }
    var notes: [String] = []
    for knob in knobs {
      let runs = plan.runsASide(of: knob)
      if let text = RunComparison.tooFewText(base: runs, new: runs, tests: plan.tests(metrics: metrics)) {
        notes.append("\(knob.name): \(text) (--repeat \(least), or fewer --metrics)")
      }
    }
    return Resolved(plan: plan, scenarios: scenarios, notes: notes)
  }

  private static func text(_ key: String, _ scenario: Scenario) -> String? {
    ScenarioKey(rawValue: key).flatMap { scenario.texts(of: $0).first }
  }

  private func knobs(isModel: Bool) throws -> [SweepKnob] {
    guard !set.isEmpty else {
      throw CommandFailure(
        .usage, "nothing to sweep: give --set KEY=VALUE,VALUE, as in --set vm.min_free_kbytes=16384,67584")
    }
    let keys = Set(ModelParameter.all.map(\.key))
    var knobs: [SweepKnob] = []
    do throws(ScenarioError) {
      for text in set {
        let knob = try SweepKnob(text, modelKeys: keys, isModel: isModel).withoutFiles(
          modelKeys: keys, isModel: isModel)
        guard !knobs.contains(where: { $0.name == knob.name }) else {
          throw ScenarioError(key: "set", value: text, expected: "each key once")
        }
        knobs.append(knob)
      }
    } catch { throw CommandFailure(.usage, "\(error)") }
    return knobs
  }

  private func baseScenario() throws -> Scenario {
    var base = try ScenarioOptions.load(scenario ?? ScenarioOptions.defaultName)
    do throws(ScenarioError) {
      for text in fix { try Self.fix(text, in: &base) }
      try base.validate()
    } catch { throw CommandFailure(.usage, "\(error)") }
    return base
  }

  private static func fix(_ text: String, in scenario: inout Scenario) throws(ScenarioError) {
    guard let equals = text.firstIndex(of: "=") else {
      throw ScenarioError(
        key: "fix", value: text,
        expected: "KEY=VALUE, KEY a key of the scenario, a kernel setting or a parameter of the model")
    }
    let (name, value) = (String(text[..<equals]), String(text[text.index(after: equals)...]))
    guard let key = ScenarioKey(rawValue: name), !key.isList else {
      do throws(ScenarioError) {
        return try scenario.set(ModelParameter.named(name) == nil ? .sysctl : .set, text)
      } catch {
        throw error.given(by: "--fix")
      }
    }
    do throws(ScenarioError) { try scenario.set(key, ProfileFile.resolve(value, of: key)) } catch {
      throw error.given(by: "--fix \(name)")
    }
  }

  /// The command line takes precedence over the file.
  private mutating func fillDefaults(from file: SweepFile) {
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
    let runner = try SweepRunner(path: path, host: host, progress: progress)
    try runner.runAll(retryFailed: retryFailed)
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
  static func write(_ sweep: SweepOptions.Resolved, to output: String?) throws -> String {
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
    let runner = try SweepRunner(path: directory, host: host, progress: .never)
    let outcome = try runner.runOne(number, again: again)
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
      do { encoded = try VersionedJSON.text(summary) } catch {
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
