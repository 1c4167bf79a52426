import Analysis
import ArgumentParser
import Experiment
import LinuxSystem
import RecordFiles
import Report
import Supervision

struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "Check runs against requirements: pass (0), fail (1) or inconclusive (2).",
    discussion: """
      An absolute requirement ('services.completed == 128') is met when every run meets it. A ratio ('total.seconds <= 1.25 x baseline') is of \
      medians; it fails or passes only with its whole 99 % interval. How far two sittings with one system differ is seen from three \
      baselines or more (--baseline A --baseline B --baseline C), each measured at another time.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case ktap
    case junit
  }

  @Argument(help: ArgumentHelp("A results directory of `run`, or one that holds several.", valueName: "dir"))
  var directory: String
  @Option(
    help: ArgumentHelp(
      "A bound, such as 'services.completed == 128' or 'total.seconds <= 1.25 x baseline'. May be repeated. Metrics: "
        + Metric.names() + ".", valueName: "bound"))
  var require: [String] = []
  @Option(
    help: ArgumentHelp(
      "A batch of runs of the system before the change. Three or more for a ratio, measured at different times.",
      valueName: "dir")) var baseline: [String] = []
  @Option(help: ArgumentHelp("Output format: text, json, ktap or junit.", valueName: "format")) var format = Format.text
  @Flag(help: "Use a baseline that is not comparable; `compare` says why not.") var force = false

  func run() throws {
    let requirements = try Self.requirements(require, hasBaseline: !baseline.isEmpty)
    guard !requirements.isEmpty else {
      throw CommandFailure(.usage, "no requirement: give --require with \(Requirement.allowed)")
    }
    let runs: ComparisonSide
    var batches: [ComparisonSide] = []
    do throws(RecordFileError) {
      runs = ComparisonSide(path: directory, runs: try RunCollection.read(directory).map(ComparedRun.init))
      for path in baseline { batches.append(try CompareCommand.side(path)) }
    } catch { throw CommandFailure(.usage, "\(error)") }
    for path in runs.leftOut {
      StandardError.write("failover-bench: \(SingleLine.text(path)) broke, and counts as a failover that was lost\n")
    }
    if let twice = Comparability.repeated(batches.flatMap(\.runs) + runs.runs).first {
      throw CommandFailure(.usage, "baseline: \(twice); each batch is measured by itself")
    }
    for batch in batches where !force && !runs.runs.isEmpty {
      guard let barrier = Comparability.barriers(batch, runs).first else { continue }
      throw CommandFailure(.usage, "baseline: \(barrier); --force uses it anyway")
    }
    let result = GateResult(requirements, side: runs, baseline: batches)
    try Self.show(result, format)
  }

  /// Prints the findings and ends with the gate's exit status.
  static func show(_ result: GateResult, _ format: Format) throws {
    switch format {
    case .text: print(GateReport.text(result), terminator: "")
    case .json: print(try PrettyJSON.text(result), terminator: "")
    case .ktap: print(GateReport.ktap(result), terminator: "")
    case .junit: print(GateReport.junit(result), terminator: "")
    }
    switch result.verdict {
    case .pass: break
    case .fail: throw ExitCode(1)
    case .inconclusive: throw ExitCode(2)
    }
  }

  /// The texts understood, each once.
  static func requirements(_ texts: [String], hasBaseline: Bool) throws -> [Requirement] {
    try texts.map { text in
      guard let requirement = Requirement(text) else {
        throw CommandFailure(invalid: text, for: "--require", expected: Requirement.allowed)
      }
      guard hasBaseline || !requirement.isRatio else {
        throw CommandFailure(
          .usage, "require: '\(requirement.text)' needs --baseline: a results directory to compare the runs with")
      }
      return requirement
    }
  }
}
