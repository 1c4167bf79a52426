import Analysis
import ArgumentParser
import Experiment
import Foundation
import LinuxSystem
import MemoryModel
import RecordFiles
import Report

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Play the experiment on a simulated machine, and compare with the paper.",
    discussion: """
      Needs no privileges. By default environment 2 with the schemes conventional and divided and seeds 1 to 16: the figures of \
      the paper, each with the model's mean and spread. A mount that stops on the simulated machine is a result, not a failure.
      """)

  @OptionGroup(title: "Scenario") var scenarioOptions: ScenarioOptions

  @Option(help: ArgumentHelp("Memory schemes: all, or a list such as conventional,divided.", valueName: "list"))
  var scheme = "conventional,divided"
  @Option(help: ArgumentHelp("One simulated machine for each, such as 1-16 or 1,5,101-130.", valueName: "list"))
  var seeds = "1-16"
  @Flag(help: "Everything as JSON on standard output.") var json = false
  @Option(help: ArgumentHelp("Write the series of Fig. 11 to 15, mount by mount, into this new directory.", valueName: "dir"))
  var csv: String?
  @Flag(help: "Tables in Markdown.") var markdown = false
  @Flag(help: "Look at every page of the simulated machine after each phase and each mount: slow.") var check = false
  @Flag(help: "List the parameters of the model, and do nothing.") var parameters = false
  @Option(help: ArgumentHelp("Show progress: auto, always or never.", valueName: "mode"))
  var progress: ProgressPrinter.Mode = .auto

  func run() throws {
    let scenario = try scenarioOptions.resolve()
    if parameters { return print(try Self.parameterText(scenario), terminator: "") }
    let schemes = try Self.schemes(scheme)
    guard let seeds = SeedList.parse(seeds) else {
      throw CommandFailure(.usage, "seeds: '\(self.seeds.prefix(120))' is not allowed; allowed: \(SeedList.allowed)")
    }
    let printer = CountPrinter(progress)
    let runs: [ModelRun]
    do throws(ScenarioError) {
      runs = try ModelPlayer(scenario: scenario, schemes: schemes, seeds: seeds, checks: check).play { printer.show($0, of: $1) }
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
        throw CommandFailure(.usage, "scheme: '\(text.prefix(120))' is not allowed; allowed: \(Scheme.allowed), each once")
      }
      schemes.append(scheme)
    }
    return schemes
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
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return print(String(decoding: try encoder.encode(summary), as: UTF8.self))
    }
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

/// `model: 12 of 32 runs`, on standard error, over itself where that is a terminal.
final class CountPrinter: Sendable {
  private let isShown: Bool

  init(_ mode: ProgressPrinter.Mode) { isShown = mode == .always || (mode == .auto && Terminal.width != nil) }

  func show(_ done: Int, of all: Int) {
    if isShown { StandardError.write("\rmodel: \(done) of \(all) runs") }
  }

  func end() {
    if isShown { StandardError.write("\r\u{1B}[K") }
  }
}
