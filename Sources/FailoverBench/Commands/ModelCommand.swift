import Analysis
import ArgumentParser
import Experiment
import Foundation
import LinuxSystem
import MemoryModel
import RecordFiles
import Report
import Supervision

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Run the experiment on a simulated machine, and compare the results with the paper.",
    discussion: """
      Needs no privileges. By default environment 2 with the schemes conventional and divided and seeds 1 to 16: the figures of \
      the paper, each with the model's mean and spread. A mount that stops on the simulated machine is a result, not a failure.
      """)

  @OptionGroup(title: "Scenario") var scenarioOptions: ScenarioOptions

  @Option(
    help: ArgumentHelp(
      "Memory schemes: all, or a list; by default conventional,divided.", valueName: "list"))
  var scheme: String?
  @Option(
    help: ArgumentHelp(
      "Run the scenario of an earlier run on a model of its machine, by default linux-6, and compare; --set applies, other options "
        + "of the scenario do not.", valueName: "results"))
  var beside: String?
  @Option(help: ArgumentHelp("Seeds, one simulated machine each, such as 1-16 or 1,5,101-130.", valueName: "list"))
  var seeds = "1-16"
  @Flag(help: "Print everything as JSON.") var json = false
  @Option(
    help: ArgumentHelp("Write the series of Fig. 11 to 15, mount by mount, into this new directory.", valueName: "dir"))
  var csv: String?
  @Flag(help: "Tables in Markdown.") var markdown = false
  @Flag(help: "Check every page of the simulated machine after each phase and each mount (slow).") var check = false
  @Flag(help: "List the parameters of the model and exit.") var parameters = false
  @Option(help: ArgumentHelp("Show progress: auto, always or never.", valueName: "mode"))
  var progress: ProgressPrinter.Mode = .auto

  func run() throws {
    if let csv {
      do throws(RecordFileError) { try RunDirectory.checkName(csv) } catch {
        throw CommandFailure(.usage, "csv: \(error)")
      }
    }
    let scenario = try scenarioOptions.resolve()
    if parameters { return print(try Self.parameterText(scenario), terminator: "") }
    let schemes = try Self.schemes(scheme ?? (beside == nil ? "conventional,divided" : "linux-6"))
    if let beside { return try play(schemes, beside: beside) }
    guard let seeds = SeedList.parse(seeds) else {
      throw CommandFailure(invalid: self.seeds, for: "--seeds", expected: SeedList.allowed)
    }
    let printer = CountPrinter(progress)
    let runs: [ModelRun]
    do throws(ScenarioError) {
      runs = try ModelPlayer(scenario: scenario, schemes: schemes, seeds: seeds, checks: check).play {
        printer.show($0, of: $1)
      }
    } catch { throw CommandFailure(.usage, "\(error)") }
    printer.end()
    if let broken = runs.first(where: { $0.failure != nil }), let failure = broken.failure {
      throw CommandFailure(.broken, "scheme \(broken.scheme), seed \(broken.seed): \(failure)")
    }
    try writeSeries(runs)
    try printResults(scenario, runs)
  }

  private static func schemes(_ text: String) throws -> [Scheme] {
    if text == "all" { return Scheme.all }
    var schemes: [Scheme] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let scheme = Scheme.named(String(name)), !schemes.contains(scheme) else {
        throw CommandFailure(invalid: text, for: "--scheme", expected: "\(Scheme.allowed), each once")
      }
      schemes.append(scheme)
    }
    return schemes
  }

  private func play(_ schemes: [Scheme], beside path: String) throws {
    let run: RecordedRun
    do throws(RecordFileError) { run = try RunDirectoryReader.read(path) } catch {
      throw CommandFailure(.usage, "\(error)")
    }
    var record = run.record
    var comparisons: [ModelComparison] = []
    var series: [(name: String, text: String)] = []
    do throws(ScenarioError) {
      for text in scenarioOptions.texts(of: .set) { try record.scenario.set(.set, text) }
      let model = ModelBesideRun(
        record: record, observations: run.observations,
        pageTypes: RunDirectoryReader.kernelText(run, "settle-after", "pagetypeinfo"))
      for scheme in schemes {
        guard let (played, comparison) = try model.play(scheme) else { continue }
        comparisons.append(comparison)
        series.append(
          (
            "model-\(scheme.name).csv",
            MountsCSV.text(
              played.mounts, played.observations, watermarks: played.start?.watermarks ?? [])
          ))
      }
    } catch { throw CommandFailure(.usage, "\(error)") }
    guard !comparisons.isEmpty else {
      throw CommandFailure(.usage, "\(path): the run did not reach a mount: there is nothing to compare")
    }
    if let csv {
      do throws(RecordFileError) {
        let directory = try RunDirectory.make(at: csv)
        for file in series { try directory.write(text: file.text, named: file.name) }
      } catch { throw CommandFailure(.usage, "csv: \(error)") }
    }
    if json { return print(try PrettyJSON.text(comparisons), terminator: "") }
    print(comparisons.map { ModelComparisonTable.text($0) }.joined(separator: "\n"), terminator: "")
  }

  private func writeSeries(_ runs: [ModelRun]) throws {
    guard let csv else { return }
    do throws(RecordFileError) {
      let directory = try RunDirectory.make(at: csv)
      try directory.write(text: ModelSeriesCSV.text(runs), named: "series.csv")
    } catch { throw CommandFailure(.usage, "csv: \(error)") }
  }

  private func printResults(_ scenario: Scenario, _ runs: [ModelRun]) throws {
    let summary = ModelSummary(scenario: scenario.name, runs: runs)
    if json { return print(try PrettyJSON.text(summary), terminator: "") }
    print(markdown ? FidelityTable.markdown(summary.fidelity) : FidelityTable.text(summary.fidelity))
    print(markdown ? SchemeTable.markdown(summary) : SchemeTable.text(summary, width: Terminal.width), terminator: "")
  }

  private static func parameterText(_ scenario: Scenario) throws -> String {
    let values = try ModelParameters(scenario)
    return ModelParameterTable.text(
      ModelParameter.all.map {
        .init(key: $0.key, value: $0.text(values), label: $0.label.rawValue, allowed: $0.allowed, reason: $0.reason)
      }, width: Terminal.width)
  }
}
