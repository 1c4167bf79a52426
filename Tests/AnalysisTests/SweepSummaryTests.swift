import Experiment
import Testing

@testable import Analysis

@Suite struct SweepSummaryTests {
  private static let steady: [Double] = [100, 101, 102, 103, 104, 105, 106, 107]

  private static func arm(_ value: String, _ milliseconds: [Double], mounts: Int = 8, failed: Int = 0, missing: Int = 0)
    -> SweepSummary.Arm
  {
    var arm = SweepSummary.Arm(values: [value])
    arm.runs =
      ComparisonSample.side("v\(value)", milliseconds, mounts: mounts, sysctl: "vm.min_free_kbytes=\(value)").runs
    (arm.failed, arm.missing) = (failed, missing)
    return arm
  }

  private static func knob(isDefault: Bool = true) -> SweepSummary.Knob {
    .init(
      name: "vm.min_free_kbytes", values: ["10", "20", "30"], reference: "20", referenceIsDefault: isDefault,
      scenarioKey: nil)
  }

  @Test func theBestSettingIsRecommended() throws {
    let summary = SweepSummary(
      knobs: [Self.knob()],
      arms: [
        Self.arm("10", Self.steady.map { $0 * 3 }), Self.arm("20", Self.steady, mounts: 5),
        Self.arm("30", Self.steady, mounts: 8),
      ])
    #expect(summary.effects.map(\.value) == ["10", "30"] && summary.effects.allSatisfy { $0.reference == "20" })
    #expect(summary.recommendations.count == 1)
    #expect(
      summary.recommendations[0].hasPrefix(
        "set vm.min_free_kbytes to 30: better than 20 (the default) in mounts completed"))
  }

  @Test func nothingToTellApart() {
    let summary = SweepSummary(knobs: [Self.knob()], arms: ["10", "20", "30"].map { Self.arm($0, Self.steady) })
    #expect(summary.recommendations == ["vm.min_free_kbytes: no setting is distinguishable from the default (20)"])
    let other = SweepSummary(
      knobs: [Self.knob(isDefault: false)], arms: ["10", "20", "30"].map { Self.arm($0, Self.steady) })
    #expect(other.recommendations == ["vm.min_free_kbytes: no setting is distinguishable from 20"])
  }

  @Test func worseSettingsAreAdvisedAgainst() {
    let summary = SweepSummary(
      knobs: [Self.knob()],
      arms: [Self.arm("10", Self.steady.map { $0 * 3 }), Self.arm("20", Self.steady), Self.arm("30", Self.steady)])
    #expect(
      summary.recommendations[0].hasPrefix(
        "leave vm.min_free_kbytes at 20 (the default): 10 is worse than 20 (the default) in total time"))
  }

  @Test func aTradeIsLeftToTheUser() {
    // More mounts, each three times as slow.
    let summary = SweepSummary(
      knobs: [Self.knob()],
      arms: [
        Self.arm("10", Self.steady.map { $0 * 3 }), Self.arm("20", Self.steady, mounts: 5),
        Self.arm("30", Self.steady, mounts: 5),
      ])
    #expect(
      summary.recommendations[0].contains(
        "10 is better than 20 (the default) in mounts completed, first stopped mount, but worse in total time"))
    #expect(summary.recommendations[0].contains("the choice is yours"))
  }

  @Test func whatIsNotDoneIsCounted() throws {
    let summary = SweepSummary(
      knobs: [Self.knob()],
      arms: [Self.arm("10", [], failed: 2, missing: 1), Self.arm("20", Self.steady), Self.arm("30", [100, 101, 102])])
    #expect(
      summary.rows.map(\.failed) == [2, 0, 0] && summary.rows.map(\.missing) == [1, 0, 0]
        && summary.rows.map(\.runs) == [0, 8, 3])
    #expect(summary.rows[0].figures.isEmpty)
    // A setting without runs is compared with nothing.
    #expect(summary.effects.map(\.value) == ["30"])
    let nothing = SweepSummary(knobs: [Self.knob()], arms: [Self.arm("10", [], missing: 3)])
    #expect(
      nothing.effects.isEmpty && nothing.recommendations == ["vm.min_free_kbytes: too few runs to compare anything"])
  }

  @Test("an effect is over all settings of the other knobs")
  func twoKnobs() throws {
    func arm(_ a: String, _ b: String, _ factor: Double) -> SweepSummary.Arm {
      var arm = SweepSummary.Arm(values: [a, b])
      arm.runs = (0..<5).map {
        ComparisonSample.run("\(a)\(b)\($0)", milliseconds: Double(100 + $0) * factor, sysctl: "vm.swappiness=\(a)")
      }
      return arm
    }
    func knob(_ name: String) -> SweepSummary.Knob {
      .init(name: name, values: ["1", "2"], reference: "1", referenceIsDefault: false, scenarioKey: nil)
    }
    let summary = SweepSummary(
      knobs: [knob("a"), knob("b")], arms: [arm("1", "1", 1), arm("1", "2", 1), arm("2", "1", 2), arm("2", "2", 2)])
    #expect(summary.effects.map(\.knob) == ["a", "b"])
    for effect in summary.effects { #expect(effect.comparison.baseRuns == 10 && effect.comparison.newRuns == 10) }
    let total = summary.effects.map { $0.comparison.metrics.first { $0.metric == .totalTime }?.verdict }
    #expect(total == [.worse, .inconclusive])
  }
}
