public import Analysis
public import Experiment

/// A run as text for papers, spreadsheets and CI.
public enum RunTexts {
  /// Figures, phases and mounts as GitHub's Markdown.
  public static func markdown(_ path: String, _ record: RunRecord, _ observations: [Observation]) -> String {
    let summary = RunSummary(of: record, observations: observations)
    let fields = SummaryTable.fields(record, summary, resultsPath: nil).fields
    let cells = SchemeTableCells(
      headings: [.init(title: "figure"), .init(title: "value")], rows: fields.map { [$0.label.split(separator: " ").joined(separator: " "), $0.value] })
    return "## \(SingleLine.text(record.scenario.name)) (\(SingleLine.text(path)))\n\n\(RunPage.outcome(record))\n\n" + cells.markdown + "\n"
      + RunNotes.texts(record, summary).map { "- \(SingleLine.text($0))\n" }.joined() + "\n" + PhaseTable.cells(record).markdown + "\n"
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
          (record.scenario.sysctls.map(\.text) + record.scenario.modelSettings.map(\.text)).joined(separator: " "), "\(record.scenario.seed)",
        ]
        return (texts.map { CSVCell.text(SingleLine.text($0, limit: 4096)) } + Metric.all.map { number($0.value(of: run)) })
          .joined(separator: ",") + "\n"
      }.joined()
  }

  /// What is counted has no point.
  private static func number(_ value: Double?) -> String {
    guard let value, value == value.rounded(), abs(value) < 1e15 else { return CSVCell.number(value) }
    return "\(Int(value))"
  }

  /// KTAP version 1: a test for each file system, in each run.
  public static func ktap(_ runs: [ComparedRun]) -> String {
    "KTAP version 1\n1..\(runs.count)\n"
      + runs.enumerated().map { index, run in
        let mounts = run.record.mounts
        var text = "  KTAP version 1\n  # Subtest: \(plain(run.path))\n  1..\(run.record.scenario.fileSystems)\n"
        for mount in mounts {
          let isUp = mount.outcome.isInService
          if !isUp { text += "  # \(plain(mount.outcome.explanation))\n" }
          text += "  \(isUp ? "ok" : "not ok") \(mount.number) mount \(mount.number) \(HumanNumber.duration(mount.serviceDurationNanoseconds))\n"
        }
        for number in (mounts.count + 1)..<max(mounts.count + 1, run.record.scenario.fileSystems + 1) {
          text += "  ok \(number) mount \(number) # SKIP not tried\n"
        }
        let isWhole = run.record.status == .complete && mounts.allSatisfy { $0.outcome.isInService } && mounts.count == run.record.scenario.fileSystems
        return text + "\(isWhole ? "ok" : "not ok") \(index + 1) \(plain(run.path))\n"
      }.joined()
  }

  /// The XML that CI servers read as JUnit's: a suite for each run, a case for each file system.
  public static func junit(_ runs: [ComparedRun]) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      + runs.map { run in
        let mounts = run.record.mounts
        let untried = max(0, run.record.scenario.fileSystems - mounts.count)
        let failures = mounts.count { !$0.outcome.isInService }
        let total = HumanNumber.fixed(Double(run.summary.totalNanoseconds) / 1e9, decimals: 6)
        var text = "  <testsuite name=\"\(Markup.escaped(run.path))\" tests=\"\(mounts.count + untried)\" failures=\"\(failures)\" skipped=\"\(untried)\" time=\"\(total)\">\n"
        for mount in mounts {
          let time = HumanNumber.fixed(Double(mount.serviceDurationNanoseconds) / 1e9, decimals: 6)
          let open = "    <testcase classname=\"failover\" name=\"mount \(mount.number)\" time=\"\(time)\""
          text += mount.outcome.isInService ? open + "/>\n" : open + "><failure message=\"\(Markup.escaped(mount.outcome.explanation))\"/></testcase>\n"
        }
        for number in (mounts.count + 1)..<(mounts.count + untried + 1) {
          text += "    <testcase classname=\"failover\" name=\"mount \(number)\"><skipped message=\"not tried\"/></testcase>\n"
        }
        return text + "  </testsuite>\n"
      }.joined() + "</testsuites>\n"
  }

  /// A '#' begins a directive.
  private static func plain(_ text: String) -> String {
    SingleLine.text(text).split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\\#")
  }
}
