import Analysis
import RecordFiles
public import Supervision

/// A sweep that is done, often one of a few rounds, whose runs are used for nothing but to see how far runs of one setting differ: and so how many
/// rounds another takes, or what those that were asked for can show.
public struct Pilot: Sendable {
  public static let rounds = 3
  /// More are not planned.
  private static let mostRounds = 100

  /// How many rounds it takes, or were asked for.
  public let rounds: Int
  /// How many, what they show, and for how long.
  public let words: String

  /// - Parameters:
  ///   - path: the sweep, which is done.
  ///   - difference: what is to be shown, as a share.
  ///   - next: the sweep that is to be made; nil for one of the same settings.
  ///   - hasRounds: whether its rounds were asked for, and are not to be chosen.
  /// - Throws: it cannot be read, or there is nothing in it to plan by.
  public init(_ path: String, toShow difference: Double, for next: SweepPlan? = nil, hasRounds: Bool = false)
    throws(CommandFailure)
  {
    let own: SweepPlan
    let arms: [SweepSummary.Arm]
    let outcomes: [Int: SweepFolder.Outcome]
    do throws(RecordFileError) {
      own = try SweepFolder.plan(path)
      arms = try SweepFolder.arms(path, own)
      outcomes = try SweepFolder.outcomes(path, own)
    } catch { throw CommandFailure(.usage, "\(error)") }
    let plan = next ?? own
    guard plan.machine == own.machine else {
      throw CommandFailure(
        .usage,
        "the pilot (\(path)) is of --testbed \(own.machine.rawValue), which says nothing of \(plan.machine.rawValue)")
    }
    let runs = arms.map { $0.runs.sorted { $0.key < $1.key }.map(\.value) }
    // Where failovers are lost, how many mounts come up is what is asked.
    let metric = runs.joined().allSatisfy(\.isComplete) ? Metric.restrictedMean : .servicesCompleted
    guard arms.allSatisfy({ $0.broken.isEmpty && $0.missing == 0 }),
      let power = Power(pilot: runs.map { $0.compactMap { metric.value(of: $0) } })
    else {
      throw CommandFailure(
        .broken, "the pilot (\(path)) is of no use: one of its runs broke, or nothing was mounted; give --repeat")
    }
    let settings = plan.settings.count
    let family = max(1, settings - 1)
    let looks = plan.lookSchedule
    // Of several looks the last alone: a lower bound.
    let share = hasRounds ? looks.level(after: looks.last, family: family) ?? 0 : VerdictRules.level
    let level = share / Double(family)
    let margin = (plan.marginPercent ?? VerdictRules.defaultMarginPercent) / 100
    let rounds =
      hasRounds
      ? looks.last : power.rounds(for: difference, level: level, most: Self.mostRounds) ?? Self.mostRounds
    func hundredths(_ share: Double) -> Int { Int((share * 100).rounded()) }
    let chance = hundredths(power.chance(of: difference, rounds: rounds, level: level))
    let harmless = hundredths(power.chance(of: margin, rounds: rounds, level: 2 * level))
    let seconds = outcomes.values.reduce(0) { $0 + Double($1.durationNanoseconds) / 1e9 } / Double(outcomes.count)
    self.rounds = rounds
    words =
      "runs of a setting differ by up to \(Int((power.spread * 100).rounded(.up))) % within a round (\(metric.title)): \(rounds) rounds show a "
      + "difference of \(hundredths(difference)) % in \(chance) of 100 sweeps\(hasRounds && looks.rounds.count > 1 ? " at the last look alone" : ""), and that a setting without an effect is no worse by "
      + "\(hundredths(margin)) % in \(harmless); \(rounds * settings) runs, about "
      + "\(Int((seconds * Double(rounds * settings) / 60).rounded(.up))) min"
  }
}
