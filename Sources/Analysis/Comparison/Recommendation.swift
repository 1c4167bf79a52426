import Experiment

/// What a sweep says of its settings, in sentences.
///
/// "Set X to Y" takes two things: that Y is better in a primary figure and worse in none, and that it is shown to be no worse in each of the safeguards. That
/// nothing worse was seen is not enough.
enum Recommendation {
  /// One sentence for each setting; a recommended one first.
  ///
  /// - Parameter isWithheld: whether none may be recommended.
  static func texts(
    knobs: [SweepSummary.Knob], effects: [SweepSummary.Effect], marginPercent: Double, isWithheld: Bool
  ) -> [String] {
    let settings = effects.map { Setting($0, knobs) }
    let best = settings.indices.filter { !isWithheld && settings[$0].isRecommended }.max {
      settings[$0].gain < settings[$1].gain
    }
    var texts = settings.map { $0.text(marginPercent: marginPercent) }
    if let best {
      let text = texts.remove(at: best)
      texts.insert("set \(settings[best].name): \(text)", at: 0)
    }
    return texts
  }

  private struct Setting {
    let name: String
    let pair: RunComparison.Pair
    /// Fragmentation is what is studied, and no setting of anybody's machine.
    let changesDose: Bool

    init(_ effect: SweepSummary.Effect, _ knobs: [SweepSummary.Knob]) {
      name = zip(knobs, effect.values).filter { $0.reference != $1 }.map { "\($0.name) to \($1)" }.joined(
        separator: ", ")
      pair = effect.comparison
      changesDose = zip(knobs, effect.values).contains {
        $0.scenarioKey == ScenarioKey.dose.rawValue && $0.reference != $1
      }
    }

    private func primary(_ verdict: Verdict) -> [MetricComparison] {
      pair.metrics(.primary).filter { $0.verdict == verdict }
    }
    private var unshown: [MetricComparison] { pair.metrics(.safeguard).filter { $0.verdict != .noWorse } }
    private var overhead: [MetricComparison] { pair.metrics(.overhead).filter { $0.verdict != nil } }

    /// More failovers were lost, be it too few to be shown.
    private var hasLostMore: Bool { (pair.newComplete.share ?? 0) < (pair.baseComplete.share ?? 0) }

    var isRecommended: Bool {
      !changesDose && !primary(.better).isEmpty && primary(.worse).isEmpty && unshown.isEmpty && !hasLostMore
    }

    /// By how many mounts more, and where that is the same how much sooner.
    var gain: (Double, Double) {
      func change(_ metric: Metric) -> Double? { pair.metrics.first { $0.metric == metric }?.change?.estimate }
      return (change(.servicesCompleted) ?? 0, -(change(.restrictedMean) ?? 1))
    }

    func text(marginPercent: Double) -> String {
      let (better, worse) = (primary(.better), primary(.worse))
      let subject = name.replacing(" to ", with: "=")
      guard !better.isEmpty else {
        if !worse.isEmpty { return "\(subject) is worse in \(Self.titles(worse))" }
        if pair.metrics(.primary).allSatisfy({ $0.verdict == .noSpread }) {
          return
            "\(subject): all model runs gave the same result, so repeats are no evidence; the figures are the difference"
        }
        let same = primary(.noDifference)
        return same.isEmpty
          ? "\(subject): not shown to be better or worse"
          : "\(subject): no difference of \(Self.percent(marginPercent / 100)) or more in \(Self.titles(same))"
      }
      var parts = ["\(subject) is better in \(Self.titles(better))"]
      if !worse.isEmpty { parts.append("but worse in \(Self.titles(worse))") }
      if hasLostMore {
        parts.append(
          "but complete in \(pair.newComplete.count) of \(pair.newComplete.of) failovers against \(pair.baseComplete.count) of "
            + "\(pair.baseComplete.of)")
      }
      if isRecommended, pair.newComplete.count == pair.newComplete.of {
        // As few as these may all have gone well by luck.
        let allowed = Proportion(0, of: pair.newComplete.of).upperBound()
        parts.append(
          "none of its \(pair.newComplete.of) failovers lost a service, which still allows that \(Self.percent(allowed)) do"
        )
      }
      parts.append(
        unshown.isEmpty
          ? "no worse by \(Self.percent(marginPercent / 100)) in \(Self.titles(pair.metrics(.safeguard)))"
          : "not shown to be no worse in \(unshown.map(Self.unshown).joined(separator: ", "))")
      let slower = overhead.filter { $0.verdict != .noWorse }
      if !overhead.isEmpty {
        parts.append(
          slower.isEmpty
            ? "no overhead of \(Self.percent(marginPercent / 100)) in \(Self.titles(overhead))"
            : "overhead not excluded in \(slower.map(Self.unshown).joined(separator: ", "))")
      }
      return parts.joined(separator: "; ") + "; \(cost)"
    }

    /// What the setting costs, whatever it brings.
    private var cost: String {
      guard let kept = pair.metrics.first(where: { $0.metric == .keptFree }), let old = kept.baseMedian,
        let new = kept.newMedian
      else { return "what it keeps free is not known" }
      let difference = Int((new - old).rounded())
      return difference == 0
        ? "it keeps no more memory free"
        : "it keeps \(abs(difference)) MiB \(difference > 0 ? "more" : "less") memory free"
    }

    /// `median per service (could be up to +32 %)`.
    private static func unshown(_ metric: MetricComparison) -> String {
      guard let base = metric.baseMedian, let change = metric.change else {
        return "\(metric.metric.title) (not measured)"
      }
      guard let harm = change.harm(better: metric.metric.better, base: base) else {
        guard let bounds = change.bounds else { return "\(metric.metric.title) (too few rounds)" }
        return "\(metric.metric.title) (the base's median is 0, could be up to \(Int(bounds.upper.rounded(.up))))"
      }
      return "\(metric.metric.title) (could be up to \(metric.metric.better == .higher ? "-" : "+")\(percent(harm)))"
    }

    private static func titles(_ metrics: [MetricComparison]) -> String {
      metrics.map(\.metric.title).joined(separator: ", ")
    }

    /// Rounded up, for it is a bound.
    private static func percent(_ share: Double) -> String { "\(Int((share * 100 - 1e-9).rounded(.up))) %" }
  }
}
