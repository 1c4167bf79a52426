public import Analysis
import Experiment

/// The schemes side by side: their figures, and whether they meet the requirements of the paper's Table 2.
public enum SchemeTable {
  /// The services' work where they have some, two tables and the limits, each ended by a line break. Up to 132 columns.
  public static func text(_ summary: ModelSummary, width: Int? = nil) -> String {
    (services(summary).map { $0.text + "\n" } ?? "") + figures(summary).text + "\n" + verdicts(summary).text + "\n"
      + notes(summary).map { LineWrapping.listItem($0, width: max(42, width ?? 130)) }.joined()
  }

  /// The same for the README.
  public static func markdown(_ summary: ModelSummary) -> String {
    (services(summary).map { $0.markdown + "\n" } ?? "") + figures(summary).markdown + "\n" + verdicts(summary).markdown
      + "\n" + notes(summary).map { "- \($0)\n" }.joined()
  }

  private static func notes(_ summary: ModelSummary) -> [String] {
    failures(summary) + reasons(summary) + environment(summary) + summary.limits
  }

  private static func figures(_ summary: ModelSummary) -> TableCells {
    let titles = [
      "mounts", "complete", "threshold 1", "threshold 2", "seconds", "cache left, MB", "copied", "mapped", "pinned",
      "idle, MB",
      "K",
    ]
    return TableCells(
      headings: [.init(title: "scheme")] + titles.map { .init(title: $0, isNumber: true) },
      rows: summary.schemes.map { row in
        [
          row.scheme, extent(row.mountsCompleted), "\(row.completeSeeds) of \(row.seeds)", mean(row.firstThreshold, 1),
          mean(row.secondThreshold, 1), mean(row.cumulativeSeconds, 1), mean(row.dataCacheLeftMiB, 0),
          mean(row.pagesCopied, 0),
          mean(row.pagesMapped, 0), mean(row.pagesPinned, 0), mean(row.idleMiB, 1), mean(row.unpinnedLargeGroups, 0),
        ]
      })
  }

  private static func services(_ summary: ModelSummary) -> TableCells? {
    guard let services = summary.services else { return nil }
    let titles = ["services completed", "files that failed", "first at mount", "compaction stalls", "reclaim stalls"]
    return TableCells(
      headings: [.init(title: "scheme")] + titles.map { .init(title: $0, isNumber: true) },
      rows: services.map { row in
        [
          row.scheme, extent(row.servicesCompleted), extent(row.filesFailed), extent(row.firstFailingMount),
          extent(row.compactionStalls), extent(row.allocationStalls),
        ]
      })
  }

  private static func verdicts(_ summary: ModelSummary) -> TableCells {
    TableCells(
      headings: [
        .init(title: "scheme"), .init(title: "service stop prevented"), .init(title: "no added overhead"),
        .init(title: "utilisation kept"),
      ],
      rows: summary.assessments.map { assessment in
        [assessment.scheme]
          + assessment.findings.map { "\($0.verdict?.rawValue ?? "not assessed") (\($0.agreement))" }
      })
  }

  private static func mean(_ spread: ModelSpread?, _ decimals: Int) -> String {
    spread.map { HumanNumber.fixed($0.mean, decimals: decimals) } ?? "-"
  }

  private static func extent(_ spread: ModelSpread?) -> String {
    guard let spread else { return "-" }
    guard spread.minimum < spread.maximum else { return HumanNumber.fixed(spread.mean, decimals: 0) }
    let ends = [spread.minimum, spread.maximum].map { HumanNumber.fixed($0, decimals: 0) }
    return "\(HumanNumber.fixed(spread.mean, decimals: 1)) (\(ends.joined(separator: "-")))"
  }

  private static func failures(_ summary: ModelSummary) -> [String] {
    summary.schemes.flatMap { row in row.failures.map { SingleLine.text("\(row.scheme), \($0)") } }
  }

  /// Verdicts that need explaining: those that contradict the paper, and missing ones.
  private static func reasons(_ summary: ModelSummary) -> [String] {
    summary.assessments.flatMap { assessment in
      assessment.findings.filter { $0.agrees == false || $0.verdict == nil }.map { finding in
        let verdict = finding.verdict?.rawValue ?? "not assessed"
        return "\(assessment.scheme), \(title(finding.requirement)): \(verdict), \(finding.reason)"
          + (finding.paper.map { "; the paper's Table 3 says \($0.rawValue)" } ?? "")
      }
    }
  }

  private static func environment(_ summary: ModelSummary) -> [String] {
    guard summary.runs.contains(where: { $0.environment == .injection }) else { return [] }
    return ["the paper mounts nothing in environment 1: the mounts assessed here are an extension"]
  }

  private static func title(_ requirement: SchemeAssessment.Requirement) -> String {
    switch requirement {
    case .serviceStopPrevented: "service stop prevented"
    case .noAddedOverhead: "no added overhead"
    case .utilisationKept: "utilisation kept"
    }
  }
}
