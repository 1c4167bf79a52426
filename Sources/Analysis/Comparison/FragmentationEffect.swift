import Experiment

/// What a dose of fragmentation did, against the control without it: a sentence. Nobody sets a dose, so that nothing is recommended.
enum FragmentationEffect {
  /// `with dose=1 the median service takes 2.3 times as long as without fragmentation (95 %: 2.1 to 2.6), and 8 of 896 services were degraded
  /// against none of 896`.
  static func text(_ subject: String, base: SweepSummary.Arm, new: SweepSummary.Arm, _ pair: RunComparison.Pair)
    -> String
  {
    let parts = ["with \(subject) \(time(pair))"] + services(base, new) + stalls(pair)
    return list(parts) + (pair.blocks == 1 ? "; one pair cannot tell how much of it is noise: use --pairs 10" : "")
  }

  private static func time(_ pair: RunComparison.Pair) -> String {
    guard let median = pair.metrics.first(where: { $0.metric == .mountMedian }), let change = median.change else {
      return "no time can be compared"
    }
    let cut = median.firstMounts.map { " (over the first \($0) mounts, which all runs completed)" } ?? ""
    let times = "the median service takes \(number(change.estimate)) times as long as in the control"
    guard let interval = change.interval else {
      return times + cut + (pair.blocks > 1 ? " (\(pair.blocks) pairs are too few for a 95 % interval)" : "")
    }
    return "\(times) (95 %: \(number(interval.lower)) to \(number(interval.upper)))\(cut)"
  }

  private static func services(_ base: SweepSummary.Arm, _ new: SweepSummary.Arm) -> [String] {
    func runs(_ arm: SweepSummary.Arm) -> [RunSummary] { arm.runs.values.map(\.summary) }
    let requested = [base, new].map { runs($0).reduce(0) { $0 + $1.mountsRequested } }
    func sentence(_ count: (RunSummary) -> Int, _ what: String) -> String {
      let counts = [base, new].map { runs($0).reduce(0) { $0 + count($1) } }
      return
        "\(counts[1]) of \(requested[1]) services \(what) against \(counts[0] == 0 ? "none" : "\(counts[0])") of \(requested[0])"
    }
    let hasWork = runs(base).contains { $0.servicesDegraded != nil }
    return [sentence({ $0.mountsRequested - $0.mountsCompleted }, "were not mounted")]
      + (hasWork ? [sentence({ $0.servicesDegraded ?? 0 }, "were degraded")] : [])
  }

  private static func stalls(_ pair: RunComparison.Pair) -> [String] {
    [Metric.allocationStalls, .compactionStalls].compactMap { metric in
      guard let figures = pair.metrics.first(where: { $0.metric == metric }), let base = figures.baseMedian,
        let new = figures.newMedian
      else { return nil }
      return "\(Int(new.rounded())) \(metric.title) a run against \(Int(base.rounded()))"
    }
  }

  private static func list(_ parts: [String]) -> String {
    parts.count < 2 ? parts.joined() : parts.dropLast().joined(separator: ", ") + ", and " + parts[parts.count - 1]
  }

  /// Three digits.
  private static func number(_ value: Double) -> String {
    let factor: Double = value >= 100 ? 1 : value >= 10 ? 10 : 100
    let rounded = (value * factor).rounded() / factor
    return rounded == rounded.rounded() && rounded < 1e9 ? "\(Int(rounded))" : "\(rounded)"
  }
}
