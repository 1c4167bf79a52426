import Analysis

/// The tables of `scripts/bench-verdicts`, one after the other as they are done. Each cell has a seed of its own.
struct VerdictTables {
  let repeats: Int
  private var seed: UInt64 = 20_050_101
  private static let looks = [7, 10, 15, 20]

  init(repeats: Int) { self.repeats = repeats }

  mutating func printAll() throws {
    try unchangedSweeps()
    try power()
    try plannedLooks()
    try atTheMargin()
    try harmful()
    batches()
    gates()
  }

  private mutating func unchangedSweeps() throws {
    heading(
      "Sweeps of three settings that do not differ: false verdicts, and coverage of the interval.",
      [
        "runs", "spread", "AR", "rounds", "any better or worse, %", "no difference although k differs",
        "recommended, %", "covers 1, %",
      ])
    var cells = [0.03, 0.1, 0.16, 0.25, 0.5].flatMap { spread in
      [0, 0.7, 0.95].map { SweepCell(SweepTruth(kind: .lognormal, spread: spread, correlation: $0), rounds: 10) }
    }
    cells += [7, 20].map { SweepCell(SweepTruth(kind: .lognormal, spread: 0.16), rounds: $0) }
    for kind in [SweepTruth.Kind.outliers, .ties, .lost, .broken] {
      cells += [7, 10, 20].map {
        SweepCell(SweepTruth(kind: kind, spread: 0.16, isObserved: kind == .broken), rounds: $0)
      }
    }
    for cell in cells {
      let answer = try cell.simulated(repeats, seed: next())
      row([
        cell.truth.kind.rawValue, spread(cell.truth.spread), "\(cell.truth.correlation)", "\(cell.looks.last)",
        percent(answer.alarms), "\(answer.blind)", percent(answer.recommended),
        answer.intervals > 0 ? percent(answer.covered, of: answer.intervals) : "-",
      ])
    }
  }

  private mutating func power() throws {
    heading(
      "One setting faster by so much, power in %: better in mean time to service.",
      ["spread", "rounds", "10 %", "20 %", "50 %", "planned for 20 %"])
    for spread in [0.05, 0.16, 0.25] {
      for rounds in [7, 10, 20] {
        var cells = [self.spread(spread), "\(rounds)"]
        for effect in [0.1, 0.2, 0.5] {
          let cell = SweepCell(faster(spread, by: effect), rounds: rounds)
          cells.append(percent(try cell.simulated(repeats, seed: next()).better))
        }
        row(cells + [share(Power(spread: spread).chance(of: 0.2, rounds: rounds, level: VerdictRules.level / 2))])
      }
    }
  }

  private mutating func plannedLooks() throws {
    guard let looks = LookSchedule(Self.looks) else { return }
    heading(
      "Looks after 7, 10, 15 and 20 rounds: false verdicts at any of them, and power with the rounds that it takes (a sweep stops when every "
        + "setting is better or worse; here one of the two never is, in truth).",
      ["runs", "spread", "AR", "faster by", "any better or worse, %", "faster one found, %", "rounds, mean"])
    let unchanged: [SweepTruth] =
      [0, 0.7, 0.95].map { SweepTruth(kind: .lognormal, spread: 0.16, correlation: $0) }
      + [SweepTruth.Kind.outliers, .ties, .lost, .broken].map { SweepTruth(kind: $0, spread: 0.16) }
    for truth in unchanged + [0.05, 0.16, 0.25].map({ faster($0, by: 0.2) }) {
      let answer = try SweepCell(truth, looks: looks).simulated(repeats, seed: next())
      let isFaster = truth.last.factor < 1
      row([
        truth.kind.rawValue, spread(truth.spread), "\(truth.correlation)",
        isFaster ? share(1 / truth.last.factor - 1) + " %" : "-", isFaster ? "" : percent(answer.alarms),
        isFaster ? percent(answer.better) : "", tenths(Double(answer.rounds) / Double(repeats)),
      ])
    }
  }

  private mutating func atTheMargin() throws {
    heading(
      "One setting slower by exactly the margin, a ratio of 1.10: how often it is said to be no worse, or no different.",
      ["runs", "spread", "rounds", "median no worse, %", "mean no different, %"])
    for kind in [SweepTruth.Kind.lognormal, .outliers] {
      for spread in [0.03, 0.16] {
        for rounds in [10, 20] {
          let truth = SweepTruth(kind: kind, spread: spread, last: .init(factor: 1.1))
          let answer = try SweepCell(truth, rounds: rounds).simulated(repeats, seed: next())
          row([
            kind.rawValue, self.spread(spread), "\(rounds)", percent(answer.noWorse), percent(answer.noDifference),
          ])
        }
      }
    }
  }

  private mutating func harmful() throws {
    heading(
      "One setting that makes services faster by half and does harm besides: how often it is recommended all the same. Without harm, for comparison.",
      ["harm", "spread", "recommended after 10 rounds, %", "after 20, %", "with looks, %"])
    let harms: [(name: String, last: SweepTruth.Last)] = [
      ("none", .init(factor: 1 / 1.5)), ("99th percentile up by 10 %", .init(factor: 1 / 1.5, percentile: 1.1)),
      ("services lost in 1 of 7 failovers", .init(factor: 1 / 1.5, loses: 1.0 / 7)),
      ("3 of 10 runs break", .init(factor: 1 / 1.5, breaks: 0.3)),
    ]
    for (name, last) in harms {
      for spread in [0.1] {
        let truth = SweepTruth(kind: .lognormal, spread: spread, last: last, isObserved: true)
        var cells = [name, self.spread(spread)]
        for looks in [[10], [20], Self.looks].compactMap(LookSchedule.init) {
          cells.append(percent(try SweepCell(truth, looks: looks).simulated(repeats, seed: next()).recommended))
        }
        row(cells)
      }
    }
  }

  private mutating func batches() {
    heading(
      "Batches of three runs in turns, A B A B, by the rule of `compare`: any better or worse, in %.",
      [
        "pairs", "spread of runs", "of sittings", "AR of sittings", "drift by batch", "no change", "20 % slower",
      ])
    for cell in BatchCell.all {
      let alarms = [1, 1.2].map { percent(cell.alarms(repeats, factor: $0, seed: next())) }
      row(
        ["\(cell.pairs)", spread(cell.spread), spread(cell.sittings), "\(cell.correlation)", spread(cell.drift)]
          + alarms)
    }
  }

  private mutating func gates() {
    heading(
      "Gates of a system that has not changed, with so many baseline batches of 7 runs, in %. The bounds are 1.25 and 1 for the median per "
        + "service, 0.8 and 1 for mounts completed.",
      [
        "runs", "spread of runs", "of sittings", "batches", "fails at the roomy bound", "passes there", "fails at 1",
      ])
    for cell in GateCell.all {
      let (failed, passed, tight) = cell.simulated(repeats, seed: next())
      row([
        cell.kind.rawValue, spread(cell.spread), spread(cell.sittings), "\(cell.batches)", percent(failed),
        percent(passed), percent(tight),
      ])
    }
  }

  private func faster(_ spread: Double, by effect: Double) -> SweepTruth {
    SweepTruth(kind: .lognormal, spread: spread, last: .init(factor: 1 / (1 + effect)))
  }

  private mutating func next() -> UInt64 {
    seed += 1
    return seed
  }

  private func heading(_ title: String, _ columns: [String]) {
    print("\n\(title)\n\n| \(columns.joined(separator: " | ")) |\n|\(columns.map { _ in "---|" }.joined())")
  }
  private func row(_ cells: [String]) { print("| \(cells.joined(separator: " | ")) |") }

  private func percent(_ count: Int, of all: Int? = nil) -> String { share(Double(count) / Double(all ?? repeats)) }
  private func spread(_ share: Double) -> String { self.share(share) + " %" }
  private func share(_ share: Double) -> String { tenths(share * 100) }
  private func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
