public import Analysis

/// The findings of a gate for people and for CI.
public enum GateReport {
  /// One line for each requirement, and the verdict of all. Ends with a line break.
  public static func text(_ result: GateResult) -> String {
    let width = result.findings.map { $0.verdict.rawValue.count }.max() ?? 0
    let lines = result.findings.map { finding in
      let verdict = finding.verdict.rawValue
      return verdict + String(repeating: " ", count: width - verdict.count)
        + "  \(finding.requirement): \(finding.reason)\n"
    }
    return ComparisonTable.services(result.complete) + "\n" + lines.joined() + "gate: \(result.verdict.rawValue)\n"
  }

  /// KTAP version 1. What is inconclusive is skipped with its reason: it has neither passed nor failed.
  public static func ktap(_ result: GateResult) -> String {
    var text = KTAP.heading(result.findings.count) + "# \(KTAP.escaped(ComparisonTable.services(result.complete)))\n"
    for (index, finding) in result.findings.enumerated() {
      let name = "\(index + 1) \(KTAP.escaped(finding.requirement))"
      switch finding.verdict {
      case .pass: text += "ok \(name)\n"
      case .fail: text += "# \(KTAP.escaped(finding.reason))\nnot ok \(name)\n"
      case .inconclusive: text += "ok \(name) # SKIP inconclusive: \(KTAP.escaped(finding.reason))\n"
      }
    }
    func count(_ verdict: GateResult.Verdict) -> Int { result.findings.count { $0.verdict == verdict } }
    return text
      + "# Totals: pass:\(count(.pass)) fail:\(count(.fail)) xfail:0 xpass:0 skip:\(count(.inconclusive)) error:0\n"
  }

  /// The XML that CI servers read as JUnit's. How many failovers were complete is a property of the suite, with its interval.
  public static func junit(_ result: GateResult) -> String {
    JUnit.document([
      JUnit.suite(
        "failover-bench gate",
        properties: [(Metric.failoversComplete.name, ComparisonTable.proportion(result.complete))]
          + (ComparisonTable.allowance(result.complete).map { [("failovers.allowance", $0)] } ?? []),
        cases: result.findings.map { finding in
          let outcome: JUnit.Outcome =
            switch finding.verdict {
            case .pass: .passed
            case .fail: .failed(finding.reason)
            case .inconclusive: .skipped("inconclusive: \(finding.reason)")
            }
          return (finding.requirement, "gate", nil, outcome)
        })
    ])
  }
}
