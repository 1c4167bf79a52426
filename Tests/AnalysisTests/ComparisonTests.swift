import Experiment
import Foundation
import Testing

@testable import Analysis

@Suite struct ComparisonTests {
  private typealias My = ComparisonSample
  private static let slow: [Double] = [100, 101, 102, 103, 104, 105, 106, 107]

  private static func compared(_ sides: (base: ComparisonSide, new: ComparisonSide), _ rules: VerdictRules = .init())
    throws -> RunComparison.Pair
  {
    try #require(RunComparison(base: sides.base, new: [sides.new], rules: rules).pairs.first)
  }
  private static func metric(_ pair: RunComparison.Pair, _ metric: Metric = .restrictedMean) throws -> MetricComparison
  {
    try #require(pair.metrics.first { $0.metric == metric })
  }

  @Test func aSideThatTakesTwiceAsLongIsWorse() throws {
    let pair = try Self.compared(My.turns(Self.slow, Self.slow.map { $0 * 2 }))
    let mean = try Self.metric(pair)
    #expect(pair.design == .batches && pair.blocks == 8)
    #expect(mean.verdict == .worse && mean.p == 2.0 / 256 && mean.baseMedian == 103.5)
    let change = try #require(mean.change)
    #expect(change.scale == .ratio && abs(change.estimate - 2) < 1e-9 && (change.interval?.lower ?? 0) > 1.9)
    #expect(try Self.metric(pair, .servicesCompleted).verdict == .noDifference)
    #expect(try Self.metric(pair, .mountMedian).verdict == .notShown)
    #expect(try Self.metric(try Self.compared(My.turns(Self.slow.map { $0 * 2 }, Self.slow))).verdict == .better)
  }

  @Test("a failover that was lost in one of seven runs is never no difference")
  func aLostFailover() throws {
    var sides = My.turns(Array(Self.slow.prefix(7)), Array(Self.slow.prefix(7)))
    var runs = sides.new.runs
    runs[3] = My.run("lost", milliseconds: 103, mounts: 3, at: 350)
    sides.new = ComparisonSide(path: "new", runs: runs)
    let pair = try Self.compared(sides)
    #expect(pair.baseComplete == Proportion(7, of: 7) && pair.newComplete == Proportion(6, of: 7))
    #expect(pair.metrics(.primary).allSatisfy { $0.verdict == .inconclusive })
  }

  @Test("services that are lost in every run are worse, and stopping early is no gain of time")
  func stopping() throws {
    let pair = try Self.compared(My.turns(Self.slow, Self.slow, newMounts: 3))
    for metric in [Metric.failoversComplete, .servicesCompleted, .restrictedMean] {
      #expect(try Self.metric(pair, metric).verdict == .worse, "\(metric.name)")
    }
    // 3 of about 100 ms and 5 that never came, each a minute.
    #expect(try #require(try Self.metric(pair).newMedian) > 37_000)
    let median = try Self.metric(pair, .mountMedian)
    #expect(median.firstMounts == 3 && median.newMedian == median.baseMedian)
  }

  @Test func aRunThatBrokeIsAFailoverThatWasLost() throws {
    var sides = My.turns(Self.slow, Self.slow)
    sides.new = ComparisonSide(
      path: "new",
      runs: sides.new.runs.dropLast() + [My.run("broken", milliseconds: 1, at: 750, status: .incomplete)])
    let pair = try Self.compared(sides)
    #expect(pair.newComplete == Proportion(7, of: 8) && pair.broken == ["results/broken"] && pair.blocks == 8)
    // Of safeguards a broken run has no figure: its pair is left out.
    #expect(try Self.metric(pair, .mountMedian).verdict == .noWorse)
    #expect(pair.metrics(.primary).allSatisfy { $0.verdict == .inconclusive })
  }

  @Test func sidesThatWereMeasuredEachByItselfGetNoVerdict() throws {
    let base = My.side("base", Self.slow)
    let new = ComparisonSide(
      path: "new", runs: Self.slow.enumerated().map { My.run("n\($0)", milliseconds: $1 * 10, at: 1000) })
    let pair = try Self.compared((base, new))
    #expect(pair.design == .sessions && pair.blocks == 0)
    #expect(pair.metrics.allSatisfy { $0.verdict == nil && $0.p == nil })
    let change = try #require(try Self.metric(pair).change)
    #expect(abs(change.estimate - 10) < 1e-9 && change.interval != nil)
  }

  @Test("of batches in turns the unit is the batch, however many runs it has")
  func batches() throws {
    func side(_ name: String, _ factor: Double, _ shift: UInt64) -> ComparisonSide {
      ComparisonSide(
        path: name,
        runs: (0..<3).flatMap { batch in
          Self.slow.enumerated().map {
            My.run("\(name)\(batch)\($0)", milliseconds: $1 * factor, at: UInt64(batch) * 1000 + shift + UInt64($0))
          }
        })
    }
    let pair = try Self.compared((side("a", 1, 0), side("b", 2, 500)))
    // Three pairs come to 0.25 at best.
    #expect(pair.design == .batches && pair.blocks == 3)
    #expect(try Self.metric(pair).p == 0.25 && pair.metrics(.primary).allSatisfy { $0.verdict != .worse })
  }

  @Test("another boot begins another block")
  func boots() throws {
    func run(_ id: String, _ seconds: UInt64, boot: String) -> ComparedRun {
      var record = My.run(id, milliseconds: 100, at: seconds).record
      record.host.bootID = boot
      return ComparedRun(path: id, record: record, observations: [])
    }
    func blocks(_ boots: [String]) -> Int {
      let base = [run("a", 0, boot: boots[0]), run("c", 200, boot: boots[2])]
      let new = [run("b", 100, boot: boots[1]), run("d", 300, boot: boots[3])]
      return PairedBlock.alternating(ComparisonSide(path: "x", runs: base), ComparisonSide(path: "y", runs: new)).count
    }
    #expect(blocks(["1", "1", "1", "1"]) == 2 && blocks(["1", "1", "2", "2"]) == 2)
    // Neither boot has both sides.
    #expect(blocks(["1", "2", "1", "2"]) == 0)
  }

  @Test("settings of a sweep are judged by its plan and not by whoever picks two of them")
  func partsOfASweep() throws {
    let (base, new) = My.turns(Self.slow, Self.slow.map { $0 * 2 })
    /// The runs of a side in the rounds that they are given.
    func side(_ path: String, _ runs: [ComparedRun], of sweep: String, rounds: [Int]) -> ComparisonSide {
      ComparisonSide(
        path: path, runs: runs,
        ofSweep: .init(sweep: sweep, studied: [.dose], rounds: Dictionary(uniqueKeysWithValues: zip(rounds, runs))))
    }
    let rounds = Array(1...base.runs.count)
    let a = side("a", base.runs, of: "s", rounds: rounds)
    let pair = try Self.compared((a, side("b", new.runs, of: "s", rounds: rounds)))
    #expect(pair.design == .planned && pair.metrics.allSatisfy { $0.verdict == nil && $0.p == nil })
    // Twice as long in every round, however far the rounds lie apart.
    #expect(pair.blocks == base.runs.count)
    let change = try #require(try Self.metric(pair, .mountMedian).change)
    #expect(abs(change.estimate - 2) < 1e-9)
    let interval = try #require(change.interval)
    #expect(abs(interval.lower - 2) < 1e-9 && abs(interval.upper - 2) < 1e-9)

    // Other rounds are other pairs: the first run of one beside the last of the other.
    let turned = try Self.compared((a, side("b", new.runs, of: "s", rounds: rounds.reversed())))
    let wide = try #require(try Self.metric(turned, .mountMedian).change?.interval)
    #expect(wide.lower < 2 && wide.upper > 2)
    // Rounds of which one is missing are left out, and two sweeps have none in common.
    #expect(
      try Self.compared((a, side("b", new.runs, of: "s", rounds: rounds.map { $0 + 1 }))).blocks == rounds.count - 1)
    let other = try Self.compared((a, side("b", new.runs, of: "t", rounds: rounds)))
    #expect(other.design == .planned && other.blocks == 0)
  }

  @Test("what a sweep varies is no reason not to compare two of its settings")
  func whatASweepVaries() throws {
    func side(_ path: String, files: Int, of sweep: String) -> ComparisonSide {
      var record = My.run(path, milliseconds: 100).record
      record.scenario.service.files = files
      let run = ComparedRun(path: path, record: record, observations: [])
      return ComparisonSide(
        path: path, runs: [run], ofSweep: .init(sweep: sweep, studied: [.serviceFiles], rounds: [1: run]))
    }
    func barriers(_ sweep: String) throws -> [String] {
      try Self.compared((side("a", files: 1, of: "s"), side("b", files: 2, of: sweep))).barriers
    }
    #expect(try barriers("s").isEmpty)
    let tuning = try Self.compared((side("a", files: 1, of: "s"), side("b", files: 2, of: "s"))).tuning
    #expect(tuning == [Difference(fact: "service-files", base: "1", new: "2")])
    #expect(try barriers("t").contains { $0.contains("service-files is 1 in a and 2 in b") })
  }

  @Test("too few pairs for an interval have the range of their changes")
  func ranges() throws {
    let five = Array(Self.slow.prefix(5))
    let few = try Self.metric(try Self.compared(My.turns(five, zip(five, [1.5, 2, 2, 2, 4]).map(*))), .mountMedian)
    let range = try #require(few.change?.range)
    #expect(few.change?.interval == nil && abs(range.lower - 1.5) < 1e-9 && abs(range.upper - 4) < 1e-9)
    let all = try Self.metric(try Self.compared(My.turns(Self.slow, Self.slow.map { $0 * 2 })), .mountMedian)
    #expect(all.change?.range == nil && all.change?.interval != nil)
  }

  @Test("a mean that counts a lost service with the timeout is not compared between timeouts")
  func timeouts() throws {
    let (base, new) = My.turns(Self.slow, Self.slow)
    let other = new.runs.map { run in
      var record = run.record
      record.scenario.mountTimeoutNanoseconds = 5_000_000_000
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    let pair = try Self.compared((base, ComparisonSide(path: "b", runs: other)))
    #expect(try Self.metric(pair).verdict == .notMeasured)
  }

  @Test func aDifferenceWithinTheMarginIsNone() throws {
    let sides = My.turns(Self.slow, Self.slow.enumerated().map { $1 * ($0.isMultiple(of: 2) ? 1.02 : 0.99) })
    #expect(try Self.metric(try Self.compared(sides)).verdict == .noDifference)
    let strict = try Self.compared(sides, VerdictRules(marginPercent: 1))
    #expect(try Self.metric(strict).verdict == .inconclusive)
    #expect(try Self.metric(strict, .mountMedian).verdict == .notShown)
  }

  @Test("five pairs are enough to show that a workload is no slower, and none is asked where there is no workload")
  func overhead() throws {
    let sides = My.turns(Array(Self.slow.prefix(5)), Array(Self.slow.prefix(5)))
    func verdict(_ seconds: Double) throws -> Verdict? {
      let new = My.side(sides.new, populateSeconds: seconds)
      return try Self.metric(try Self.compared((My.side(sides.base, populateSeconds: 10), new)), .populateTime).verdict
    }
    #expect(try verdict(10.9) == .noWorse && verdict(8) == .noWorse && verdict(11.1) == .notShown)
    #expect(try Self.metric(try Self.compared(sides), .populateTime).verdict == nil)
    let one = (sides.base, My.side(sides.new, populateSeconds: 10))
    #expect(try Self.metric(try Self.compared(one), .populateTime).verdict == .notMeasured)
  }

  @Test func fivePairsShowNothing() throws {
    let five = Array(Self.slow.prefix(5))
    let pair = try Self.compared(My.turns(five, five.map { $0 * 10 }))
    #expect(pair.metrics(.primary).allSatisfy { $0.verdict == .inconclusive || $0.verdict == .noDifference })
    #expect(try Self.metric(pair).p == 2.0 / 32)
  }

  @Test func aSideThatMountsNothingHasNoTimes() throws {
    let pair = try Self.compared(My.turns(Self.slow, Self.slow, newMounts: 0))
    let median = try Self.metric(pair, .mountMedian)
    #expect(median.verdict == .notMeasured && median.change == nil && median.newMedian == nil)
    #expect(try Self.metric(pair, .failoversComplete).verdict == .worse)
  }

  @Test func manySettingsAreJudgedMoreStrictly() throws {
    let (base, new) = My.turns(Self.slow, Self.slow.map { $0 * 2 })
    let others = (1...4).map { number in
      ComparisonSide(
        path: "n\(number)",
        runs: new.runs.indices.map {
          let at: UInt64 = UInt64($0) * 100 + 50 + UInt64(number)
          return My.run("\(number)-\($0)", milliseconds: 200 + Double($0), at: at)
        })
    }
    let one = try Self.metric(try Self.compared((base, new)))
    let many = try #require(RunComparison(base: base, new: [new] + others).pairs.first)
    #expect(try Self.metric(many).p == one.p.map { $0 * 5 })
  }

  @Test("repeats of the simulated machine that are all the same say nothing")
  func noSpread() throws {
    func side(_ name: String, _ time: Double, _ shift: UInt64) -> ComparisonSide {
      ComparisonSide(
        path: name,
        runs: (0..<10).map {
          My.run("\(name)\($0)", milliseconds: time, architecture: HostFacts.modelArchitecture, at: $0 * 100 + shift)
        })
    }
    let pair = try Self.compared((side("a", 100, 0), side("b", 300, 50)))
    #expect(pair.metrics(.primary).allSatisfy { $0.verdict == .noSpread && $0.p == nil })
  }

  @Test func whatIsTestedIsWritten() throws {
    let comparison = RunComparison(base: My.side("a", Self.slow), new: [My.side("b", Self.slow.map { $0 * 2 })])
    let text = String(decoding: try JSONEncoder().encode(comparison), as: UTF8.self)
    for word in ["\"failovers.complete\"", "\"baseComplete\"", "\"schema\":3"] { #expect(text.contains(word)) }
  }
}
