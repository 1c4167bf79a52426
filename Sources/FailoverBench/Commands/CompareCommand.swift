import Analysis
import ArgumentParser
import LinuxSystem
import RecordFiles
import Report
import Supervision
import Sweeps

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare runs: did all services come up, by how much do the figures differ?",
    discussion: """
      BASE and each NEW is a results directory of `run`, a directory that holds several (repeats of one setting), or a sweep; of two sweeps \
      each setting is compared with the same setting. The unit of statistics is never the mount. Sides that were measured in turns \
      (A B A B, by when their runs began) get verdicts, with a pair of batches as the unit; settings of one sweep (SWEEP/runs/…) get intervals over its \
      rounds, and others between the medians of the sides.

      Refuses sides whose scenarios differ in more than the tuning, or whose machines started in different states.
      """)

  @Argument(help: ArgumentHelp("The baseline.", valueName: "base")) var base: String
  @Argument(help: ArgumentHelp("The runs to compare with the baseline.", valueName: "new")) var new: [String]
  @Option(help: PercentOption.margin) var margin: String?
  @OptionGroup(title: "Start states") var start: StartOptions
  @Flag(help: "Compare sides that are not comparable; the output says why they are not.") var force = false
  @Flag(help: "Also show figures no verdict is based on.") var all = false
  @Flag(help: "Print everything as JSON.") var json = false
  @Flag(help: "Tables in Markdown.") var markdown = false

  func run() throws {
    guard !new.isEmpty else {
      throw CommandFailure(.usage, "nothing to compare with \(base): expected one or more results directories")
    }
    let rules = VerdictRules(
      marginPercent: try margin.map { try PercentOption.read($0, "--margin") } ?? VerdictRules.defaultMarginPercent)
    let tolerance = try start.tolerance()
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
        comparison = RunComparison(pairs, rules: rules, tolerancePercent: tolerance)
      } else {
        let side = try Self.side(base)
        var others: [ComparisonSide] = []
        for path in new { others.append(try Self.side(path)) }
        comparison = RunComparison(base: side, new: others, rules: rules, tolerancePercent: tolerance)
      }
    } catch { throw CommandFailure(.usage, "\(error)") }
    if !force, let pair = comparison.pairs.first(where: { !$0.barriers.isEmpty }), let barrier = pair.barriers.first {
      let rest = pair.barriers.count > 1 ? " (and \(pair.barriers.count - 1) more)" : ""
      throw CommandFailure(.usage, "\(barrier)\(rest); these are not comparable; --force compares them anyway")
    }
    if json { return print(try PrettyJSON.text(comparison), terminator: "") }
    print(
      markdown
        ? ComparisonTable.markdown(comparison, showsAll: all)
        : ComparisonTable.text(comparison, showsAll: all, width: Terminal.width),
      terminator: "")
  }

  private static func nothingInCommon(_ path: String) -> RecordFileError {
    RecordFileError(
      .invalid, operation: "compare", path: path, reason: "none of the other sweeps has any of its settings",
      advice: "compare the directories of settings themselves (runs/…)")
  }

  /// The completed runs, at least one.
  static func side(_ path: String) throws(RecordFileError) -> ComparisonSide {
    let side: ComparisonSide
    if let setting = try SweepFolder.side(ofSetting: path) {
      side = setting
    } else {
      side = ComparisonSide(path: path, runs: try RunCollection.read(path).map(ComparedRun.init))
    }
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
