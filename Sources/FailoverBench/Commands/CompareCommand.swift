import Analysis
import ArgumentParser
import Experiment
import LinuxSystem
import RecordFiles
import Report
import Supervision
import Sweeps

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare runs: intervals, p-values and a verdict for each metric.",
    discussion: """
      BASE and each NEW is a results directory of `run`, a directory that holds several (repeats of one setting), or a sweep; of two sweeps \
      each setting is compared with the same setting. The unit of statistics is the run, never the mount.

      Refuses sides whose scenarios differ in more than the tuning, or whose machines started in different states.
      """)

  @Argument(help: ArgumentHelp("The baseline.", valueName: "base")) var base: String
  @Argument(help: ArgumentHelp("The runs to compare with the baseline.", valueName: "new")) var new: [String]
  @OptionGroup(title: "Verdicts") var verdicts: VerdictOptions
  @Flag(help: "Compare sides that are not comparable; the output says why they are not.") var force = false
  @Flag(help: "Print everything as JSON.") var json = false
  @Flag(help: "Tables in Markdown.") var markdown = false

  func run() throws {
    guard !new.isEmpty else {
      throw CommandFailure(.usage, "nothing to compare with \(base): expected one or more results directories")
    }
    let (rules, metrics) = try verdicts.resolve()
    let comparison: RunComparison
    do throws(RecordFileError) {
      if SweepFolder.isSweep(base) {
        var pairs: [(base: ComparisonSide, new: ComparisonSide)] = []
        let baseSides = try SweepFolder.sides(base)
        for path in new {
          let newSides = try SweepFolder.isSweep(path) ? SweepFolder.sides(path) : []
          for (setting, side) in baseSides {
            if let other = newSides.first(where: { $0.setting == setting }) { pairs.append((side, other.side)) }
          }
        }
        guard !pairs.isEmpty else { throw Self.nothingInCommon(base) }
        comparison = RunComparison(pairs, metrics: metrics, rules: rules, tolerancePercent: verdicts.startTolerance)
      } else {
        let side = try Self.side(base)
        var others: [ComparisonSide] = []
        for path in new { others.append(try Self.side(path)) }
        comparison = RunComparison(
          base: side, new: others, metrics: metrics, rules: rules, tolerancePercent: verdicts.startTolerance)
      }
    } catch { throw CommandFailure(.usage, "\(error)") }
    if !force, let pair = comparison.pairs.first(where: { !$0.barriers.isEmpty }), let barrier = pair.barriers.first {
      let rest = pair.barriers.count > 1 ? " (and \(pair.barriers.count - 1) more)" : ""
      throw CommandFailure(.usage, "\(barrier)\(rest); these are not comparable; --force compares them anyway")
    }
    if json { return print(try PrettyJSON.text(comparison, nonFiniteAsWords: true), terminator: "") }
    print(
      markdown ? ComparisonTable.markdown(comparison) : ComparisonTable.text(comparison, width: Terminal.width),
      terminator: "")
  }

  private static func nothingInCommon(_ path: String) -> RecordFileError {
    RecordFileError(
      .invalid, operation: "compare", path: path, reason: "none of the other sweeps has any of its settings",
      advice: "compare the directories of settings themselves (runs/…)")
  }

  /// The completed runs, at least one.
  static func side(_ path: String) throws(RecordFileError) -> ComparisonSide {
    let side = ComparisonSide(path: path, runs: try RunCollection.read(path).map(ComparedRun.init))
    guard !side.runs.isEmpty else {
      throw RecordFileError(
        .invalid, operation: "compare", path: path, reason: "no run in it completed",
        advice: "run again, or name another directory")
    }
    return side
  }
}

extension ComparedRun {
  init(_ run: RecordedRun) { self.init(path: run.path, record: run.record, observations: run.observations) }
}

/// The options of verdicts; the same for `compare` and `sweep`.
struct VerdictOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The least difference that matters, in per cent.", valueName: "percent"))
  var difference = VerdictRules.defaultDifferencePercent
  @Option(
    help: ArgumentHelp(
      "Compare only these, separated by commas: \(Metric.names(Metric.comparable)). Fewer metrics need fewer runs, but choose them before you "
        + "look at the runs.", valueName: "list"))
  var metrics: String?
  @Option(help: ArgumentHelp("How far the start states of two sides may differ, in per cent.", valueName: "percent"))
  var startTolerance = Comparability.defaultTolerancePercent

  func resolve() throws -> (VerdictRules, [Metric]) {
    guard difference > 0, difference <= 1000 else {
      throw CommandFailure(invalid: "\(difference)", for: "--difference", expected: "a number above 0, up to 1000")
    }
    guard startTolerance >= 0, startTolerance <= 1000 else {
      throw CommandFailure(invalid: "\(startTolerance)", for: "--start-tolerance", expected: "0 to 1000")
    }
    guard let metrics else { return (VerdictRules(differencePercent: difference), Metric.compared) }
    var chosen: [Metric] = []
    for name in metrics.split(separator: ",", omittingEmptySubsequences: false) {
      guard let metric = Metric.named(String(name), aliases: true), metric.better != .neither, !chosen.contains(metric)
      else {
        throw CommandFailure(
          invalid: String(name), for: "--metrics", expected: "\(Metric.names(Metric.comparable)), each once")
      }
      chosen.append(metric)
    }
    return (VerdictRules(differencePercent: difference), chosen)
  }
}
