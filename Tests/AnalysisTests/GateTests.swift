import Experiment
import Testing

@testable import Analysis

@Suite struct GateTests {
  @Test(arguments: [
    ("mounts.completed == 128", Metric.mountsCompleted, Requirement.Comparison.equal, 128.0, false),
    ("total.seconds<60", .totalTime, .below, 60, false), ("mount.p99_ms  <=  250.5", .mountP99, .atMost, 250.5, false),
    ("total.seconds <= 1.25 x baseline", .totalTime, .atMost, 1.25, true),
    ("free_large.before_mib >= 0.9 baseline", .largeFreeBefore, .atLeast, 0.9, true),
    ("host.leftovers != 3", .leftovers, .unequal, 3, false),
    // Found by the fuzzer: written with an exponent, which is not read.
    ("mounts.completed == 11844337282036854000000", .mountsCompleted, .equal, 1.1844337282036854e22, false),
    ("total.seconds > 0.0000001234", .totalTime, .above, 0.0000001234, false),
  ])
  func requirements(
    _ text: String, _ metric: Metric, _ comparison: Requirement.Comparison, _ bound: Double, _ isRatio: Bool
  ) throws {
    let requirement = try #require(Requirement(text))
    #expect(
      requirement.metric == metric && requirement.comparison == comparison && requirement.bound == bound
        && requirement.isRatio == isRatio)
    #expect(Requirement(requirement.text) == requirement)
  }

  @Test(arguments: [
    "", "mounts.completed", "mounts.completed = 128", "mounts.completed == ", "colour == 3", "== 3",
    "total.seconds < -1", "total.seconds < nan",
    "total.seconds < 1e3", "total.seconds < 0x10", "total.seconds < 60 s", "total.seconds == 1 x baseline",
    "total.seconds < 0 x baseline",
    "total.seconds < 1 < 2", "total.seconds < .5",
  ])
  func notRequirements(_ text: String) { #expect(Requirement(text) == nil) }

  private static func result(_ text: String, _ runs: [ComparedRun], baseline: [ComparedRun]? = nil) throws -> GateResult
  {
    GateResult([try #require(Requirement(text))], runs: runs, baseline: baseline)
  }

  @Test func everyRunMustKeepAnAbsoluteBound() throws {
    let good = ComparisonSample.side("g", [100, 110]).runs
    let stopped = ComparisonSample.run("s", milliseconds: 100, mounts: 7)
    #expect(try Self.result("mounts.completed == 8", good).verdict == .pass)
    let failed = try Self.result("mounts.completed == 8", good + [stopped])
    #expect(failed.verdict == .fail && failed.findings[0].reason == "1 of 3 runs do not meet it, one with 7")
    #expect(try Self.result("total.seconds <= 0.88", good).verdict == .pass)
    #expect(try Self.result("total.seconds < 0.88", good).verdict == .fail)
  }

  @Test func whatWasNotMeasuredPassesNothing() throws {
    let runs = ComparisonSample.side("g", [100]).runs
    #expect(try Self.result("stalls.compaction == 0", runs).verdict == .inconclusive)
    #expect(try Self.result("mounts.completed == 8", []).verdict == .inconclusive)
    #expect(GateResult([], runs: runs, baseline: nil).verdict == .inconclusive)
  }

  @Test func ratiosTakeFiveRunsASide() throws {
    let four = ComparisonSample.side("a", [100, 101, 102, 103]).runs
    let five = ComparisonSample.side("b", [100, 101, 102, 103, 104]).runs
    #expect(try Self.result("total.seconds <= 1.1 x baseline", four, baseline: five).verdict == .inconclusive)
    #expect(
      try Self.result(
        "total.seconds <= 1.1 x baseline", ComparisonSample.side("c", [100, 101, 102, 103, 104]).runs, baseline: five
      ).verdict == .pass)
    #expect(
      try Self.result(
        "total.seconds <= 1.1 x baseline", ComparisonSample.side("d", [200, 201, 202, 203, 204]).runs, baseline: five
      ).verdict == .fail)
    #expect(
      try Self.result(
        "total.seconds <= 1.02 x baseline", ComparisonSample.side("e", [100, 101, 102, 103, 104]).runs, baseline: five
      ).verdict == .inconclusive)
  }

  @Test(
    "an unchanged system passes 99 times in 100 where the bound has room for its noise, and fails less than once without any room",
    arguments: [5, 8])
  func unchanged(_ runs: Int) throws {
    var random = RandomGenerator(seed: 11)
    var (passed, failed) = (0, 0)
    let rounds = 300
    let roomy = try #require(Requirement("total.seconds <= 1.25 x baseline"))
    let tight = try #require(Requirement("total.seconds <= 1 x baseline"))
    for round in 0..<rounds {
      func sample(_ name: String) -> [ComparedRun] {
        ComparisonSample.side("\(name)\(round)", (0..<runs).map { _ in 95 + Double(random.below(1000)) / 100 }).runs
      }
      let (base, new) = (sample("a"), sample("b"))
      if GateResult([roomy], runs: new, baseline: base, resampleCount: 199).verdict == .pass { passed += 1 }
      if GateResult([tight], runs: new, baseline: base, resampleCount: 199).verdict == .fail { failed += 1 }
    }
    #expect(passed >= rounds * 99 / 100, "\(passed) of \(rounds)")
    #expect(failed <= rounds / 100, "\(failed) of \(rounds)")
  }
}
