import Analysis
import ArgumentParser
import Experiment

/// How often the verdicts are wrong, and how often they find what is there: sweeps and gates of systems whose truth is known. Started by
/// `scripts/bench-verdicts`.
struct BenchVerdictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-verdicts", abstract: "Measure error rates, coverage and power of the verdicts.")

  @Option(help: ArgumentHelp("Simulated sweeps for each cell of the tables.", valueName: "n")) var repeats = 2_000

  func validate() throws {
    guard (10...100_000).contains(repeats) else {
      throw ValidationError("invalid value '\(repeats)' for --repeats: expected 10 to 100000")
    }
  }

  func run() throws {
    print(
      "Sweeps of three settings that do not differ, \(repeats) each: false verdicts, and coverage of the interval\n")
    print("| runs | spread | AR | rounds | any better or worse, % | no difference although k differs | covers 1, % |")
    print("|---|---|---|---|---|---|---|")
    for cell in VerdictCell.unchanged { print(row(cell)) }
    print("\nThe same with one setting faster by so much, power in %: better in mean time to service\n")
    print("| spread | rounds | 10 % | 20 % | 50 % | planned for 20 % |")
    print("|---|---|---|---|---|---|")
    for spread in [0.05, 0.16, 0.25] {
      for rounds in [7, 10, 20] {
        let found = [0.1, 0.2, 0.5].map { effect in
          percent(
            VerdictCell(kind: .lognormal, spread: spread, rounds: rounds, effect: effect).simulated(repeats).better)
        }
        let planned = Power(spread: spread).chance(of: 0.2, rounds: rounds, level: VerdictRules.level / 2)
        print("| \(percent(spread)) % | \(rounds) | \(found.joined(separator: " | ")) | \(percent(planned)) |")
      }
    }
    print("\nGates of a system that has not changed, bound 1.25 and 1.0, so many baseline batches of 7 runs, in %\n")
    print("| spread of runs | of sittings | batches | fails at 1.25 | passes at 1.25 | fails at 1.0 |")
    print("|---|---|---|---|---|---|")
    for cell in GateCell.all {
      let (failed, passed, tight) = cell.simulated(repeats)
      print(
        "| \(percent(cell.spread)) % | \(percent(cell.sittings)) % | \(cell.batches) | \(percent(failed)) | \(percent(passed)) | \(percent(tight)) |"
      )
    }
  }

  private func row(_ cell: VerdictCell) -> String {
    let answer = cell.simulated(repeats)
    return
      "| \(cell.kind.rawValue) | \(percent(cell.spread)) % | \(cell.correlation) | \(cell.rounds) | \(percent(answer.alarm)) | "
      + "\(answer.blind) | \(answer.covered.map(percent) ?? "-") |"
  }

  private func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

/// One kind of system, with so many rounds.
struct VerdictCell {
  enum Kind: String {
    case lognormal
    /// One run in ten takes three times as long.
    case outliers
    /// Whole counts of which many are the same.
    case ties
    /// One failover in seven loses half of its services.
    case lost = "lost failovers"
  }

  let kind: Kind
  let spread: Double
  var correlation = 0.0
  let rounds: Int
  /// By how much the last setting is faster.
  var effect = 0.0

  static let unchanged: [VerdictCell] =
    [0.03, 0.1, 0.16, 0.25, 0.5].flatMap { spread in
      [0, 0.7, 0.95].map { VerdictCell(kind: .lognormal, spread: spread, correlation: $0, rounds: 10) }
    }
    + [7, 20].map { VerdictCell(kind: .lognormal, spread: 0.16, rounds: $0) }
    + [Kind.outliers, .ties, .lost].flatMap { kind in
      [7, 10, 20].map { VerdictCell(kind: kind, spread: 0.16, rounds: $0) }
    }

  struct Answer {
    /// Sweeps with a verdict of better or worse.
    var alarm = 0.0
    /// Sweeps in which something is "no difference" although one side lost more failovers.
    var blind = 0
    /// Intervals of the median that hold the truth; nil where there were none.
    var covered: Double?
    /// Sweeps in which the last setting is better in the mean time to service.
    var better = 0.0
  }

  func simulated(_ repeats: Int) -> Answer {
    var random = RandomGenerator(seed: 20_050_101)
    var (alarms, blind, covered, intervals, better) = (0, 0, 0, 0, 0)
    for _ in 0..<repeats {
      let summary = SweepSummary(
        knobs: [
          SweepSummary.Knob(
            name: "knob", values: ["a", "b", "c"], reference: "a", referenceIsDefault: true, scenarioKey: nil)
        ], arms: arms(&random), reference: 0, looks: LookSchedule(endingAfter: rounds))
      var isAlarm = false
      for effect in summary.effects {
        let pair = effect.comparison
        for metric in pair.metrics(.primary) {
          isAlarm = isAlarm || metric.verdict == .better || metric.verdict == .worse
          if metric.verdict == .noDifference && pair.baseComplete != pair.newComplete { blind += 1 }
        }
        guard let metric = pair.metrics.first(where: { $0.metric == .mountMedian }),
          let interval = metric.change?.interval
        else { continue }
        intervals += 1
        if interval.lower <= 1 && interval.upper >= 1 { covered += 1 }
      }
      if isAlarm { alarms += 1 }
      if summary.effects.last?.comparison.metrics.first(where: { $0.metric == .restrictedMean })?.verdict == .better {
        better += 1
      }
    }
    var answer = Answer()
    answer.alarm = Double(alarms) / Double(repeats)
    answer.blind = blind
    answer.covered = intervals > 0 ? Double(covered) / Double(intervals) : nil
    answer.better = Double(better) / Double(repeats)
    return answer
  }

  private func arms(_ random: inout RandomGenerator) -> [SweepSummary.Arm] {
    var arms = ["a", "b", "c"].map { SweepSummary.Arm(values: [$0]) }
    // The noise of a run depends on that of the run before it, whichever setting that had.
    var noise = random.normal()
    for round in 1...rounds {
      for setting in [0, 1, 2].shuffled(using: &random) {
        noise = correlation * noise + (1 - correlation * correlation).squareRoot() * random.normal()
        var milliseconds = 100 * Exponential.natural(spread * noise)
        if setting == 2 { milliseconds /= 1 + effect }
        var mounts = 8
        switch kind {
        case .lognormal: break
        case .outliers: if random.below(10) == 0 { milliseconds *= 3 }
        case .ties: milliseconds = (milliseconds / 20).rounded() * 20
        case .lost: if random.below(7) == 0 { mounts = 4 }
        }
        arms[setting].runs[round] = SimulatedRun.made("\(setting)-\(round)", max(1, milliseconds), mounts: mounts)
      }
    }
    return arms
  }
}

/// Gates of an unchanged system.
struct GateCell {
  let spread: Double
  /// Of one sitting from another.
  let sittings: Double
  let batches: Int

  static let all: [GateCell] = [(0.03, 0), (0.1, 0), (0.1, 0.05), (0.16, 0.1), (0.25, 0.2)].flatMap {
    spread, sittings in
    [3, 5, 10].map { GateCell(spread: spread, sittings: sittings, batches: $0) }
  }

  func simulated(_ repeats: Int) -> (failed: Double, passed: Double, failedTight: Double) {
    var random = RandomGenerator(seed: 20_050_101)
    guard let roomy = Requirement("mount.median_ms <= 1.25 x baseline"),
      let tight = Requirement("mount.median_ms <= 1 x baseline")
    else { return (0, 0, 0) }
    func side() -> ComparisonSide {
      let sitting = sittings * random.normal()
      return ComparisonSide(
        path: "side",
        runs: (0..<7).map {
          SimulatedRun.made("\($0)", 100 * Exponential.natural(sitting + spread * random.normal()), mounts: 8)
        })
    }
    var (failed, passed, failedTight) = (0, 0, 0)
    for _ in 0..<repeats {
      let baseline = (0..<batches).map { _ in side() }
      let new = side()
      let verdict = GateResult([roomy], side: new, baseline: baseline).verdict
      if verdict == .fail { failed += 1 }
      if verdict == .pass { passed += 1 }
      if GateResult([tight], side: new, baseline: baseline).verdict == .fail { failedTight += 1 }
    }
    let all = Double(repeats)
    return (Double(failed) / all, Double(passed) / all, Double(failedTight) / all)
  }
}

/// A failover of eight services that take equally long.
enum SimulatedRun {
  static func made(_ id: String, _ milliseconds: Double, mounts: Int) -> ComparedRun {
    var scenario = Scenario(name: "simulated")
    scenario.fileSystems = 8
    // Of the order of the services, so that a lost one does not drown them.
    scenario.mountTimeoutNanoseconds = 1_000_000_000
    var record = RunRecord(
      tool: "simulated", runID: id, startedAtUnixNanoseconds: 0, arguments: [], scenario: scenario,
      host: HostFacts(
        kernelRelease: "", kernelVersion: "", architecture: "", kernelCommandLine: "", distribution: nil, cpuModel: nil,
        cpuCount: 1, memoryTotalBytes: 1, pageBytes: 4096, swapBytes: 0, isContainer: false, imageFileSystem: nil,
        settings: [:]))
    record.status = .complete
    record.mounts = (1...min(8, mounts + 1)).map { number in
      MountRecord(
        number: number, outcome: number <= mounts ? .mounted : .timedOut, startedAtNanoseconds: 0,
        mountDurationNanoseconds: UInt64(milliseconds * 1e6), threadCPUNanoseconds: nil,
        sentinelDurationNanoseconds: nil,
        demand: nil)
    }
    record.start = StartState(
      state: MemoryState(takenAtNanoseconds: 0, pageBytes: 4096, zones: [], freeBytes: 0, counters: [:]),
      watermarks: [],
      totalBytes: 1, ballastBytes: 0)
    return ComparedRun(path: id, record: record, observations: [])
  }
}
