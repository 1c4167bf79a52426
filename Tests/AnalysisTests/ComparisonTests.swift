import Experiment
import Foundation
import Testing

@testable import Analysis

/// Runs with known times, for comparisons whose verdicts are known.
enum ComparisonSample {
  /// A run of `mounts` services of `milliseconds` each, the one after them stopped where fewer than eight are asked for.
  static func run(
    _ id: String, milliseconds: Double, mounts: Int = 8, sysctl: String? = nil, memory: UInt64 = 4 << 30,
    startFree: UInt64 = 1 << 30, kernel: String = "6.18", architecture: String = "x86_64", at seconds: UInt64 = 0,
    highPages: UInt64 = 1000, status: RunRecord.Status = .complete
  ) -> ComparedRun {
    var records = (1...8).prefix(mounts).map { Sample.mount($0, mount: UInt64(milliseconds * 1e6)) }
    if mounts < 8 { records.append(Sample.mount(mounts + 1, .timedOut, mount: 1_000_000_000)) }
    var record = Sample.record(fileSystems: 8, records)
    record.runID = id
    record.status = status
    record.host.kernelRelease = kernel
    record.host.architecture = architecture
    record.startedAtUnixNanoseconds = seconds * 1_000_000_000
    if let sysctl { try? record.scenario.set(.sysctl, sysctl) }
    record.scenario.memoryBytes = memory
    record.start = StartState(
      state: Sample.state([startFree / 4096 - 1600, 0, 0, 0, 100], free: startFree),
      watermarks: [
        ZoneWatermarks(
          node: 0, name: "Normal", managedPages: 1 << 20, minPages: 100, lowPages: 500, highPages: highPages,
          protectionPages: [])
      ], totalBytes: memory, ballastBytes: 0)
    let counters: [String: UInt64] = ["allocstall_normal": 0, "compact_stall": 0]
    return ComparedRun(
      path: "results/\(id)", record: record,
      observations: [0, 1].map {
        Observation(afterMount: $0, state: Sample.state([0, 0, 0, 0, 100], free: 1 << 20, counters: counters))
      })
  }

  /// Two sides measured in turns: a run of the base, then one of the new side, and so on.
  static func turns(_ base: [Double], _ new: [Double], newMounts: Int = 8) -> (
    base: ComparisonSide, new: ComparisonSide
  ) {
    func side(_ name: String, _ times: [Double], _ mounts: Int, _ shift: UInt64) -> ComparisonSide {
      ComparisonSide(
        path: name,
        runs: times.enumerated().map {
          run("\(name)-\($0)", milliseconds: $1, mounts: mounts, at: UInt64($0) * 100 + shift)
        })
    }
    return (side("base", base, 8, 0), side("new", new, newMounts, 50))
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

  @Test("other watermarks are another machine, unless they are what is compared")
  func watermarksThatLieApart() {
    func run(_ id: String, lowPages: UInt64, sysctl: String? = nil) -> ComparedRun {
      let run = My.run(id, milliseconds: 1, sysctl: sysctl)
      var record = run.record
      record.start = record.start.map {
        StartState(
          state: $0.state,
          watermarks: [
            ZoneWatermarks(
              node: 0, name: "Normal", managedPages: 1 << 20, minPages: 1, lowPages: lowPages, highPages: lowPages,
              protectionPages: [])
          ], totalBytes: $0.totalBytes, ballastBytes: $0.ballastBytes)
      }
      return ComparedRun(path: run.path, record: record, observations: [])
    }
    let base = [run("a", lowPages: 500)]
    #expect(
      Self.barriers(base, [run("b", lowPages: 600)]).first?.hasPrefix("the sum of the low watermarks at the start")
        == true)
    #expect(Self.barriers(base, [run("b", lowPages: 600, sysctl: "vm.min_free_kbytes=90000")]) == [])
    #expect(Self.barriers(base, [run("b", lowPages: 600, sysctl: "vm.swappiness=1")]).count == 1)
    #expect(Self.barriers(base, [run("b", lowPages: 600)], studied: [.memoryDivision]) == [])
  }

  @Test("what kernel is asked for makes no other scenario, but inodes that were resident by another pressure do")
  func inodesAndMachine() {
    func run(_ id: String, pressure: String, machine: MachineKind = .any) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.scenario.inodeResident = true
      record.scenario.machine = machine
      record.apply(.sysctl(key: "vm.vfs_cache_pressure", before: "100", after: pressure))
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    let base = [run("a", pressure: "0")]
    #expect(Self.barriers(base, [run("b", pressure: "0", machine: .as2005)]) == [])
    #expect(
      Self.barriers(base, [run("b", pressure: "1")]) == [
        "inode-resident meant vm.vfs_cache_pressure 0 in results/a and 1 in results/b"
      ])
  }

  @Test("pins of another size are named, those of a control are not")
  func pinnedMemory() {
    func run(_ id: String, pages: UInt64) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.inject = InjectRecord(pinnedPages: pages, transientPages: 0, durationNanoseconds: 1)
      record.start = record.start.map {
        StartState(
          state: $0.state, watermarks: $0.watermarks, totalBytes: $0.totalBytes, ballastBytes: 0,
          memory: StartMemory(lists: []))
      }
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    #expect(
      Difference.environment([run("a", pages: 122_880)], [run("b", pages: 81_920)])
        == [Difference(fact: "pinned", base: "480.0 MiB", new: "320.0 MiB")])
    #expect(Difference.environment([run("a", pages: 1000)], [run("b", pages: 1040)]) == [])
    #expect(Difference.environment([run("a", pages: 0)], [run("b", pages: 1040)]) == [])
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

  /// What one program or one kernel records and another does not is no difference of the machines.
  @Test func settingsThatNotAllHaveAreNotCompared() {
    func run(_ id: String, _ settings: [String: String]) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.host.settings = settings
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    let base = [run("a", ["vm.swappiness": "60"])]
    #expect(Difference.environment(base, [run("b", ["vm.swappiness": "60", "vm.defrag_mode": "0"])]) == [])
    #expect(
      Difference.environment(base, [run("c", ["vm.swappiness": "1", "vm.defrag_mode": "0"])]) == [
        Difference(fact: "vm.swappiness as found", base: "60", new: "1")
      ])
  }

  /// To trace takes its time as well.
  @Test func thatOneSideIsTracedIsNamed() {
    let traced = My.run("b", milliseconds: 1)
    var record = traced.record
    record.apply(
      .allocations(AllocationTrace(rows: [], unavailable: [], lostEvents: 0, eventsOutside: 0, bufferBytes: 0)))
    let new = ComparedRun(path: traced.path, record: record, observations: traced.observations)
    #expect(
      Difference.environment([My.run("a", milliseconds: 1)], [new]) == [
        Difference(fact: "the failover is traced", base: "no", new: "yes")
      ])
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
