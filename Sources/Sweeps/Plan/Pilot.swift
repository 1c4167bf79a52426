import Analysis
import RecordFiles
public import Supervision

/// A sweep of a few rounds, whose runs are used for nothing but to see how far runs of one setting differ, and so how many rounds it takes.
public struct Pilot: Sendable {
  public static let rounds = 3
  /// More are not planned.
  private static let mostRounds = 100

  /// How many rounds it takes.
  public let rounds: Int
  /// How many, why, and for how long.
  public let words: String

  /// - Parameters:
  ///   - path: the sweep, which is done.
  ///   - difference: what is to be shown, as a share.
  /// - Throws: it cannot be read, or there is nothing in it to plan by.
  public init(_ path: String, toShow difference: Double) throws(CommandFailure) {
    let plan: SweepPlan
    let arms: [SweepSummary.Arm]
    let outcomes: [Int: SweepFolder.Outcome]
    do throws(RecordFileError) {
      plan = try SweepFolder.plan(path)
      arms = try SweepFolder.arms(path, plan)
      outcomes = try SweepFolder.outcomes(path, plan)
    } catch { throw CommandFailure(.usage, "\(error)") }
    let runs = arms.map { $0.runs.sorted { $0.key < $1.key }.map(\.value) }
    // Where failovers are lost, how many mounts come up is what is asked.
    let metric = runs.joined().allSatisfy(\.isComplete) ? Metric.restrictedMean : .servicesCompleted
    guard arms.allSatisfy({ $0.broken.isEmpty && $0.missing == 0 }),
      let power = Power(pilot: runs.map { $0.compactMap { metric.value(of: $0) } })
    else {
      throw CommandFailure(
        .broken, "the pilot (\(path)) has nothing to plan by: a run of it broke, or nothing was mounted; give --repeat")
    }
    let settings = plan.settings.count
    let level = VerdictRules.level / Double(max(1, settings - 1))
    let margin = (plan.marginPercent ?? VerdictRules.defaultMarginPercent) / 100
    let rounds = power.rounds(for: difference, level: level, most: Self.mostRounds) ?? Self.mostRounds
    func hundredths(_ share: Double) -> Int { Int((share * 100).rounded()) }
    let chance = hundredths(power.chance(of: difference, rounds: rounds, level: level))
    let harmless = hundredths(power.chance(of: margin, rounds: rounds, level: 2 * level))
    let seconds = outcomes.values.reduce(0) { $0 + Double($1.durationNanoseconds) / 1e9 } / Double(outcomes.count)
    self.rounds = rounds
    words =
      "runs of a setting differ by up to \(Int((power.spread * 100).rounded(.up))) % within a round (\(metric.title)): \(rounds) rounds show a "
      + "difference of \(hundredths(difference)) % in \(chance) of 100 sweeps, and that a setting without an effect is no worse by "
      + "\(hundredths(margin)) % in \(harmless); \(rounds * settings) runs, about "
      + "\(Int((seconds * Double(rounds * settings) / 60).rounded(.up))) min"
  }
}
