import Analysis
import ArgumentParser
import Experiment
import RecordFiles
import Supervision
import Sweeps

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
