import Experiment

/// A bound that is a multiple of the baseline.
///
/// Batches of the same system that were measured at different times differ by more than the runs within them, so that the runs of one baseline
/// batch say nothing about how another would have come out. What a new batch of an unchanged system may come to is predicted from
/// several: the logarithms of their medians, Student's distribution, and 99 % of certainty for all ratios of the gate together.
struct RatioGate {
  /// Fewer leave the noise between two sittings unknown.
  static let leastBatches = 3
  /// Chance that an unchanged system is beyond either end, over all ratios of a gate.
  private static let level = 0.01
  /// How often an unchanged system should pass.
  private static let wantedPasses = 0.99

  let requirement: Requirement
  /// How many ratios the gate has.
  let family: Int

  func finding(_ runs: [ComparedRun], _ batches: [[ComparedRun]]) -> GateResult.Finding {
    func finding(_ verdict: GateResult.Verdict, _ reason: String) -> GateResult.Finding {
      GateResult.Finding(requirement: requirement.text, verdict: verdict, reason: reason)
    }
    let metric = requirement.metric
    let all = runs + batches.flatMap { $0 }
    guard !runs.isEmpty, !batches.isEmpty else {
      return finding(.inconclusive, runs.isEmpty ? "no run completed" : "there is no baseline")
    }
    if let reason = completesLess(runs, batches) { return finding(reason.verdict, reason.text) }
    if let least = batches.map(\.count).min(), runs.count < least {
      return finding(
        .inconclusive,
        "\(runs.count) runs against batches of \(least): the fewer runs, the more a batch differs from another")
    }
    let common = all.map(\.consecutiveServices).min() ?? 0
    func values(_ runs: [ComparedRun]) -> [Double] { runs.compactMap { metric.value(of: $0, firstMounts: common) } }
    let missing = all.count - values(all).count
    guard missing == 0 else { return finding(.inconclusive, GateResult.missing(metric, missing, of: all.count)) }
    guard let new = Quantile.linear(of: values(runs), at: 0.5), new > 0 else {
      return finding(.inconclusive, "the medians have no ratio")
    }
    let medians = batches.compactMap { Quantile.linear(of: values($0), at: 0.5) }
    guard medians.count == batches.count, medians.allSatisfy({ $0 > 0 }) else {
      return finding(.inconclusive, "the medians have no ratio")
    }
    let logarithms = medians.map(Logarithm.natural)
    let mean = logarithms.reduce(0, +) / Double(logarithms.count)
    let distance = Logarithm.natural(new) - mean
    let ratio = SignificantDigits.text(Exponential.natural(distance))
    guard batches.count >= Self.leastBatches else {
      return finding(
        .inconclusive,
        "the ratio is \(ratio), and how far two sittings with the same system differ is not known: give --baseline "
          + "\(Self.leastBatches) times or more, each a batch that was measured at another time")
    }
    let resolution = resolution(values(all)) / new
    let squares = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let spread = max(resolution, (squares / Double(logarithms.count - 1)).squareRoot())
    let reach = reach(batches.count) * spread
    let ends = [Exponential.natural(distance - reach), Exponential.natural(distance + reach)]
    let words =
      "the ratio is \(ratio), 99 % interval \(SignificantDigits.text(ends[0])) to \(SignificantDigits.text(ends[1]))"
    let isMet = ends.map { requirement.comparison.holds($0, requirement.bound) }
    if isMet[0] && isMet[1] { return finding(.pass, "\(words); \(chance(spread, batches.count))") }
    if !isMet[0] && !isMet[1] { return finding(.fail, words) }
    return finding(.inconclusive, "\(words); \(chance(spread, batches.count))")
  }

  /// Fewer services are no gain of time: a side that completes less does not pass.
  private func completesLess(_ runs: [ComparedRun], _ batches: [[ComparedRun]]) -> (
    verdict: GateResult.Verdict, text: String
  )? {
    let baseline = batches.flatMap { $0 }
    func completed(_ runs: [ComparedRun]) -> [Double] { runs.map { Double($0.summary.servicesCompleted) } }
    let (new, base) = (completed(runs), completed(baseline))
    guard let most = new.max(), let least = base.min(),
      let median = Quantile.linear(of: new, at: 0.5), let old = Quantile.linear(of: base, at: 0.5)
    else { return nil }
    // So many ways to choose which of all runs are the new ones: that they are the worst of all by chance is one of them.
    let ways = (1...runs.count).reduce(1.0) { $0 * Double(baseline.count + $1) / Double($1) }
    if most < least, batches.count >= Self.leastBatches, ways >= 1 / Self.level {
      return (
        .fail,
        "every run completed fewer mounts than any of the baseline: \(Int(most)) at most, against \(Int(least)) at least"
      )
    }
    let lost = runs.count { !$0.isComplete }
    let lostBefore = baseline.count { !$0.isComplete }
    let hasLostMore = lost * baseline.count > lostBefore * runs.count
    // The bound on mounts completed says itself how many may be missing; a failover that was lost it does not see.
    if hasLostMore || !requirement.metric.countsServices && median < old {
      return (
        .inconclusive,
        "\(lost) of \(runs.count) failovers were not complete, against \(lostBefore) of \(baseline.count): figures of fewer mounts are no gain"
      )
    }
    return nil
  }

  /// Medians that happen to agree are not the same: they are known to half of the smallest step between the values of runs, and counts to half of one.
  private func resolution(_ values: [Double]) -> Double {
    let distinct = Set(values).sorted()
    let step = zip(distinct, distinct.dropFirst()).map { $1 - $0 }.min()
    return max(requirement.metric.unit == .count ? 1 : 0, step ?? 0) / 2
  }

  /// Half of the interval's width, in spreads.
  private func reach(_ batches: Int) -> Double {
    StudentT.deviate(exceededWith: Self.level / Double(max(1, family)) / 2, degrees: batches - 1)
      * (1 + 1 / Double(batches)).squareRoot()
  }

  /// How often an unchanged system would pass, and what would let it pass 99 times in 100.
  private func chance(_ spread: Double, _ batches: Int) -> String {
    let isUpper = requirement.comparison == .atMost || requirement.comparison == .below
    let room = Logarithm.natural(requirement.bound) * (isUpper ? 1 : -1)
    // Where nothing differs at all, only a bound on the wrong side of 1 is in the way.
    func passing(_ chance: PassingChance) -> Double {
      spread > 0 ? chance.chance(room: room / spread) : room >= 0 ? 1 : 0
    }
    func chance(_ batches: Int) -> PassingChance { PassingChance(batches: batches, reach: reach(batches)) }
    let now = chance(batches)
    let share = passing(now)
    let text = "an unchanged system passes in \(Int((share * 100).rounded(.down))) of 100 cases"
    guard share < Self.wantedPasses else { return text }
    let bound = Exponential.natural((isUpper ? 1 : -1) * spread * now.room(for: Self.wantedPasses))
    // The more batches the likelier: where the most are too few, all are.
    let counts = [5, 7, 10, 15, 20, 30, 50].filter { $0 > batches }
    let isPossible = counts.last.map { passing(chance($0)) >= Self.wantedPasses } ?? false
    let more = isPossible ? counts.first { passing(chance($0)) >= Self.wantedPasses } : nil
    return text + "; in 99 with a bound of \(SignificantDigits.text(bound))"
      + (more.map { ", or with \($0) baseline batches" } ?? "")
  }
}
