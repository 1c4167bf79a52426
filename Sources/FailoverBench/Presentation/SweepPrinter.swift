import Experiment
import LinuxSystem
import Sweeps
import Synchronization

/// What the user sees while the points of a sweep are run, on standard error: a line for each run of the real kernel, a count of the model's.
final class SweepPrinter: Sendable {
  private let plan: SweepPlan
  private let pending: Int
  private let isSilent: Bool
  private let count: CountPrinter
  /// Of the points that are done, the last ones those of this sitting.
  private let durationsNanoseconds: Mutex<[UInt64]>
  private let known: Int

  /// - Parameters:
  ///   - known: what was told of the points before.
  ///   - pending: how many are to be run now, up to the next look.
  init(_ plan: SweepPlan, known: [Int: SweepFolder.Outcome], pending: Int, _ mode: ProgressPrinter.Mode) {
    self.plan = plan
    self.pending = pending
    self.known = known.count
    isSilent = mode == .never
    count = CountPrinter(isSilent ? .never : .auto)
    durationsNanoseconds = Mutex(known.values.map(\.durationNanoseconds))
    if !known.isEmpty { say("\(known.count) of \(plan.points.count) points are done already") }
  }

  func show(_ point: SweepPlan.Point, _ outcome: SweepFolder.Outcome) {
    let (done, mean) = durationsNanoseconds.withLock {
      $0.append(outcome.durationNanoseconds)
      return ($0.count - known, $0.reduce(0, +) / UInt64($0.count))
    }
    switch plan.machine {
    case .linux: say(line(point, outcome, left: pending - done, eachNanoseconds: mean))
    case .model: count.show(done, of: pending)
    }
  }

  func end() { if plan.machine == .model { count.end() } }

  /// `point 7 of 18: vm.min_free_kbytes=67584, run 2: done in 98 s; about 18 min left`.
  private func line(_ point: SweepPlan.Point, _ outcome: SweepFolder.Outcome, left: Int, eachNanoseconds: UInt64)
    -> String
  {
    let setting = plan.texts(of: plan.settings[point.setting]).joined(separator: ", ")
    let what = outcome.status == .done ? "done" : "failed (\(outcome.reason ?? "no reason was recorded"))"
    let text =
      "point \(point.number) of \(plan.points.count): \(SingleLine.text(setting)), run \(point.repetition): \(what) in \(Self.time(outcome.durationNanoseconds))"
    return left == 0 ? text : "\(text); about \(Self.time(eachNanoseconds * UInt64(left))) left"
  }

  private static func time(_ nanoseconds: UInt64) -> String {
    let seconds = (nanoseconds + 500_000_000) / 1_000_000_000
    return seconds < 120 ? "\(seconds) s" : "\((seconds + 30) / 60) min"
  }

  private func say(_ text: String) { if !isSilent { StandardError.write("failover-bench: \(text)\n") } }
}
