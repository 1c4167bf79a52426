import Analysis
import Experiment
import Sweeps

/// How the runs of a sweep come out: three settings of which the last may be another than the others.
struct SweepTruth {
  enum Kind: String {
    case lognormal
    /// One run in ten takes three times as long.
    case outliers
    /// Whole counts of which many are the same.
    case ties
    /// One failover in seven loses half of its services.
    case lost = "lost failovers"
    /// One run in ten breaks.
    case broken = "broken runs"
  }

  /// What the last setting does.
  struct Last {
    /// By how much a run takes longer.
    var factor = 1.0
    /// By how much the 99th percentile is higher, where one service is twice as slow as the others; nil where none is.
    var percentile: Double?
    /// Which share of its failovers loses half of the services.
    var loses = 0.0
    /// Which share of its runs breaks.
    var breaks = 0.0
  }

  let kind: Kind
  let spread: Double
  /// How much the noise of a run depends on that of the run before it.
  var correlation = 0.0
  var last = Last()
  /// Whether all safeguards are measured.
  var isObserved = false

  static let values = ["a", "b", "c"]

  /// As many rounds in the order of a plan, which the sweep itself has made.
  func arms(rounds: Int, _ random: inout RandomGenerator) throws -> [SweepSummary.Arm] {
    let knob = try SweepKnob(key: "mount-timeout", values: ["1s", "2s", "3s"], isModel: true)
    let plan = try SweepPlan(
      tool: "simulated", machine: .model, scheme: "linux-6", scenario: Scenario(name: "simulated"), knobs: [knob],
      looks: LookSchedule(endingAfter: rounds), seed: random.next()
    ) { _ in nil }
    var arms = Self.values.map { SweepSummary.Arm(values: [$0]) }
    var noise = random.normal()
    for point in plan.points {
      // Whichever setting the run before had.
      noise = correlation * noise + (1 - correlation * correlation).squareRoot() * random.normal()
      let setting = point.setting
      guard let run = run(setting, noise, &random) else {
        arms[setting].broken.append(point.repetition)
        continue
      }
      arms[setting].runs[point.repetition] = run.made("\(setting)-\(point.repetition)")
    }
    return arms
  }

  /// nil for one that broke.
  private func run(_ setting: Int, _ noise: Double, _ random: inout RandomGenerator) -> SimulatedRun? {
    func happens(_ share: Double) -> Bool { Double(random.below(10_000)) < share * 10_000 }
    let isLast = setting == Self.values.count - 1
    if happens(max(kind == .broken ? 0.1 : 0, isLast ? last.breaks : 0)) { return nil }
    let factor = (kind == .outliers && happens(0.1) ? 3 : 1) * Exponential.natural(spread * noise)
    var milliseconds = 100 * factor * (isLast ? last.factor : 1)
    if kind == .ties { milliseconds = (milliseconds / 20).rounded() * 20 }
    var run = SimulatedRun(milliseconds: milliseconds, isObserved: isObserved)
    if let percentile = last.percentile {
      // Of eight values the 99th percentile is 0.07 of the second and 0.93 of the first.
      let usual = 0.07 * 100 + 0.93 * 200.0
      run.slowest = factor * (isLast ? (usual * percentile - 0.07 * 100 * last.factor) / 0.93 : 200)
    }
    if happens(max(kind == .lost ? 1.0 / 7 : 0, isLast ? last.loses : 0)) { run.mounts = 4 }
    return run
  }
}
