import Analysis
import Experiment

/// A kind of sweep, done many times.
struct SweepCell {
  let truth: SweepTruth
  let looks: LookSchedule

  init(_ truth: SweepTruth, rounds: Int) { self.init(truth, looks: LookSchedule(endingAfter: rounds)) }

  init(_ truth: SweepTruth, looks: LookSchedule) { (self.truth, self.looks) = (truth, looks) }

  /// How many sweeps came out how.
  struct Answer {
    /// A verdict of better or worse, at any look.
    var alarms = 0
    /// No difference in something although one side lost more failovers.
    var blind = 0
    /// The last setting is better in the mean time to service, at any look.
    var better = 0
    /// No difference in the mean time to service with the last setting, at any look.
    var noDifference = 0
    /// The median per service is no worse with the last setting, at any look.
    var noWorse = 0
    /// The last setting is recommended, at any look.
    var recommended = 0
    /// The rounds of all sweeps together, each up to where it stops.
    var rounds = 0
    /// Intervals of the median at the end that hold 1, and how many there were.
    var covered = 0
    var intervals = 0
  }

  func simulated(_ repeats: Int, seed: UInt64) throws -> Answer {
    var random = RandomGenerator(seed: seed)
    var answer = Answer()
    for _ in 0..<repeats { count(try truth.arms(rounds: looks.last, &random), &answer) }
    return answer
  }

  private func count(_ arms: [SweepSummary.Arm], _ answer: inout Answer) {
    var (isAlarm, isBlind, isBetter, isSame, isHarmless, isRecommended) = (false, false, false, false, false, false)
    var end: Int?
    for look in looks.rounds {
      let summary = summary(arms, after: look)
      for pair in summary.effects.map(\.comparison) {
        for metric in pair.metrics(.primary) {
          isAlarm = isAlarm || metric.verdict == .better || metric.verdict == .worse
          isBlind = isBlind || metric.verdict == .noDifference && pair.baseComplete != pair.newComplete
        }
        guard look == looks.last,
          let interval = pair.metrics.first(where: { $0.metric == .mountMedian })?.change?.interval
        else { continue }
        answer.intervals += 1
        if interval.lower <= 1 && interval.upper >= 1 { answer.covered += 1 }
      }
      func last(_ metric: Metric) -> Verdict? {
        summary.effects.last?.comparison.metrics.first { $0.metric == metric }?.verdict
      }
      isBetter = isBetter || last(.restrictedMean) == .better
      isSame = isSame || last(.restrictedMean) == .noDifference
      isHarmless = isHarmless || last(.mountMedian) == .noWorse
      isRecommended = isRecommended || summary.recommendations.contains { $0.hasPrefix("set knob to c") }
      if end == nil, summary.isDecided { end = look }
    }
    func add(_ holds: Bool) -> Int { holds ? 1 : 0 }
    answer.alarms += add(isAlarm)
    answer.blind += add(isBlind)
    answer.better += add(isBetter)
    answer.noDifference += add(isSame)
    answer.noWorse += add(isHarmless)
    answer.recommended += add(isRecommended)
    answer.rounds += end ?? looks.last
  }

  private func summary(_ arms: [SweepSummary.Arm], after look: Int) -> SweepSummary {
    let done = arms.map { arm in
      guard look < looks.last else { return arm }
      var done = SweepSummary.Arm(values: arm.values)
      done.runs = arm.runs.filter { $0.key <= look }
      done.broken = arm.broken.filter { $0 <= look }
      done.missing = looks.last - look
      return done
    }
    return SweepSummary(
      knobs: [
        SweepSummary.Knob(
          name: "knob", values: SweepTruth.values, reference: SweepTruth.values[0], referenceIsDefault: true,
          scenarioKey: nil)
      ], arms: done, reference: 0, looks: looks)
  }
}
