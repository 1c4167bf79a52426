import Experiment
import LinuxHost
import Testing

@testable import Supervision

/// How long a worker may be silent, on a clock of the test's own.
@Suite struct WorkerDeadlinesTests {
  private static let timeouts = WorkerTimeouts(silence: 100, silenceAfterCancel: 20, mount: 50, service: 80)

  private static func deadlines() -> WorkerDeadlines { WorkerDeadlines(timeouts, startedAt: 1000) }

  @Test func silenceIsCountedFromTheLastEvent() {
    var deadlines = Self.deadlines()
    #expect(deadlines.overrun(at: 1100) == nil)
    #expect(deadlines.overrun(at: 1101) == .unresponsive)
    deadlines.received(.warning("a word"), at: 1100)
    #expect(deadlines.overrun(at: 1200) == nil)
    deadlines.received(nil, at: 1200)
    #expect(deadlines.overrun(at: 1300) == nil)
    #expect(deadlines.overrun(at: 1301) == .unresponsive)
  }

  @Test func aMountHasALimitOfItsOwnAndIsCountedFromTheFailover() {
    var deadlines = Self.deadlines()
    deadlines.received(.phaseBegan(.failover, atNanoseconds: 0), at: 1010)
    deadlines.saw(.init(startedAtNanoseconds: 1010, mountsDone: 3, underWay: (4, 1030)), at: 1040)
    #expect(deadlines.mountUnderWay == 4)
    #expect(deadlines.overrun(at: 1080) == nil)
    let overdue = OverdueMount(number: 4, startedAtNanoseconds: 20, waitedNanoseconds: 51)
    #expect(deadlines.overrun(at: 1081) == .mountTimedOut(overdue, isStuck: false))
    // What comes meanwhile is no sign of life of the mount.
    deadlines.received(.warning("a word"), at: 1080)
    #expect(deadlines.overrun(at: 1081) == .mountTimedOut(overdue, isStuck: false))
  }

  @Test func aServiceHasALimitOfItsOwnOnceItsVolumeIsMounted() {
    var deadlines = Self.deadlines()
    deadlines.received(.phaseBegan(.failover, atNanoseconds: 0), at: 1000)
    // Longer than a mount may take in all, and neither of the two too long.
    deadlines.saw(
      .init(startedAtNanoseconds: 1000, mountsDone: 0, underWay: (1, 1000), serviceBeganAtNanoseconds: 1040), at: 1040)
    #expect(deadlines.overrun(at: 1120) == nil)
    let overdue = OverdueMount(number: 1, startedAtNanoseconds: 0, waitedNanoseconds: 121, servedNanoseconds: 81)
    #expect(deadlines.overrun(at: 1121) == .mountTimedOut(overdue, isStuck: false))
  }

  @Test func theLimitsOfARunAreThoseOfItsScenario() {
    var scenario = Scenario(name: "s")
    scenario.mountTimeoutNanoseconds = 3_000_000_000
    scenario.service.timeoutNanoseconds = 7_000_000_000
    let timeouts = WorkerTimeouts.run(scenario)
    #expect(timeouts.mount == 8_000_000_000 && timeouts.service == 12_000_000_000)
    scenario.mountDemand = .paper
    #expect(WorkerTimeouts.run(scenario).mount == 11_000_000_000)
  }

  @Test func theLimitOfAMountEndsWithIt() {
    var deadlines = Self.deadlines()
    deadlines.received(.phaseBegan(.failover, atNanoseconds: 0), at: 1000)
    deadlines.saw(.init(startedAtNanoseconds: 1000, mountsDone: 0, underWay: (1, 1000)), at: 1000)
    deadlines.saw(.init(startedAtNanoseconds: 1000, mountsDone: 1, underWay: nil), at: 1040)
    // A look at which nothing is new is no sign of life.
    deadlines.saw(.init(startedAtNanoseconds: 1000, mountsDone: 1, underWay: nil), at: 1100)
    #expect(deadlines.mountUnderWay == nil)
    #expect(deadlines.overrun(at: 1140) == nil)
    #expect(deadlines.overrun(at: 1141) == .unresponsive)
  }

  @Test func theTeardownHasNoMount() {
    var deadlines = Self.deadlines()
    deadlines.received(.phaseBegan(.failover, atNanoseconds: 0), at: 1000)
    // The run broke off in the middle of it.
    deadlines.saw(.init(startedAtNanoseconds: 1000, mountsDone: 0, underWay: (1, 1000)), at: 1010)
    deadlines.received(.phaseBegan(.teardown, atNanoseconds: 0), at: 1020)
    #expect(deadlines.mountUnderWay == nil)
    #expect(deadlines.overrun(at: 1120) == nil)
    #expect(deadlines.overrun(at: 1121) == .unresponsive)
  }

  @Test func whoeverIsAskedToStopMayBeSilentForLess() {
    var deadlines = Self.deadlines()
    deadlines.cancelled(at: 1050)
    #expect(deadlines.overrun(at: 1070) == nil)
    #expect(deadlines.overrun(at: 1071) == .unresponsive)
    deadlines.received(.warning("a word"), at: 1070)
    #expect(deadlines.overrun(at: 1090) == nil)
    #expect(deadlines.overrun(at: 1091) == .unresponsive)
  }

  @Test func aDemandHasTheTimeOfAMountOnceMore() {
    var scenario = Scenario(name: "test")
    scenario.mountTimeoutNanoseconds = 1_000_000_000
    #expect(WorkerTimeouts.run(scenario).mount == 6_000_000_000)
    scenario.mountDemand = .paper
    #expect(WorkerTimeouts.run(scenario).mount == 7_000_000_000)
  }
}
