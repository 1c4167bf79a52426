import Experiment

/// What a dose of fragmentation did, against another dose, the control as a rule: a sentence. Nobody sets a dose, so that nothing is recommended.
struct FragmentationEffect {
  let base: SweepSummary.Arm
  let new: SweepSummary.Arm
  let pair: RunComparison.Pair

  /// `with dose=1 the median service takes 2.3 times as long as in the control (95 %: 2.1 to 2.6), …, and 8 of 896 services were degraded against
  /// none of 896`.
  var text: String {
    let name = "dose=\(new.values.joined())"
    let broken = broken.map { [$0] } ?? []
    guard !base.runs.isEmpty, !new.runs.isEmpty else {
      return Self.list(["with \(name) there is nothing to compare"] + broken)
    }
    return "with \(name) " + Self.list(times + services + stalls + broken)
      + (pairs == 1
        ? "; one pair cannot tell how much of it is noise: run 10 (--control --pairs 10, or sweep --repeat 10)" : "")
  }

  private var isControlled: Bool { base.values.allSatisfy { Double($0) == 0 } }

  /// Rounds with a run of both.
  private var pairs: Int { Set(base.runs.keys).intersection(new.runs.keys).count }

  /// The slow ones by themselves: fragmentation may leave the median as it is and make one mount in a hundred five times slower.
  private var times: [String] {
    let other = isControlled ? "in the control" : "with dose=\(base.values.joined())"
    let parts = [(Metric.mountMedian, "the median service"), (.mountP99, "the 99th percentile")].compactMap {
      metric, subject -> String? in
      guard let figures = pair.metrics.first(where: { $0.metric == metric }), let change = figures.change else {
        return nil
      }
      let interval =
        change.interval.map {
          " (95 %: \(SignificantDigits.text($0.lower, digits: 3)) to \(SignificantDigits.text($0.upper, digits: 3)))"
        } ?? ""
      return
        "\(subject) takes \(SignificantDigits.text(change.estimate, digits: 3)) times as long as \(other)\(interval)\(Self.cut(figures))"
    }
    guard !parts.isEmpty else { return ["no time can be compared"] }
    let hasIntervals = pair.metrics.first { $0.metric == .mountMedian }?.change?.interval != nil
    return hasIntervals || pairs < 2 ? parts : parts + ["\(pairs) pairs are too few for 95 % intervals"]
  }

  private var services: [String] {
    func runs(_ arm: SweepSummary.Arm) -> [RunSummary] { arm.runs.values.map(\.summary) }
    func requested(_ arm: SweepSummary.Arm) -> Int { runs(arm).reduce(0) { $0 + $1.mountsRequested } }
    func sentence(_ count: (RunSummary) -> Int, _ what: String) -> String {
      let counts = [base, new].map { runs($0).reduce(0) { $0 + count($1) } }
      return
        "\(counts[1]) of \(requested(new)) services \(what) against \(counts[0] == 0 ? "none" : "\(counts[0])") of \(requested(base))"
    }
    let hasWork = runs(base).contains { $0.servicesDegraded != nil }
    return [sentence({ $0.mountsRequested - $0.mountsCompleted }, "were not mounted")]
      + (hasWork ? [sentence({ $0.servicesDegraded ?? 0 }, "were degraded")] : [])
  }

  private var stalls: [String] {
    [Metric.allocationStalls, .compactionStalls].compactMap { metric in
      guard let figures = pair.metrics.first(where: { $0.metric == metric }), let base = figures.baseMedian,
        let new = figures.newMedian
      else { return nil }
      return "\(Int(new.rounded())) \(metric.title) a run against \(Int(base.rounded()))\(Self.cut(figures))"
    }
  }

  /// Where a run stopped early, figures that grow with the mounts are of those that all runs came to.
  private static func cut(_ figures: MetricComparison) -> String {
    figures.firstMounts.map { " (over the first \($0) mounts, which all runs completed)" } ?? ""
  }

  /// Runs that broke have no figures, and are in none of the above.
  private var broken: String? {
    guard !base.broken.isEmpty || !new.broken.isEmpty else { return nil }
    return "\(new.broken.count) of \(new.rounds) runs broke against \(base.broken.count) of \(base.rounds)"
  }

  private static func list(_ parts: [String]) -> String {
    parts.count < 2 ? parts.joined() : parts.dropLast().joined(separator: ", ") + ", and " + parts[parts.count - 1]
  }
}
