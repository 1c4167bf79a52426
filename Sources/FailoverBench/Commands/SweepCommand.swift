import Analysis
import ArgumentParser
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
