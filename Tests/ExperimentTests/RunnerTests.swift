import Experiment
import Testing

@Suite struct RunnerTests {
  private static func scenario(_ fileSystems: Int = 3, keepGoing: Bool = false, pattern: Bool = false) -> Scenario {
    var scenario = Scenario(name: "scripted")
    scenario.fileSystems = fileSystems
    scenario.keepGoing = keepGoing
    if pattern { scenario.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7) }
    return scenario
  }

  @Test func eventsComeInOrder() {
    let (log, context) = (TestbedLog(), ScriptedContext())
    let end = Runner(scenario: Self.scenario(2), context: context).run(ScriptedTestbed(log: log))
    #expect(end == .completed)
    #expect(
      context.words == [
        "texts prepare-before", "begin prepare", "capabilities", "end prepare", "texts prepare-after",
        "texts settle-before", "begin settle", "started", "end settle", "texts settle-after",
        "texts populate-before", "begin populate", "populated", "end populate", "texts populate-after",
        "texts rewrite-before", "begin rewrite", "rewritten", "end rewrite", "texts rewrite-after",
        "texts pin-before", "begin pin", "pinned", "end pin", "texts pin-after",
        "texts failover-before", "begin failover", "observation 0", "mount 1", "observation 1", "mount 2",
        "observation 2", "end failover", "texts failover-after",
        "begin teardown", "end teardown", "completed",
      ])
    #expect(
      log.calls.suffix(7) == [
        "prepareFailover", "beginFailover", "mount 1", "mount 2", "endFailover", "concludeFailover", "tearDown",
      ])
    #expect(log.teardowns == 1)
    // Nothing is left to be written when the first mount begins.
    #expect(context.recordedEvents.map { context.words[$0 - 1] } == ["begin failover"])
  }

  @Test func thePatternStandsInPlaceOfTheWorkload() {
    let (log, context) = (TestbedLog(), ScriptedContext())
    Runner(scenario: Self.scenario(1, pattern: true), context: context).run(ScriptedTestbed(log: log))
    #expect(
      log.calls == [
        "prepare", "settle", "inject", "prepareFailover", "beginFailover", "mount 1", "endFailover", "concludeFailover",
        "tearDown",
      ])
  }

  @Test func theLastEventTellsWhatIsLeft() {
    let context = ScriptedContext()
    Runner(scenario: Self.scenario(1), context: context).run(ScriptedTestbed(log: TestbedLog()))
    #expect(context.events.last == .ended(.completed, Leftovers(items: ["scripted leftover"])))
  }

  @Test(arguments: ["prepare", "settle", "populate", "rewrite", "pin", "beginFailover", "mount 2", "endFailover"])
  func aFailureStillTearsDownOnce(failing: String) {
    let (log, context) = (TestbedLog(), ScriptedContext())
    let end = Runner(scenario: Self.scenario(), context: context).run(ScriptedTestbed(log: log, failing: failing))
    #expect(end == .failed(ScriptedTestbed.failure))
    #expect(log.teardowns == 1)
    #expect(log.calls.suffix(2) == [failing, "tearDown"], "something went on after the failure")
    #expect(context.words.suffix(3) == ["begin teardown", "end teardown", "failed fault"])
    let phase = ["beginFailover", "mount 2", "endFailover"].contains(failing) ? "failover" : failing
    #expect(
      context.words.contains("begin \(phase)") && !context.words.contains("end \(phase)"), "a cut off phase has an end")
  }

  @Test(arguments: Phase.allCases.filter { $0 != .inject && $0 != .failover && $0 != .teardown })
  func cancelledInAPhaseTheNextDoesNotBegin(phase: Phase) throws {
    let (log, context) = (TestbedLog(), ScriptedContext())
    context.cancelDuring = { if case .phaseBegan(phase, _) = $0 { true } else { false } }
    let scenario = Self.scenario()
    let end = Runner(scenario: scenario, context: context).run(ScriptedTestbed(log: log))
    #expect(end == .failed(.cancelled))
    #expect(log.teardowns == 1)
    let index = try #require(scenario.phases.firstIndex(of: phase))
    #expect(!context.words.contains("begin \(scenario.phases[index + 1].rawValue)"))
    #expect(context.words.last == "failed cancelled")
  }

  @Test func cancelledAtAMountTheNextDoesNotBegin() {
    let (log, context) = (TestbedLog(), ScriptedContext())
    context.cancelDuring = { if case .mount(let mount) = $0 { mount.number == 2 } else { false } }
    let end = Runner(scenario: Self.scenario(), context: context).run(ScriptedTestbed(log: log))
    #expect(end == .failed(.cancelled))
    // The mount that was under way is recorded, with the memory after it.
    #expect(context.words.contains("observation 2") && !log.calls.contains("mount 3"))
    #expect(log.teardowns == 1)
  }

  @Test func cancelledBeforeAnythingOnlyTearsDown() {
    let (log, context) = (TestbedLog(), ScriptedContext())
    context.cancel()
    #expect(Runner(scenario: Self.scenario(), context: context).run(ScriptedTestbed(log: log)) == .failed(.cancelled))
    #expect(log.calls == ["tearDown"])
  }

  static let stops: [MountOutcome] = [
    .failed(operation: "mount", errorNumber: 12, reason: "no memory"), .sentinelWrong(reason: "wrong"),
    .demandNotMet(order: 4, errorNumber: 12), .timedOut, .stuck,
  ]

  @Test(arguments: stops)
  func thoseBehindAStoppedServiceWaitInVain(outcome: MountOutcome) {
    let (log, context) = (TestbedLog(), ScriptedContext())
    let end = Runner(scenario: Self.scenario(5), context: context).run(
      ScriptedTestbed(log: log, outcomes: [2: outcome]))
    // A stopped service is a result of the experiment, not a failure of the run.
    #expect(end == .completed)
    #expect(log.calls.filter { $0.hasPrefix("mount") } == ["mount 1", "mount 2"])
    #expect(context.words.contains("observation 2") && context.words.contains("end failover"))
  }

  @Test(arguments: stops)
  func unlessItKeepsGoing(outcome: MountOutcome) {
    let log = TestbedLog()
    let end = Runner(scenario: Self.scenario(4, keepGoing: true), context: ScriptedContext())
      .run(ScriptedTestbed(log: log, outcomes: [2: outcome]))
    #expect(end == .completed)
    #expect(log.calls.filter { $0.hasPrefix("mount") } == ["mount 1", "mount 2", "mount 3", "mount 4"])
  }

  @Test func whatFragmentedTheMemoryIsGoneAndSoIsTheExperiment() {
    let log = TestbedLog()
    let end = Runner(scenario: Self.scenario(4, keepGoing: true), context: ScriptedContext())
      .run(ScriptedTestbed(log: log, outcomes: [2: .outOfMemory(reason: "killed")]))
    #expect(end == .completed)
    #expect(log.calls.filter { $0.hasPrefix("mount") } == ["mount 1", "mount 2"])
  }

  @Test func timesAreThoseOfTheClock() {
    let context = ScriptedContext()
    Runner(scenario: Self.scenario(1), context: context).run(ScriptedTestbed(log: TestbedLog()))
    let durations = context.events.compactMap { event -> UInt64? in
      if case .phaseEnded(_, let duration) = event { duration } else { nil }
    }
    // The scripted clock ticks by 10 at each look, and nobody looks within a phase.
    #expect(durations == Array(repeating: 10, count: 7))
  }
}
