import Experiment

/// Whether a system meets its requirements.
public struct GateResult: Equatable, Sendable, Encodable {
  /// Of one requirement, or of the whole gate.
  public enum Verdict: String, Sendable, Encodable {
    case pass
    case fail
    /// Too few runs, too much noise, or the figure is unavailable.
    case inconclusive
  }

  /// One requirement and its verdict.
  public struct Finding: Equatable, Sendable, Encodable {
    /// ``Requirement/text``.
    public let requirement: String
    /// Whether it is met.
    public let verdict: Verdict
    /// The values that decided, in words.
    public let reason: String
  }

  /// Of the JSON. 2: with the failovers that were complete.
  public static let currentSchema = 2

  public let schema: Int
  /// Failovers whose services all came up, of all runs; one that broke is one that was lost.
  public let complete: Proportion
  /// One for each requirement, in the order given.
  public let findings: [Finding]

  /// Fails when any requirement fails, else is inconclusive when any is; without requirements it is inconclusive.
  public var verdict: Verdict {
    if findings.contains(where: { $0.verdict == .fail }) { return .fail }
    return findings.isEmpty || findings.contains { $0.verdict == .inconclusive } ? .inconclusive : .pass
  }

  /// An absolute requirement is met when every run meets it: each run is a failover, and one that loses a service is one too many. A ratio
  /// passes or fails with its whole interval (``RatioGate``).
  ///
  /// - Parameter baseline: batches of the system before the change, each measured at another time.
  public init(_ requirements: [Requirement], side: ComparisonSide, baseline: [ComparisonSide]) {
    schema = Self.currentSchema
    complete = side.complete
    let ratios = requirements.count(where: \.isRatio)
    findings = requirements.map { requirement in
      let finding =
        requirement.isRatio
        ? RatioGate(requirement: requirement, family: ratios).finding(side.runs, baseline.map(\.runs))
        : Self.absolute(requirement, side)
      guard finding.verdict == .pass, !side.broken.isEmpty, !requirement.metric.countsBroken else { return finding }
      return Finding(
        requirement: finding.requirement, verdict: .inconclusive,
        reason:
          "\(side.broken.count) of \(side.all.count) runs broke and have no figures; of the others: \(finding.reason)")
    }
  }

  private static func absolute(_ requirement: Requirement, _ side: ComparisonSide) -> Finding {
    // In a run that broke nothing came up.
    let runs = requirement.metric.countsBroken ? side.runs + side.broken : side.runs
    let values = runs.map { $0.record.status == .complete ? requirement.metric.value(of: $0) : 0 }
    let known = values.compactMap { $0 }
    func finding(_ verdict: Verdict, _ reason: String) -> Finding {
      Finding(requirement: requirement.text, verdict: verdict, reason: reason)
    }
    if let worst = known.first(where: { !requirement.comparison.holds($0, requirement.bound) }) {
      let count = known.count { !requirement.comparison.holds($0, requirement.bound) }
      return finding(
        .fail,
        runs.count == 1
          ? "it is \(SignificantDigits.text(worst))"
          : "\(count) of \(runs.count) runs do not meet it, one with \(SignificantDigits.text(worst))")
    }
    guard !known.isEmpty, known.count == values.count, let least = known.min(), let most = known.max() else {
      return finding(
        .inconclusive,
        runs.isEmpty
          ? "no run completed" : "\(missing(requirement.metric, values.count - known.count, of: values.count))")
    }
    return finding(
      .pass,
      least == most
        ? "it is \(SignificantDigits.text(least))"
        : "\(SignificantDigits.text(least)) to \(SignificantDigits.text(most)) in \(runs.count) runs")
  }

  static func missing(_ metric: Metric, _ count: Int, of all: Int) -> String {
    "\(metric.name) is unavailable in \(count) of \(all) \(all == 1 ? "run" : "runs")"
      + (metric.unavailable.map { ": \($0)" } ?? "")
  }
}

extension Metric {
  /// Whether a run that broke has a value of it all the same: none.
  fileprivate var countsBroken: Bool { self == .failoversComplete || countsServices }
}
