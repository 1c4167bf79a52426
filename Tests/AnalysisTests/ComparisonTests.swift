import Experiment
import Testing

@testable import Analysis

/// Runs with known times, for comparisons whose verdicts are known.
enum ComparisonSample {
  /// A run of `mounts` services of `milliseconds` each, the one after them stopped where fewer than eight are asked for.
  static func run(
    _ id: String, milliseconds: Double, mounts: Int = 8, sysctl: String? = nil, memory: UInt64 = 4 << 30,
    startFree: UInt64 = 1 << 30, kernel: String = "6.18",
    status: RunRecord.Status = .complete
  ) -> ComparedRun {
    var records = (1...8).prefix(mounts).map { Sample.mount($0, mount: UInt64(milliseconds * 1e6)) }
    if mounts < 8 { records.append(Sample.mount(mounts + 1, .timedOut, mount: 1_000_000_000)) }
    var record = Sample.record(fileSystems: 8, records)
    record.runID = id
    record.status = status
    record.host.kernelRelease = kernel
    if let sysctl { try? record.scenario.set(.sysctl, sysctl) }
    record.scenario.memoryBytes = memory
    record.start = StartState(
      state: Sample.state([startFree / 4096 - 1600, 0, 0, 0, 100], free: startFree), watermarks: [], totalBytes: memory,
      ballastBytes: 0)
    return ComparedRun(
      path: "results/\(id)", record: record,
      observations: [Observation(afterMount: 0, state: Sample.state([0, 0, 0, 0, 100], free: 1 << 20))])
  }

  static func side(_ name: String, _ milliseconds: [Double], mounts: Int = 8, sysctl: String? = nil) -> ComparisonSide {
    ComparisonSide(
      path: name,
      runs: milliseconds.enumerated().map { run("\(name)-\($0)", milliseconds: $1, mounts: mounts, sysctl: sysctl) })
  }
}

@Suite struct ComparisonTests {
  private typealias My = ComparisonSample
  private static let slow: [Double] = [100, 101, 102, 103, 104, 105, 106, 107]

  private static func total(_ comparison: RunComparison, _ metric: Metric = .totalTime) throws -> MetricComparison {
    try #require(comparison.pairs.first?.metrics.first { $0.metric == metric })
  }

  @Test func aSideThatTakesTwiceAsLongIsWorse() throws {
    let comparison = RunComparison(base: My.side("base", Self.slow), new: [My.side("new", Self.slow.map { $0 * 2 })])
    let total = try Self.total(comparison)
    #expect(total.verdict == .worse && total.ratio?.ratio == 2 && total.baseMedian == 0.828)
    // 8 against 8 wholly apart: two orders of 12,870, times the tests made at once.
    #expect(total.p == 2.0 / 12_870)
    #expect(try #require(total.adjustedP) >= 2.0 / 12_870 * 3)
    #expect(try Self.total(comparison, .mountsCompleted).verdict == .noDifference)
    let back = RunComparison(base: My.side("base", Self.slow.map { $0 * 2 }), new: [My.side("new", Self.slow)])
    #expect(try Self.total(back).verdict == .better)
  }

  @Test func aDifferenceThatDoesNotMatterIsNone() throws {
    // 2 % apart without any doubt, and 5 % are asked for.
    let new = Self.slow.map { _ in 102.0 }
    let base = Self.slow.map { _ in 100.0 }
    let total = try Self.total(RunComparison(base: My.side("base", base), new: [My.side("new", new)]))
    #expect(total.verdict == .noDifference)
    let strict = try Self.total(
      RunComparison(base: My.side("base", base), new: [My.side("new", new)], rules: VerdictRules(differencePercent: 1)))
    #expect(strict.verdict == .worse)
  }

  @Test func noiseIsInconclusiveAndSaysWhatWouldTell() throws {
    let base: [Double] = [60, 150, 80, 120, 95, 110, 70, 140]
    let new: [Double] = [75, 160, 90, 100, 130, 65, 145, 115]
    let total = try Self.total(RunComparison(base: My.side("base", base), new: [My.side("new", new)]))
    #expect(total.verdict == .inconclusive)
    #expect(try #require(total.moreRuns) > 8)
  }

  @Test("with three runs a side nothing can be told, and that is said", arguments: [3, 5])
  func tooFew(_ runs: Int) throws {
    let base = Array(Self.slow.prefix(runs))
    let comparison = RunComparison(base: My.side("base", base), new: [My.side("new", base.map { $0 * 10 })])
    #expect(try Self.total(comparison).verdict == .inconclusive)
    #expect(try #require(comparison.tooFew).contains("\(runs) against \(runs) runs"))
    // Not even an equal figure is shown to be equal.
    #expect(try Self.total(comparison, .mountsCompleted).verdict == .inconclusive)
    #expect(RunComparison(base: My.side("base", Self.slow), new: [My.side("new", Self.slow)]).tooFew == nil)
  }

  @Test func howManyRunsAreTheLeast() {
    #expect(RunComparison.tooFewText(base: 3, new: 3, tests: 1)?.contains("never below 0.100") == true)
    #expect(RunComparison.tooFewText(base: 4, new: 4, tests: 1) == nil)
    #expect(VerdictRules.leastRuns(tests: 1) == 4)
    // Six against six without ties: 2 of 924 times 20 is below 0.05. With ties it is 0.0051, and times 10 above it.
    #expect(
      VerdictRules.leastRuns(tests: 9) == 6 && VerdictRules.leastRuns(tests: 10) == 7
        && VerdictRules.leastRuns(tests: 20) == 7)
  }

  @Test func runsThatStopAreComparedUpToTheEarliestStop() throws {
    let base = My.side("base", Self.slow, mounts: 8)
    let new = My.side("new", Self.slow, mounts: 3)
    let comparison = RunComparison(base: base, new: [new])
    let total = try Self.total(comparison)
    // Fewer mounts are no gain of time.
    #expect(total.firstMounts == 3 && total.verdict == .noDifference && total.newMedian == total.baseMedian)
    #expect(try Self.total(comparison, .mountsCompleted).verdict == .worse)
    #expect(try Self.total(comparison, .firstStoppedMount).newMedian == 4)
    #expect(try Self.total(comparison, .firstStoppedMount).baseMedian == 9)
  }

  @Test func aSideThatMountsNothingHasNoTimes() throws {
    let total = try Self.total(
      RunComparison(base: My.side("base", Self.slow), new: [My.side("new", Self.slow, mounts: 0)]))
    #expect(total.verdict == .notMeasured && total.p == nil && total.newMedian == nil)
  }

  @Test func whatTheKernelDoesNotTellIsNotMeasured() throws {
    let comparison = RunComparison(base: My.side("base", Self.slow), new: [My.side("new", Self.slow)])
    #expect(try Self.total(comparison, .threadCPU).verdict == .notMeasured)
    #expect(try Self.total(comparison, .compactionStalls).verdict == .notMeasured)
    // What was not measured is corrected for nowhere.
    #expect(
      comparison.tests == comparison.pairs[0].metrics.count { $0.p != nil } && comparison.tests < Metric.compared.count)
  }

  @Test func manyComparisonsAtOnceAreJudgedMoreStrictly() throws {
    let base = My.side("base", Self.slow)
    let one = try Self.total(
      RunComparison(base: base, new: [My.side("a", Self.slow.map { $0 * 2 })], metrics: [.totalTime]))
    let new = (0..<5).map { number in My.side("n\(number)", Self.slow.map { $0 * 2 }) }
    let many = try Self.total(RunComparison(base: base, new: new, metrics: [.totalTime]))
    #expect(one.adjustedP == one.p && many.p == one.p && many.adjustedP == 5 * many.p!)
  }

  @Test("a system that has not changed gets a verdict of better or worse in at most one of twenty comparisons")
  func unchanged() {
    var random = RandomGenerator(seed: 7)
    var alarms = 0
    let rounds = 200
    for round in 0..<rounds {
      func sample(_ name: String) -> ComparisonSide {
        // Lognormal by eye: most near 100, some far above, as mounts are.
        My.side(
          "\(name)\(round)",
          (0..<6).map { _ in 100 + Double(random.below(20)) + (random.below(6) == 0 ? Double(random.below(200)) : 0) })
      }
      let (base, new) = (sample("a"), sample("b"))
      let comparison = RunComparison([(base, new)], metrics: Metric.compared, resampleCount: 99)
      if comparison.pairs[0].metrics.contains(where: { $0.verdict == .better || $0.verdict == .worse }) { alarms += 1 }
    }
    #expect(alarms <= rounds / 20, "\(alarms) of \(rounds)")
  }
}

@Suite struct ComparabilityTests {
  private typealias My = ComparisonSample

  private static func barriers(_ base: [ComparedRun], _ new: [ComparedRun], studied: Set<ScenarioKey> = []) -> [String]
  {
    Comparability.barriers(
      ComparisonSide(path: "base", runs: base), ComparisonSide(path: "new", runs: new), studied: studied)
  }

  @Test func tuningIsWhatIsCompared() {
    let barriers = Self.barriers(
      [My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, sysctl: "vm.min_free_kbytes=262144")])
    #expect(barriers == [])
    let tuning = Difference.tuning(
      [My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, sysctl: "vm.swappiness=1@failover")])
    #expect(tuning == [Difference(fact: "vm.swappiness@failover", base: "as found", new: "1")])
  }

  @Test func anotherScenarioIsNotComparable() {
    let barriers = Self.barriers([My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, memory: 2 << 30)])
    #expect(
      barriers.contains { $0.contains("the scenarios differ: memory is 4GiB in results/a and 2GiB in results/b") })
    #expect(
      !Self.barriers(
        [My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, memory: 2 << 30)], studied: [.memory]
      ).contains { $0.contains("the scenarios differ") })
  }

  @Test func startsThatLieApartAreNotComparable() {
    let base = [My.run("a", milliseconds: 1, startFree: 1000 << 20)]
    #expect(Self.barriers(base, [My.run("b", milliseconds: 1, startFree: 1049 << 20)]) == [])
    let barriers = Self.barriers(base, [My.run("b", milliseconds: 1, startFree: 1051 << 20)])
    #expect(barriers.count == 1 && barriers[0].contains("free memory at the start"))
  }

  @Test func aRunIsNotComparedWithItself() {
    let run = My.run("a", milliseconds: 1)
    #expect(Self.barriers([run], [run]).contains { $0.contains("the same run") })
  }

  @Test func repeatsOfASideHaveTheSameSettings() {
    let mixed = [My.run("a", milliseconds: 1), My.run("b", milliseconds: 1, sysctl: "vm.swappiness=1")]
    #expect(
      Self.barriers(mixed, [My.run("c", milliseconds: 1)]).contains { $0.contains("do not all have the same settings") }
    )
  }

  @Test func onlyDifferentFactsAreNamed() {
    let (base, new) = ([My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, kernel: "6.19")])
    #expect(Difference.environment(base, new) == [Difference(fact: "kernel", base: "6.18", new: "6.19")])
    #expect(Difference.environment(base, [My.run("c", milliseconds: 2)]) == [])
  }

  /// It cannot be made equal, and so it is said: by medians, and only where it is more than a twentieth of what was free.
  @Test func howTheFreeMemoryLayAtTheStart() {
    func run(_ id: String, unmovable: UInt64, movable: UInt64) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.start = record.start.map {
        StartState(
          state: $0.state, watermarks: $0.watermarks, totalBytes: $0.totalBytes, ballastBytes: $0.ballastBytes,
          memory: StartMemory(lists: [
            .init(node: 0, zone: "Normal", mobility: "Unmovable", freeBytes: unmovable << 20, wholeBlockBytes: 0),
            .init(
              node: 0, zone: "Normal", mobility: "Movable", freeBytes: movable << 20, wholeBlockBytes: movable << 20),
          ]))
      }
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    let base = [run("a", unmovable: 100, movable: 3900), run("b", unmovable: 120, movable: 3880)]
    let other = [run("c", unmovable: 1100, movable: 2900), run("d", unmovable: 1120, movable: 2880)]
    #expect(
      Difference.environment(base, other) == [
        Difference(fact: "free on unmovable lists at the start", base: "110.0 MiB", new: "1.1 GiB"),
        Difference(fact: "free in blocks of order 9 and more at the start", base: "3.8 GiB", new: "2.8 GiB"),
      ])
    #expect(Difference.environment(base, [run("e", unmovable: 300, movable: 3700)]) == [])
    #expect(Difference.environment(base, [My.run("f", milliseconds: 1)]) == [], "unknown is no difference")
  }

  @Test func aRunThatWasCutOffIsLeftOut() {
    let side = ComparisonSide(
      path: "s", runs: [My.run("a", milliseconds: 1), My.run("b", milliseconds: 1, status: .incomplete)])
    #expect(side.runs.map(\.path) == ["results/a"] && side.leftOut == ["results/b"])
  }
}
