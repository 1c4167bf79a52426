import Experiment
import Testing

@testable import Analysis

@Suite struct SweepSummaryTests {
  private static let steady: [Double] = [100, 101, 102, 103, 104, 105, 106, 107]

  private static func arm(
    _ value: String, _ milliseconds: [Double] = steady, mounts: Int = 8, highPages: UInt64 = 1000, broken: [Int] = [],
    missing: Int = 0
  ) -> SweepSummary.Arm {
    var arm = SweepSummary.Arm(values: [value])
    for (index, time) in milliseconds.enumerated() where !broken.contains(index + 1) {
      arm.runs[index + 1] = ComparisonSample.run(
        "v\(value)-\(index)", milliseconds: time, mounts: mounts, sysctl: "vm.min_free_kbytes=\(value)",
        highPages: highPages)
    }
    (arm.broken, arm.missing) = (broken, missing)
    return arm
  }

  private static func knob(
    _ name: String = "vm.min_free_kbytes", _ values: [String] = ["10", "20", "30"], _ reference: String = "20"
  )
    -> SweepSummary.Knob
  {
    .init(name: name, values: values, reference: reference, referenceIsDefault: true, scenarioKey: nil)
  }

  private static func summary(_ arms: [SweepSummary.Arm], looks: [Int] = [8], exploratory: String? = nil) throws
    -> SweepSummary
  {
    SweepSummary(
      knobs: [knob()], arms: arms, reference: 1, looks: try #require(LookSchedule(looks)), exploratory: exploratory)
  }

  @Test func aSettingThatIsBetterAndNoWorseIsRecommended() throws {
    let summary = try Self.summary([Self.arm("10"), Self.arm("20", mounts: 5), Self.arm("30", mounts: 8)])
    #expect(summary.effects.map(\.values) == [["10"], ["30"]] && summary.withheld.isEmpty)
    // Both are as good as each other; the first sentence is the recommendation.
    #expect(summary.recommendations.count == 2)
    #expect(
      summary.recommendations[0].hasPrefix("set vm.min_free_kbytes to ")
        && summary.recommendations[0].contains(
          "is better in failovers complete, services completed, mean time to service")
        && summary.recommendations[0].contains("no worse by 10 % in median per service")
        && summary.recommendations[0].contains(
          "; none of its 8 failovers lost a service, which still allows that 32 % do;")
        && summary.recommendations[0].hasSuffix("; it keeps no more memory free"), "\(summary.recommendations)")
  }

  @Test("a setting that costs memory is not recommended without more ado, and the sentence says what it costs")
  func cost() throws {
    let summary = try Self.summary([
      Self.arm("10"), Self.arm("20", mounts: 5), Self.arm("30", highPages: 1000 + 25_600),
    ])
    let text = try #require(summary.recommendations.first { $0.contains("=30") })
    #expect(
      text.hasPrefix("vm.min_free_kbytes=30 is better in")
        && text.contains("not shown to be no worse in memory kept free (could be up to +2560 %)")
        && text.hasSuffix("; it keeps 100 MiB more memory free"), "\(text)")
  }

  @Test("what it costs the workload is said, and is no condition")
  func overhead() throws {
    func text(_ seconds: Double) throws -> String {
      let arms = [Self.arm("10"), Self.arm("20", mounts: 5), Self.arm("30")].map { arm in
        var arm = arm
        arm.runs = arm.runs.mapValues { ComparisonSample.run($0, populateSeconds: arm.values == ["30"] ? seconds : 10) }
        return arm
      }
      return try #require(try Self.summary(arms).recommendations.first { $0.contains("30") && !$0.contains("=10") })
    }
    #expect(try text(10).contains("; no overhead of 10 % in time to create the files; it keeps"))
    let slower = try text(13)
    #expect(
      slower.contains("; overhead not excluded in time to create the files (could be up to +30 %); it keeps"),
      "\(slower)")
  }

  @Test("nothing worse was seen, and that is not enough")
  func harmThatIsNotExcluded() throws {
    // More mounts; times that scatter by a half, without a tendency.
    let noisy: [Double] = [60, 160, 80, 150, 95, 140, 70, 120]
    let summary = try Self.summary([Self.arm("10"), Self.arm("20", mounts: 5), Self.arm("30", noisy)])
    let text = try #require(summary.recommendations.first { $0.contains("=30") })
    #expect(
      !text.hasPrefix("set ") && text.contains("not shown to be no worse in median per service (could be up to +"),
      "\(text)")
  }

  @Test func worseSettingsAndSuchAsMakeNoDifferenceAreNamed() throws {
    let summary = try Self.summary([Self.arm("10", Self.steady.map { $0 * 3 }), Self.arm("20"), Self.arm("30")])
    #expect(
      summary.recommendations == [
        "vm.min_free_kbytes=10 is worse in mean time to service",
        "vm.min_free_kbytes=30: no difference of 10 % or more in services completed, mean time to service",
      ])
  }

  @Test func anUnfinishedSweepHasFiguresAndNoVerdicts() throws {
    let part = Array(Self.steady.prefix(7))
    let summary = try Self.summary([
      Self.arm("10", part, missing: 1), Self.arm("20", mounts: 5), Self.arm("30", part, missing: 1),
    ])
    #expect(summary.level == nil && summary.recommendations.isEmpty && !summary.isDecided)
    #expect(summary.withheld.count == 1 && summary.withheld[0].hasPrefix("figures only, no verdicts: 2 runs are to go"))
    #expect(summary.effects.flatMap { $0.comparison.metrics }.allSatisfy { $0.verdict == nil && $0.p == nil })
    #expect(summary.rows[0].figures.contains { $0.metric == .mountMedian } && summary.rows[0].missing == 1)
  }

  @Test("between two planned looks nothing is judged, and at a look by its part of the level")
  func looks() throws {
    func at(_ rounds: Int) throws -> SweepSummary {
      let times = (0..<rounds).map { 100 + Double($0) }
      return try Self.summary(
        [Self.arm("10", times, missing: 20 - rounds), Self.arm("20", times, mounts: 5), Self.arm("30", times)],
        looks: [9, 12, 20])
    }
    #expect(try at(10).level == nil && at(12).level != nil && at(12).level! < 0.05)
    #expect(try at(12).isDecided && !at(10).isDecided)
  }

  @Test func moreThanOneBrokenRunInTenWithholdsTheRecommendation() throws {
    let arms = [Self.arm("10"), Self.arm("20", mounts: 5), Self.arm("30", broken: [2, 5, 7])]
    let summary = try Self.summary(arms)
    #expect(summary.rows[2].complete == Proportion(5, of: 8) && summary.rows[2].broken == 3)
    #expect(
      summary.withheld == [
        "nothing is recommended: 3 of 8 runs with vm.min_free_kbytes=30 broke, more than one in ten, and what broke them may depend on the setting"
      ])
    #expect(!summary.recommendations.contains { $0.hasPrefix("set ") })
  }

  @Test("a setting whose runs all broke is a setting that lost every failover")
  func allBroken() throws {
    let summary = try Self.summary([Self.arm("10", broken: Array(1...8)), Self.arm("20"), Self.arm("30")])
    let pair = try #require(summary.effects.first { $0.values == ["10"] }?.comparison)
    #expect(pair.newComplete == Proportion(0, of: 8))
    #expect(pair.metrics(.primary).allSatisfy { $0.verdict == .worse })
    #expect(summary.recommendations.contains { $0.hasPrefix("vm.min_free_kbytes=10 is worse in failovers complete") })
  }

  @Test("a setting with which more failovers were lost is not recommended, be they too few to be shown")
  func lostMore() throws {
    let times = (0..<16).map { 100 + Double($0) }
    var quick = Self.arm("30", times.map { $0 * 0.5 })
    quick.runs[5] = ComparisonSample.run("lost", milliseconds: 50, mounts: 7, sysctl: "vm.min_free_kbytes=30")
    let summary = try Self.summary([Self.arm("10", times), Self.arm("20", times), quick], looks: [16])
    let pair = try #require(summary.effects.last?.comparison)
    #expect(pair.metrics.first { $0.metric == .restrictedMean }?.verdict == .better)
    let text = try #require(summary.recommendations.first { $0.contains("=30") })
    #expect(!text.hasPrefix("set ") && text.contains("but complete in 15 of 16 failovers against 16 of 16"), "\(text)")
  }

  @Test("rounds are the first ones, and not whichever somebody picked")
  func pickedRounds() throws {
    var picked = Self.arm("30")
    picked.runs[9] = picked.runs[1]
    picked.runs[1] = nil
    #expect(try Self.summary([Self.arm("10"), Self.arm("20"), picked]).level == nil)
  }

  @Test func soFewRoundsCannotShowAnything() throws {
    let few = Array(Self.steady.prefix(5))
    let summary = try Self.summary(
      [Self.arm("10", few.map { $0 * 9 }), Self.arm("20", few), Self.arm("30", few)], looks: [5])
    #expect(
      summary.withheld == [
        "5 rounds cannot show anything better or worse: with 2 settings against the reference p is never below 0.125"
      ])
  }

  @Test func whatWasNotPlannedIsExploratory() throws {
    let summary = try Self.summary(
      [Self.arm("10"), Self.arm("20", mounts: 5), Self.arm("30")], exploratory: "another margin")
    #expect(summary.withheld == ["exploratory, nothing is recommended: another margin"])
    #expect(!summary.recommendations.isEmpty && !summary.recommendations.contains { $0.hasPrefix("set ") })
  }

  @Test("combinations are held against the reference combination, and not averaged over the other knob")
  func interaction() throws {
    // Each knob by itself helps, both together hurt: over all values of the other each makes no difference.
    func arm(_ a: String, _ b: String, mounts: Int) -> SweepSummary.Arm {
      var arm = SweepSummary.Arm(values: [a, b])
      for round in 1...10 {
        arm.runs[round] = ComparisonSample.run("\(a)\(b)\(round)", milliseconds: 100 + Double(round), mounts: mounts)
      }
      return arm
    }
    let summary = SweepSummary(
      knobs: [Self.knob("a", ["1", "2"], "1"), Self.knob("b", ["1", "2"], "1")],
      arms: [arm("1", "1", mounts: 4), arm("1", "2", mounts: 7), arm("2", "1", mounts: 7), arm("2", "2", mounts: 1)],
      reference: 0, looks: LookSchedule(endingAfter: 10))
    func verdict(_ values: [String]) -> Verdict? {
      summary.effects.first { $0.values == values }?.comparison.metrics.first { $0.metric == .servicesCompleted }?
        .verdict
    }
    #expect(verdict(["1", "2"]) == .better && verdict(["2", "1"]) == .better && verdict(["2", "2"]) == .worse)
  }

  @Test("a round in which one of the two has no run is no pair")
  func rounds() throws {
    var short = Self.arm("30", Self.steady)
    short.runs[4] = nil
    short.broken = [4]
    let summary = try Self.summary([Self.arm("10"), Self.arm("20"), short])
    let pair = try #require(summary.effects.last?.comparison)
    #expect(pair.blocks == 8 && pair.design == .rounds && pair.newComplete == Proportion(7, of: 8))
  }
}
