import Experiment

/// Whether a system keeps its requirements.
public struct GateResult: Equatable, Sendable, Codable {
  public enum Verdict: String, Sendable, Codable {
    case pass
    case fail
    /// Too few runs, too much noise, or no such figure.
    case inconclusive
  }

  /// One requirement and what became of it.
  public struct Finding: Equatable, Sendable, Codable {
    public let requirement: String
    public let verdict: Verdict
    /// In words: the values that decided.
    public let reason: String
  }

  public static let currentSchema = 1
  /// Fewer runs a side say nothing about a ratio: with five, the interval of a median reaches from the least value to the most.
  public static let leastRunsForRatio = 5
  /// Beyond these quantiles of the bootstrap an unchanged system comes once in a hundred times, and to one side once in two hundred.
  private static let (low, high) = (0.005, 0.995)

  public let schema: Int
  public let findings: [Finding]

  /// Fail when one fails, else inconclusive when one is; a gate without requirements passes nothing.
  public var verdict: Verdict {
    if findings.contains(where: { $0.verdict == .fail }) { return .fail }
    return findings.isEmpty || findings.contains { $0.verdict == .inconclusive } ? .inconclusive : .pass
  }

  /// An absolute requirement is kept when every run keeps it: each is a failover, and one that loses a service is one too many. A ratio is of
  /// medians: it fails when its whole 99 % interval is on the wrong side of the bound, passes when the whole interval is on the right
  /// side, and is inconclusive in between. So a system that has not changed fails less than once in a hundred times, and passes where
  /// the bound leaves room for its noise.
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
    func finding(_ verdict: Verdict, _ reason: String) -> Finding { Finding(requirement: requirement.text, verdict: verdict, reason: reason) }
    if let worst = known.first(where: { !requirement.comparison.holds($0, requirement.bound) }) {
      let count = known.count { !requirement.comparison.holds($0, requirement.bound) }
      return finding(.fail, runs.count == 1 ? "it is \(text(worst))" : "\(count) of \(runs.count) runs do not keep it, one with \(text(worst))")
    }
    guard !known.isEmpty, known.count == values.count, let least = known.min(), let most = known.max() else {
      return finding(.inconclusive, runs.isEmpty ? "no run came to its end" : "\(missing(requirement.metric, values.count - known.count, of: values.count))")
    }
    return finding(.pass, least == most ? "it is \(text(least))" : "\(text(least)) to \(text(most)) in \(runs.count) runs")
  }

  private static func ratio(_ requirement: Requirement, _ runs: [ComparedRun], _ baseline: [ComparedRun]?, _ resampleCount: Int) -> Finding {
    func finding(_ verdict: Verdict, _ reason: String) -> Finding { Finding(requirement: requirement.text, verdict: verdict, reason: reason) }
    guard let baseline else { return finding(.inconclusive, "there is no baseline") }
    let new = runs.compactMap { requirement.metric.value(of: $0) }
    let base = baseline.compactMap { requirement.metric.value(of: $0) }
    guard new.count == runs.count, base.count == baseline.count else {
      let (all, found) = (runs.count + baseline.count, new.count + base.count)
      return finding(.inconclusive, missing(requirement.metric, all - found, of: all))
    }
    guard min(new.count, base.count) >= leastRunsForRatio else {
      return finding(.inconclusive, "\(new.count) runs against \(base.count) say nothing about a ratio; \(leastRunsForRatio) a side are the least")
    }
    var random = RandomGenerator(seed: 20_050_101)
    let resamples = MedianRatio.Resamples(count: resampleCount, base: base.count, new: new.count, random: &random)
    guard let ratio = MedianRatio(base: base, new: new, resamples: resamples, from: low, to: high) else {
      return finding(.inconclusive, "the values have no ratio")
    }
    let words = "the ratio is \(text(ratio.ratio)), 99 % interval \(text(ratio.lower)) to \(text(ratio.upper))"
    let ends = [ratio.lower, ratio.upper].map { requirement.comparison.holds($0, requirement.bound) }
    if ends[0] && ends[1] { return finding(.pass, words) }
    if !ends[0] && !ends[1] { return finding(.fail, words) }
    return finding(.inconclusive, words + ": more runs, or a bound with more room")
  }

  private static func missing(_ metric: Metric, _ count: Int, of all: Int) -> String {
    "\(metric.name) is unavailable in \(count) of \(all) \(all == 1 ? "run" : "runs")" + (metric.unavailable.map { ": \($0)" } ?? "")
  }

  /// Four significant digits are what anybody reads.
  private static func text(_ value: Double) -> String {
    guard value.isFinite else { return "infinite" }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
    var (scale, size) = (1.0, abs(value))
    while size < 1_000 && scale < 1e9 { (scale, size) = (scale * 10, size * 10) }
    return "\((value * scale).rounded() / scale)"
  }
}
