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

  private static func result(_ text: String, _ runs: [ComparedRun], baseline: [[ComparedRun]] = []) throws -> GateResult
  {
    GateResult(
      [try #require(Requirement(text))], side: ComparisonSide(path: "new", runs: runs),
      baseline: baseline.map { ComparisonSide(path: "base", runs: $0) })
  }

  private static func batch(_ name: String, _ factor: Double = 1, mounts: Int = 8) -> [ComparedRun] {
    ComparisonSample.side(name, [100, 101, 102, 103, 104].map { $0 * factor }, mounts: mounts).runs
  }

  @Test func everyRunMustKeepAnAbsoluteBound() throws {
    let good = ComparisonSample.side("g", [100, 110]).runs
    let stopped = ComparisonSample.run("s", milliseconds: 100, mounts: 7)
    let passed = try Self.result("mounts.completed == 8", good)
    #expect(passed.verdict == .pass && passed.complete == Proportion(2, of: 2))
    let failed = try Self.result("mounts.completed == 8", good + [stopped])
    #expect(failed.verdict == .fail && failed.findings[0].reason == "1 of 3 runs do not meet it, one with 7")
    #expect(failed.complete == Proportion(2, of: 3))
    #expect(try Self.result("total.seconds <= 0.88", good).verdict == .pass)
    #expect(try Self.result("total.seconds < 0.88", good).verdict == .fail)
  }

  @Test func whatWasNotMeasuredPassesNothing() throws {
    var record = ComparisonSample.run("g", milliseconds: 100).record
    record.leftovers = nil
    let runs = [ComparedRun(path: "g", record: record, observations: [])]
    #expect(try Self.result("stalls.compaction == 0", runs).verdict == .inconclusive)
    #expect(try Self.result("mounts.completed == 8", []).verdict == .inconclusive)
    #expect(GateResult([], side: ComparisonSide(path: "g", runs: runs), baseline: []).verdict == .inconclusive)
  }

  @Test func aRunThatBrokePassesNothing() throws {
    let runs = Self.batch("g") + [ComparisonSample.run("b", milliseconds: 1, status: .incomplete)]
    let result = try Self.result("mounts.completed == 8", runs)
    #expect(result.verdict == .fail && result.complete == Proportion(5, of: 6))
    #expect(result.findings[0].reason == "1 of 6 runs do not meet it, one with 0")
    let time = try Self.result("total.seconds < 10", runs)
    #expect(time.verdict == .inconclusive && time.findings[0].reason.hasPrefix("1 of 6 runs broke"))
  }

  @Test("how far two sittings differ is not known from fewer than three")
  func ratiosTakeThreeBaselines() throws {
    let text = "mount.median_ms <= 1.1 x baseline"
    let two = try Self.result(text, Self.batch("n"), baseline: [Self.batch("a"), Self.batch("b", 1.01)])
    #expect(two.verdict == .inconclusive && two.findings[0].reason.contains("give --baseline 3 times or more"))
    let four = [Self.batch("a"), Self.batch("b", 1.001), Self.batch("c", 0.999), Self.batch("d", 1.002)]
    #expect(try Self.result(text, Self.batch("n"), baseline: four).verdict == .pass)
    #expect(try Self.result(text, Self.batch("n", 2), baseline: four).verdict == .fail)
    let tight = try Self.result("mount.median_ms <= 1.001 x baseline", Self.batch("n"), baseline: four)
    #expect(tight.verdict == .inconclusive && tight.findings[0].reason.contains("an unchanged system passes in "))
    // Sittings that differ by a fifth leave no room for a bound of a tenth.
    let apart = [Self.batch("a"), Self.batch("b", 1.2), Self.batch("c", 0.8), Self.batch("d", 1.1)]
    let wide = try Self.result(text, Self.batch("n"), baseline: apart)
    #expect(
      wide.verdict == .inconclusive && wide.findings[0].reason.contains("in 99 with a bound of "),
      "\(wide.findings[0].reason)")
  }

  @Test func aSideThatCompletesLessDoesNotPassBySpeed() throws {
    let baseline = [Self.batch("a"), Self.batch("b", 1.01), Self.batch("c", 0.99)]
    let all = try Self.result("total.seconds <= 1 x baseline", Self.batch("n", 0.5, mounts: 3), baseline: baseline)
    #expect(all.verdict == .fail && all.findings[0].reason.contains("fewer mounts"))
    let one = Array(Self.batch("n", 0.5).prefix(4)) + [ComparisonSample.run("s", milliseconds: 50, mounts: 3)]
    let some = try Self.result("mount.p99_ms <= 1 x baseline", one, baseline: baseline)
    #expect(some.verdict == .inconclusive && some.findings[0].reason.contains("1 of 5 failovers"))
  }

  @Test("a failover that was lost does not hide in a median, nor in a bound on mounts completed")
  func lostFailoverInAGate() throws {
    let baseline = [Self.batch("a"), Self.batch("b", 1.01), Self.batch("c", 0.99)]
    let one = Array(Self.batch("n").prefix(4)) + [ComparisonSample.run("s", milliseconds: 100, mounts: 3)]
    #expect(try Self.result("mounts.completed >= 0.5 x baseline", one, baseline: baseline).verdict == .inconclusive)
  }

  @Test func fewRunsAgainstLargeBatchesDecideNothing() throws {
    let baseline = [Self.batch("a"), Self.batch("b", 1.01), Self.batch("c", 0.99)]
    let single = try Self.result(
      "mount.median_ms <= 2 x baseline", Array(Self.batch("n").prefix(1)), baseline: baseline)
    #expect(single.verdict == .inconclusive && single.findings[0].reason.hasPrefix("1 runs against batches of 5"))
  }

  @Test("counts that happen to agree are not known to the last one")
  func tiedCounts() throws {
    let baseline = ["a", "b", "c"].map { Self.batch($0, mounts: 6) }
    let less = try Self.result("mounts.completed >= 1 x baseline", Self.batch("n", mounts: 6), baseline: baseline)
    #expect(less.verdict == .inconclusive, "\(less.findings[0].reason)")
  }

  @Test("times in coarse steps whose medians happen to agree are not known to the last step")
  func tiedTimes() throws {
    func batch(_ name: String, _ times: [Double]) -> [ComparedRun] { ComparisonSample.side(name, times).runs }
    let baseline = ["a", "b", "c"].map { batch($0, [80, 100, 100, 100, 120]) }
    let next = try Self.result(
      "mount.median_ms <= 1 x baseline", batch("n", [100, 120, 120, 120, 120]), baseline: baseline)
    #expect(next.verdict == .inconclusive, "\(next.findings[0].reason)")
  }

  @Test(
    "what an unchanged system needs to pass is the same each time, and more batches are named only where they are enough"
  )
  func chanceOfPassing() throws {
    let baseline = [Self.batch("a"), Self.batch("b", 1.02), Self.batch("c", 0.98)]
    let reason = try Self.result("mount.median_ms <= 1.25 x baseline", Self.batch("n"), baseline: baseline)
      .findings[0].reason
    #expect(
      reason.hasSuffix(
        "an unchanged system passes in 60 of 100 cases; in 99 with a bound of 1.643, or with 5 baseline batches"),
      "\(reason)")
  }

  @Test("several ratios share the 1 % of false alarms")
  func family() throws {
    let baseline = [Self.batch("a"), Self.batch("b", 1.01), Self.batch("c", 0.99)].map {
      ComparisonSide(path: "b", runs: $0)
    }
    func upper(_ texts: [String]) throws -> String {
      let requirements = texts.compactMap(Requirement.init)
      let side = ComparisonSide(path: "n", runs: Self.batch("n"))
      return try #require(GateResult(requirements, side: side, baseline: baseline).findings.first).reason
    }
    let text = "mount.median_ms <= 1.5 x baseline"
    #expect(try upper([text]) != upper([text, "mount.p99_ms <= 1.5 x baseline"]))
  }
}
