import Experiment

/// Whether a system meets its requirements.
public struct GateResult: Equatable, Sendable, Codable {
  /// Of one requirement, or of the whole gate.
  public enum Verdict: String, Sendable, Codable {
    case pass
    case fail
    /// Too few runs, too much noise, or the figure is unavailable.
    case inconclusive
  }

  /// One requirement and its verdict.
  public struct Finding: Equatable, Sendable, Codable {
    /// ``Requirement/text``.
    public let requirement: String
    /// Whether it is met.
    public let verdict: Verdict
    /// The values that decided, in words.
    public let reason: String
  }

  /// Of the JSON.
  public static let currentSchema = 1
  /// Fewer runs a side say nothing about a ratio: even with five, the interval of a median spans all values.
  public static let leastRunsForRatio = 5
  /// The ends of the 99 % interval: an unchanged system lies beyond them once in a hundred times, and on a given side once in two hundred.
  private static let (low, high) = (0.005, 0.995)

  /// The schema that it was made or read with.
  public let schema: Int
  /// One for each requirement, in the order given.
  public let findings: [Finding]

  /// Fails when any requirement fails, else is inconclusive when any is; without requirements it is inconclusive.
  public var verdict: Verdict {
    if findings.contains(where: { $0.verdict == .fail }) { return .fail }
    return findings.isEmpty || findings.contains { $0.verdict == .inconclusive } ? .inconclusive : .pass
  }

  /// An absolute requirement is met when every run meets it: each run is a failover, and one that loses a service is one too many. A ratio is of
  /// medians: it fails when its whole 99 % interval is on the wrong side of the bound, passes when the whole interval is on the right
  /// side, and is inconclusive in between. So an unchanged system fails less than once in a hundred times, and passes where the bound
  /// leaves room for its noise.
  public init(_ requirements: [Requirement], runs: [ComparedRun], baseline: [ComparedRun]?) {
    self.init(requirements, runs: runs, baseline: baseline, resampleCount: VerdictRules.resampleCount)
  }

  /// With fewer resamples, for tests of many gates.
  init(_ requirements: [Requirement], runs: [ComparedRun], baseline: [ComparedRun]?, resampleCount: Int) {
    schema = Self.currentSchema
    findings = requirements.map { requirement in
      requirement.isRatio ? Self.ratio(requirement, runs, baseline, resampleCount) : Self.absolute(requirement, runs)
    }
  }

  private static func absolute(_ requirement: Requirement, _ runs: [ComparedRun]) -> Finding {
    let values = runs.map { requirement.metric.value(of: $0) }
    let known = values.compactMap { $0 }
    func finding(_ verdict: Verdict, _ reason: String) -> Finding {
      Finding(requirement: requirement.text, verdict: verdict, reason: reason)
    }
    if let worst = known.first(where: { !requirement.comparison.holds($0, requirement.bound) }) {
      let count = known.count { !requirement.comparison.holds($0, requirement.bound) }
      return finding(
        .fail,
        runs.count == 1
          ? "it is \(text(worst))" : "\(count) of \(runs.count) runs do not meet it, one with \(text(worst))")
    }
    guard !known.isEmpty, known.count == values.count, let least = known.min(), let most = known.max() else {
      return finding(
        .inconclusive,
        runs.isEmpty
          ? "no run completed" : "\(missing(requirement.metric, values.count - known.count, of: values.count))")
    }
    return finding(
      .pass, least == most ? "it is \(text(least))" : "\(text(least)) to \(text(most)) in \(runs.count) runs")
  }

  private static func ratio(
    _ requirement: Requirement, _ runs: [ComparedRun], _ baseline: [ComparedRun]?, _ resampleCount: Int
  ) -> Finding {
    func finding(_ verdict: Verdict, _ reason: String) -> Finding {
      Finding(requirement: requirement.text, verdict: verdict, reason: reason)
    }
    guard let baseline else { return finding(.inconclusive, "there is no baseline") }
    let new = runs.compactMap { requirement.metric.value(of: $0) }
    let base = baseline.compactMap { requirement.metric.value(of: $0) }
    guard new.count == runs.count, base.count == baseline.count else {
      let (all, found) = (runs.count + baseline.count, new.count + base.count)
      return finding(.inconclusive, missing(requirement.metric, all - found, of: all))
    }
    guard min(new.count, base.count) >= leastRunsForRatio else {
      return finding(
        .inconclusive,
        "\(new.count) runs against \(base.count) are too few for a ratio: it takes \(leastRunsForRatio) a side")
    }
    var random = RandomGenerator(seed: 20_050_101)
    let resamples = MedianRatio.Resamples(count: resampleCount, base: base.count, new: new.count, random: &random)
    guard let ratio = MedianRatio(base: base, new: new, resamples: resamples, from: low, to: high) else {
      return finding(.inconclusive, "the medians have no ratio")
    }
    let words = "the ratio is \(text(ratio.ratio)), 99 % interval \(text(ratio.lower)) to \(text(ratio.upper))"
    let ends = [ratio.lower, ratio.upper].map { requirement.comparison.holds($0, requirement.bound) }
    if ends[0] && ends[1] { return finding(.pass, words) }
    if !ends[0] && !ends[1] { return finding(.fail, words) }
    return finding(.inconclusive, words + "; use more runs, or a looser bound")
  }

  private static func missing(_ metric: Metric, _ count: Int, of all: Int) -> String {
    "\(metric.name) is unavailable in \(count) of \(all) \(all == 1 ? "run" : "runs")"
      + (metric.unavailable.map { ": \($0)" } ?? "")
  }

  /// Four significant digits: nobody reads more.
  private static func text(_ value: Double) -> String {
    guard value.isFinite else { return "infinite" }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
    var (scale, size) = (1.0, abs(value))
    while size < 1_000 && scale < 1e9 { (scale, size) = (scale * 10, size * 10) }
    return "\((value * scale).rounded() / scale)"
  }
}
