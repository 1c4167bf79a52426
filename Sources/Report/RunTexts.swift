public import Analysis
public import Experiment

/// A run as text for papers, spreadsheets and CI.
public enum RunTexts {
  /// Figures, phases and mounts as GitHub's Markdown.
  public static func markdown(_ path: String, _ record: RunRecord, _ observations: [Observation]) -> String {
    let summary = RunSummary(of: record, observations: observations)
    let fields = SummaryTable.fields(record, summary, resultsPath: nil).fields
    let cells = TableCells(
      headings: [.init(title: "figure"), .init(title: "value")],
      rows: fields.map { [$0.label.split(separator: " ").joined(separator: " "), $0.value] })
    return "## \(SingleLine.text(record.scenario.name)) (\(SingleLine.text(path)))\n\n\(RunPage.outcome(record))\n\n"
      + cells.markdown + "\n"
      + RunNotes.texts(record, summary).map { "- \(SingleLine.text($0))\n" }.joined() + "\n"
      + PhaseTable.cells(record).markdown + "\n"
      + MountTable.cells(record, observations).markdown
  }

  /// One line for each run, with every metric as a column.
  public static func csv(_ runs: [ComparedRun]) -> String {
    let heading = ["path", "run", "status", "scenario", "kernel", "settings", "seed"] + Metric.all.map(\.name)
    return heading.joined(separator: ",") + "\n"
      + runs.map { run in
        let record = run.record
        let texts = [
          run.path, record.runID, record.status.rawValue, record.scenario.name, record.host.kernelRelease,
          (record.scenario.sysctls.map(\.text) + record.scenario.modelSettings.map(\.text)).joined(separator: " "),
          "\(record.scenario.seed)",
        ]
        return
          (texts.map { CSVCell.text(SingleLine.text($0, limit: 4096)) } + Metric.all.map { number($0.value(of: run)) })
          .joined(separator: ",") + "\n"
      }.joined()
  }

  /// A whole number is written without a decimal point.
  private static func number(_ value: Double?) -> String {
    guard let value, value == value.rounded(), abs(value) < 1e15 else { return CSVCell.number(value) }
    return "\(Int(value))"
  }

  /// KTAP version 1: a test for each file system, in each run, and how many failovers were complete in a comment.
  public static func ktap(_ runs: [ComparedRun]) -> String {
    KTAP.heading(runs.count) + "# \(KTAP.escaped(ComparisonTable.services(runs)))\n"
      + runs.enumerated().map { index, run in
        let mounts = run.record.mounts
        var text = "  KTAP version 1\n  # Subtest: \(KTAP.escaped(run.path))\n  1..\(run.record.scenario.fileSystems)\n"
        for mount in mounts {
          let isUp = mount.outcome.isInService
          if !isUp { text += "  # \(KTAP.escaped(mount.outcome.explanation))\n" }
          text +=
            "  \(isUp ? "ok" : "not ok") \(mount.number) mount \(mount.number) \(HumanNumber.duration(mount.serviceDurationNanoseconds))\n"
        }
        for number in (mounts.count + 1)..<max(mounts.count + 1, run.record.scenario.fileSystems + 1) {
          text += "  ok \(number) mount \(number) # SKIP not tried\n"
        }
        let isWhole =
          run.record.status == .complete && mounts.allSatisfy { $0.outcome.isInService }
          && mounts.count == run.record.scenario.fileSystems
        return text + "\(isWhole ? "ok" : "not ok") \(index + 1) \(KTAP.escaped(run.path))\n"
      }.joined()
  }

  /// The XML that CI servers read as JUnit's: a suite for each run, a case for each file system.
  public static func junit(_ runs: [ComparedRun]) -> String {
    func seconds(_ nanoseconds: UInt64) -> String { HumanNumber.fixed(Double(nanoseconds) / 1e9, decimals: 6) }
    return JUnit.document(
      runs.map { run in
        let mounts = run.record.mounts
        let tried = mounts.map { mount in
          (
            "mount \(mount.number)", "failover", seconds(mount.serviceDurationNanoseconds) as String?,
            mount.outcome.isInService ? JUnit.Outcome.passed : .failed(mount.outcome.explanation)
          )
        }
        let untried = (mounts.count + 1)..<max(mounts.count + 1, run.record.scenario.fileSystems + 1)
        return JUnit.suite(
          run.path, seconds: seconds(run.summary.totalNanoseconds),
          cases: tried + untried.map { ("mount \($0)", "failover", nil, .skipped("not tried")) })
      })
  }
}
