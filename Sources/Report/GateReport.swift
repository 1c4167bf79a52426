public import Analysis
import Experiment

/// The findings of a gate for people and for CI.
public enum GateReport {
  /// One line for each requirement, and the verdict of all. Ends with a line break.
  public static func text(_ result: GateResult) -> String {
    let width = result.findings.map { $0.verdict.rawValue.count }.max() ?? 0
    let lines = result.findings.map { finding in
      let verdict = finding.verdict.rawValue
      return verdict + String(repeating: " ", count: width - verdict.count) + "  \(finding.requirement): \(finding.reason)\n"
    }
    return lines.joined() + "gate: \(result.verdict.rawValue)\n"
  }

  /// KTAP version 1 (the kernel's Documentation/dev-tools/ktap.rst). What is inconclusive is a skip with its reason: neither passed nor failed.
  public static func ktap(_ result: GateResult) -> String {
    var text = "KTAP version 1\n1..\(result.findings.count)\n"
    for (index, finding) in result.findings.enumerated() {
      // A '#' begins a directive.
      let name = "\(index + 1) \(hashless(finding.requirement))"
      switch finding.verdict {
      case .pass: text += "ok \(name)\n"
      case .fail: text += "# \(hashless(finding.reason))\nnot ok \(name)\n"
      case .inconclusive: text += "ok \(name) # SKIP inconclusive: \(hashless(finding.reason))\n"
      }
    }
    func count(_ verdict: GateResult.Verdict) -> Int { result.findings.count { $0.verdict == verdict } }
    return text + "# Totals: pass:\(count(.pass)) fail:\(count(.fail)) xfail:0 xpass:0 skip:\(count(.inconclusive)) error:0\n"
  }

  /// The XML that CI servers read as JUnit's.
  public static func junit(_ result: GateResult) -> String {
    let failures = result.findings.count { $0.verdict == .fail }
    let skipped = result.findings.count { $0.verdict == .inconclusive }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites>\n  <testsuite name=\"failover-bench gate\" tests=\"\(result.findings.count)\" failures=\"\(failures)\" skipped=\"\(skipped)\">\n"
    for finding in result.findings {
      let open = "    <testcase classname=\"gate\" name=\"\(Markup.escaped(finding.requirement))\""
      switch finding.verdict {
      case .pass: text += open + "/>\n"
      case .fail: text += open + ">\n      <failure message=\"\(Markup.escaped(finding.reason))\"/>\n    </testcase>\n"
      case .inconclusive: text += open + ">\n      <skipped message=\"inconclusive: \(Markup.escaped(finding.reason))\"/>\n    </testcase>\n"
      }
    }
    return text + "  </testsuite>\n</testsuites>\n"
  }

  private static func hashless(_ text: String) -> String {
    SingleLine.text(text).split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\\#")
  }
}
