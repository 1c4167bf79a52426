import Analysis
import Experiment
import RecordFiles
import Testing

@testable import Sweeps

@Suite struct SweepPlanTests {
  private static func knob(_ text: String, isModel: Bool = false) -> SweepKnob? {
    try? SweepKnob(text, isModel: isModel)
  }

  private static func plan(_ knobs: [String], repeats: Int = 3, seed: UInt64 = 1, found: String? = nil) throws
    -> SweepPlan
  {
    try SweepPlan(
      tool: "t", machine: .linux, scheme: "linux-6", scenario: Scenario(name: "s"),
      knobs: knobs.compactMap { knob($0) }, looks: LookSchedule(endingAfter: repeats), seed: seed
    ) { _ in found }
  }

  @Test func kindsOfKnobs() {
    #expect(Self.knob("vm.min_free_kbytes=1,2")?.kind == .sysctl)
    #expect(Self.knob("vm.min_free_kbytes@failover=1,2")?.kind == .sysctlAtFailover)
    #expect(Self.knob("vm.min_free_kbytes@failover=1,2")?.name == "vm.min_free_kbytes@failover")
    #expect(Self.knob("pin=1MiB,2MiB")?.kind == .scenario)
    #expect(Self.knob("watermark.low=1,2", isModel: true)?.kind == .model && Self.knob("watermark.low=1,2") == nil)
    #expect(
      Self.knob("scheme=divided,conventional", isModel: true)?.kind == .scheme
        && Self.knob("scheme=divided,conventional") == nil)
    #expect(Self.knob("mount-demand=64kB*2,32kB*1;none")?.values == ["64kB*2,32kB*1", "none"])
    for text in ["", "a", "pin=", "pin=1MiB", "pin=1MiB,", "seed=1,2", "sysctl=1,2", "=1,2", "vm.x=1,1"] {
      #expect(Self.knob(text) == nil, "\(text)")
    }
  }

  @Test func everyRoundHasEverySettingOnce() throws {
    let plan = try Self.plan(["vm.swappiness=1,2,3", "pin=1MiB,2MiB"], repeats: 4)
    #expect(plan.settings.count == 6 && plan.points.count == 24)
    #expect(Set(plan.settings.map(\.values)).count == 6 && Set(plan.settings.map(\.name)).count == 6)
    #expect(plan.points.map(\.number) == Array(1...24))
    for round in 0..<4 {
      let points = plan.points[(round * 6)..<(round * 6 + 6)]
      #expect(
        Set(points.map(\.setting)) == Set(0..<6) && Set(points.map(\.repetition)) == [round + 1]
          && Set(points.map(\.seed)) == [UInt64(round + 1)])
    }
    #expect(try Self.plan(["vm.swappiness=1,2,3", "pin=1MiB,2MiB"], repeats: 4) == plan)
    #expect(try Self.plan(["vm.swappiness=1,2,3", "pin=1MiB,2MiB"], repeats: 4, seed: 2).points != plan.points)
  }

  @Test func theDefaultIsTheReference() throws {
    let found = try Self.plan(["vm.swappiness=1,60,3"], found: "60")
    #expect(found.references == [1] && found.referenceIsDefault == [true])
    let unknown = try Self.plan(["vm.swappiness=1,60,3"], found: "61")
    #expect(unknown.references == [0] && unknown.referenceIsDefault == [false])
    let left = try Self.plan(["vm.swappiness=1,default"], found: "61")
    #expect(left.references == [1] && left.referenceIsDefault == [true])
    let base = Scenario(name: "s")
    #expect(try left.scenario(for: left.settings[1], of: base).sysctls.isEmpty)
    #expect(try left.scenario(for: left.settings[0], of: base).sysctls == [SysctlSetting("vm.swappiness=1")!])
  }

  @Test func whatIsNoScenarioIsRefused() {
    #expect(throws: ScenarioError.self) { try Self.plan(["filesystems=1,0"]) }
    #expect(throws: ScenarioError.self) { try Self.plan(["vm.a=1,2"], repeats: 5_001) }
  }

  @Test("each setting stands as often in every place, and follows each other one as often", arguments: [2, 3, 4, 5, 6])
  func williams(_ settings: Int) {
    var random = RandomGenerator(seed: UInt64(settings))
    let rows = WilliamsSquare.rows(settings, random: &random)
    let times = settings.isMultiple(of: 2) ? 1 : 2
    #expect(rows.count == settings * times && rows.allSatisfy { Set($0) == Set(0..<settings) })
    for place in 0..<settings {
      for setting in 0..<settings { #expect(rows.count { $0[place] == setting } == times) }
    }
    for first in 0..<settings {
      for second in 0..<settings where first != second {
        let follows = rows.count { row in zip(row, row.dropFirst()).contains { $0 == (first, second) } }
        #expect(follows == times, "\(first) before \(second)")
      }
    }
    #expect(WilliamsSquare.rows(1, random: &random) == [[0]])
  }

  @Test func thePlanHoldsWhatItWillBeJudgedBy() throws {
    let plan = try Self.plan(["vm.swappiness=1,60,3"], repeats: 9, found: "60")
    #expect(plan.looks == [9] && plan.marginPercent == 10 && plan.primary?.first == "failovers.complete")
    #expect(plan.referenceSetting == 1 && plan.settings[1].values == ["60"])
    #expect(
      plan.deviation(marginPercent: nil, tolerancePercent: 5) == nil
        && plan.deviation(marginPercent: 10, tolerancePercent: 5) == nil)
    #expect(plan.deviation(marginPercent: nil, tolerancePercent: 100)?.contains("starts may differ") == true)
    #expect(plan.deviation(marginPercent: 30, tolerancePercent: 5)?.contains("margin of 10") == true)
  }

  @Test("a dose is held against the control, and beside another knob the scenario's own")
  func dose() throws {
    func planned(_ knobs: [String]) throws -> SweepPlan {
      var asked = SweepFile()
      asked.set = knobs
      return try PlannedSweep(asked, base: Scenario(name: "s"), tool: "t", anySeed: 1).plan
    }
    let one = try planned(["dose=1,0.0,0.5"])
    #expect(one.references == [1] && one.hasControl)
    let two = try planned(["dose=0,1", "vm.swappiness=1,60"])
    #expect(two.references[0] == 1 && two.hasControl)
    #expect(try !planned(["dose=0.25,1"]).hasControl)
  }
}
