import Analysis
import Testing

@testable import Measurements

/// What is simulated of the verdicts finds what is large, and is the same each time. How often it errs is measured by `scripts/bench-verdicts`.
@Suite struct VerdictTests {
  private static func sweep(_ last: SweepTruth.Last, rounds: Int = 7) throws -> SweepCell.Answer {
    let truth = SweepTruth(kind: .lognormal, spread: 0.02, last: last, isObserved: true)
    return try SweepCell(truth, rounds: rounds).simulated(5, seed: 1)
  }

  @Test func aSettingThatIsTwiceAsFastIsFoundAndRecommended() throws {
    let answer = try Self.sweep(.init(factor: 0.5), rounds: 10)
    #expect(answer.better == 5 && answer.recommended == 5 && answer.noDifference == 0)
  }

  @Test func oneThatHarmsIsNotRecommended() throws {
    #expect(try Self.sweep(.init(factor: 0.5, percentile: 2), rounds: 10).recommended == 0)
    #expect(try Self.sweep(.init(factor: 0.5, breaks: 0.9), rounds: 10).recommended == 0)
  }

  @Test("a sweep whose settings are all decided stops at the look that decides")
  func looks() throws {
    let looks = try #require(LookSchedule([8, 12]))
    let truth = SweepTruth(kind: .lognormal, spread: 0.02, last: .init(factor: 0.5))
    let answer = try SweepCell(truth, looks: looks).simulated(2, seed: 1)
    // The second setting is like the reference and never decided.
    #expect(answer.better == 2 && answer.rounds == 24)
  }

  @Test func batchesInTurnsAreJudged() {
    let cell = BatchCell(pairs: 6, spread: 0.02, sittings: 0.02)
    #expect(cell.alarms(5, factor: 2, seed: 1) == 5)
    #expect(cell.alarms(20, factor: 1, seed: 1) <= 5)
  }

  @Test func gatesOfAnUnchangedSystemDoNotFail() {
    let (failed, passed, _) = GateCell(kind: .lognormal, spread: 0.02, sittings: 0, batches: 10).simulated(5, seed: 1)
    #expect(failed == 0 && passed == 5)
  }
}
