import Experiment
import Testing

@testable import Analysis

/// A sweep of the dose says what the fragmentation did, and recommends nothing.
@Suite struct FragmentationEffectTests {
  private static func arm(_ dose: String, _ milliseconds: [Double], degraded: Int = 0) throws -> SweepSummary.Arm {
    var arm = SweepSummary.Arm(values: [dose])
    for (index, time) in milliseconds.enumerated() {
      let made = ComparisonSample.run("\(dose)-\(index)", milliseconds: time)
      var record = made.record
      try record.scenario.set(.serviceFiles, "4")
      try record.scenario.set(.dose, dose)
      for place in record.mounts.indices {
        let mount = record.mounts[place]
        let right: UInt64 = place < degraded ? 3 : 4
        record.mounts[place] = MountRecord(
          number: mount.number, outcome: right == 4 ? .mounted : .degraded(failed: 1, of: 4, reason: "write"),
          startedAtNanoseconds: mount.startedAtNanoseconds, mountDurationNanoseconds: mount.mountDurationNanoseconds,
          threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil, demand: nil,
          service: ServiceRecord(
            files: 4, rightFiles: right, failures: [], durationNanoseconds: 0, slowestWriteNanoseconds: nil))
      }
      arm.runs[index + 1] = ComparedRun(path: made.path, record: record, observations: [])
    }
    return arm
  }

  private static func summary(_ arms: [SweepSummary.Arm]) -> SweepSummary {
    SweepSummary(
      knobs: [
        .init(name: "dose", values: ["0", "1"], reference: "0", referenceIsDefault: true, scenarioKey: .dose)
      ], arms: arms, reference: 0, looks: LookSchedule(endingAfter: arms[0].runs.count))
  }

  @Test func whatTheFragmentationDid() throws {
    let summary = Self.summary([
      try Self.arm("0", [100, 101, 102, 103, 104, 105, 106]),
      try Self.arm("1", [200, 202, 204, 206, 208, 210, 212], degraded: 2),
    ])
    let text = try #require(summary.recommendations.first)
    #expect(summary.recommendations.count == 1)
    #expect(
      text.hasPrefix("with dose=1 the median service takes 2 times as long as in the control (95 %: 2 to 2)"), "\(text)"
    )
    #expect(text.contains(", the 99th percentile takes 2 times as long"))
    #expect(text.contains("0 of 56 services were not mounted against none of 56"))
    #expect(text.contains("14 of 56 services were degraded against none of 56") && !text.contains("one pair"))
    #expect(summary.effects[0].comparison.newComplete == Proportion(0, of: 7))
  }

  @Test("where runs stop, times and stalls are of the mounts that all of them came to, and say so")
  func runsThatStop() throws {
    func arm(_ dose: String, mounts: Int, stallsEach: UInt64) -> SweepSummary.Arm {
      var arm = SweepSummary.Arm(values: [dose])
      for round in 1...7 {
        let made = ComparisonSample.run("\(dose)-\(round)", milliseconds: Double(100 + round), mounts: mounts)
        let observations = (0...mounts).map { number in
          Observation(
            afterMount: number,
            state: Sample.state(
              [0, 0, 0, 0, 100], free: 1 << 20,
              counters: ["allocstall_normal": UInt64(number) * stallsEach, "compact_stall": 0]))
        }
        arm.runs[round] = ComparedRun(path: made.path, record: made.record, observations: observations)
      }
      return arm
    }
    let text = try #require(
      Self.summary([arm("0", mounts: 8, stallsEach: 1), arm("1", mounts: 3, stallsEach: 5)]).recommendations.first)
    // Not 8 against 15.
    #expect(
      text.contains("15 allocation stalls a run against 3 (over the first 3 mounts, which all runs completed)"),
      "\(text)")
  }

  /// The figures are said, and what they are not.
  @Test func onePairTellsNothingOfNoise() throws {
    let text = try #require(Self.summary([try Self.arm("0", [100]), try Self.arm("1", [200])]).recommendations.first)
    #expect(text.contains("2 times as long") && !text.contains("95 %"))
    #expect(text.contains("; one pair cannot tell how much of it is noise: run 10"))
  }

  /// What broke has no figures, and is not passed over.
  @Test func brokenRunsAreSaid() throws {
    var broken = try Self.arm("1", [200, 201, 202])
    broken.runs[2] = nil
    broken.broken = [2]
    let text = try #require(Self.summary([try Self.arm("0", [100, 101, 102]), broken]).recommendations.first)
    #expect(text.contains(", 2 pairs are too few for 95 % intervals, "), "\(text)")
    #expect(text.contains("0 of 16 services were not mounted against none of 24"))
    #expect(text.hasSuffix(", and 1 of 3 runs broke against 0 of 3"))
    var none = SweepSummary.Arm(values: ["1"])
    none.broken = [1, 2, 3]
    let nothing = try #require(Self.summary([try Self.arm("0", [100, 101, 102]), none]).recommendations.first)
    #expect(nothing == "with dose=1 there is nothing to compare, and 3 of 3 runs broke against 0 of 3")
  }

  /// Beside another knob, too, nobody is told to set it.
  @Test func theDoseIsNeverRecommended() throws {
    let slow = [100.0, 101, 102, 103, 104, 105, 106, 107]
    var arms: [SweepSummary.Arm] = []
    for (values, factor) in [(["10", "1"], 1.0), (["10", "0"], 0.5), (["20", "1"], 1), (["20", "0"], 0.5)] {
      var arm = SweepSummary.Arm(values: values)
      for (index, time) in slow.enumerated() {
        arm.runs[index + 1] = ComparisonSample.run("\(values)-\(index)", milliseconds: time * factor)
      }
      arms.append(arm)
    }
    let summary = SweepSummary(
      knobs: [
        .init(
          name: "vm.swappiness", values: ["10", "20"], reference: "10", referenceIsDefault: true, scenarioKey: nil),
        .init(name: "dose", values: ["1", "0"], reference: "1", referenceIsDefault: true, scenarioKey: .dose),
      ], arms: arms, reference: 0, looks: LookSchedule(endingAfter: 8))
    #expect(summary.recommendations.contains { $0.contains("is better") })
    #expect(!summary.recommendations.contains { $0.hasPrefix("set ") }, "\(summary.recommendations)")
  }
}
