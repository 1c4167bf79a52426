import Analysis
import Experiment

/// Batches of two settings in turns, A B A B, by the rule of `compare`.
struct BatchCell {
  /// Pairs of batches, of three runs each.
  let pairs: Int
  /// Of a run from another of its batch.
  let spread: Double
  /// Of one sitting from another.
  let sittings: Double
  /// How much a sitting depends on the one before it.
  var correlation = 0.0
  /// By how much each batch is slower than the one before it.
  var drift = 0.0

  static let all: [BatchCell] =
    [(0.03, 0.0), (0.1, 0.05), (0.16, 0.1), (0.25, 0.2)].flatMap { spread, sittings in
      [0, 0.95].flatMap { correlation in
        [6, 10].map { BatchCell(pairs: $0, spread: spread, sittings: sittings, correlation: correlation) }
      }
    } + [BatchCell(pairs: 10, spread: 0.1, sittings: 0.05, drift: 0.02)]

  /// Comparisons with a verdict of better or worse in a primary figure, where the second setting takes so many times as long.
  func alarms(_ repeats: Int, factor: Double, seed: UInt64) -> Int {
    var random = RandomGenerator(seed: seed)
    var alarms = 0
    for _ in 0..<repeats {
      var sides: [[ComparedRun]] = [[], []]
      var sitting = random.normal()
      for batch in 0..<(2 * pairs) {
        sitting = correlation * sitting + (1 - correlation * correlation).squareRoot() * random.normal()
        let level = sittings * sitting + drift * Double(batch)
        for run in 0..<3 {
          let milliseconds = 100 * Exponential.natural(level + spread * random.normal())
          sides[batch % 2].append(
            SimulatedRun(
              milliseconds: batch % 2 == 0 ? milliseconds : milliseconds * factor,
              startedAtSeconds: UInt64(batch * 100 + run)
            ).made("\(batch)-\(run)"))
        }
      }
      let comparison = RunComparison(
        base: ComparisonSide(path: "a", runs: sides[0]), new: [ComparisonSide(path: "b", runs: sides[1])])
      let verdicts = comparison.pairs.flatMap { $0.metrics(.primary) }.map(\.verdict)
      if verdicts.contains(.better) || verdicts.contains(.worse) { alarms += 1 }
    }
    return alarms
  }
}
