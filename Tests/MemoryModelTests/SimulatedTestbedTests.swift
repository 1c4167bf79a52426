import Experiment
@testable import MemoryModel
import Testing

/// Phases and mounts as the runner sees them.
@Suite struct SimulatedTestbedTests {
  private static func scenario(_ demand: String = "none") throws -> Scenario {
    var scenario = Scenario(name: "testbed")
    scenario.files = 500
    scenario.rewrites = 300
    scenario.pinBytes = 1 << 20
    scenario.fileSystems = 3
    for setting in [
      "memory.zone=512MiB", "memory.free-at-boot=256MiB", "memory.dma-free=1536", "divided.fragmenting-zone=256MiB",
      "divided.fragmenting-used=24MiB", "working-set.size=400KiB", "cost.mount=40ms", "cost.refault=300us",
      "cost.operation=100us",
    ] { try scenario.set(.set, setting) }
    try scenario.set(.mountDemand, demand)
    try scenario.set(.mountTimeout, "3s")
    return scenario
  }

  /// Full of what cannot be given back: not even the 64,000 pages that were free.
  private static func full(_ demand: String, retry: DemandRetry = .untilTimeout) throws -> Scenario {
    var scenario = try scenario(demand)
    scenario.files = 0
    scenario.rewrites = 0
    scenario.pinBytes = 512 << 20
    scenario.demandRetry = retry
    return scenario
  }

  @Test func aDividedMachineOfTodayIsNotPlayed() {
    var scenario = Scenario(name: "s")
    scenario.movableBytes = 1280 << 20
    var error: ScenarioError?
    do throws(ScenarioError) { _ = try SimulatedTestbed(scenario: scenario, scheme: .linux6) } catch let thrown {
      error = thrown
    }
    #expect(error?.key == "memory-division")
  }

  @Test func allPhases() throws {
    let run = try Recording.run(try Self.scenario(), .conventional, checks: true)
    #expect(run.end == .completed)
    #expect(run.pinned?.pinnedPages == 256 && run.pinned?.requestedPages == 256)
    #expect(
      run.mounts.map(\.number) == [1, 2, 3] && run.mounts.allSatisfy { $0.outcome == .mounted && $0.demand == nil })
    #expect(run.observations.map(\.afterMount) == [0, 1, 2, 3])
    let first = try #require(run.observations.first).state
    // Only where the failover begins is every page looked at.
    #expect(first.unpinnedLargeGroups != nil && first.inodeOccupancy != nil)
    #expect(run.observations[1].state.unpinnedLargeGroups == nil && run.observations[1].state.inodeOccupancy == nil)
    #expect(first.inodeSlabBytes == UInt64(89 * 4096))
    // Nothing was short: mounts of 40 ms, one after the other. Every tenth operation touches a page of the working set, so 50 of
    // its 100 were in the cache (the rewrites begin anew with the first); the first mount reads the others.
    #expect(run.mounts.map(\.mountDurationNanoseconds) == [55_000_000, 40_000_000, 40_000_000])
    #expect(run.mounts.map { $0.counterDeltas["workingset_refault_file"] } == [50, 0, 0])
    #expect(run.mounts[1].startedAtNanoseconds == run.mounts[0].startedAtNanoseconds + 55_000_000)
    #expect(run.mounts.allSatisfy { $0.threadCPUNanoseconds == 0 })
    // 800 operations and 50 refaults come before.
    #expect(run.mounts[0].startedAtNanoseconds == 800 * 100_000 + 50 * 300_000)
  }

  @Test func aDemandIsHeld() throws {
    let run = try Recording.run(try Self.scenario("64kB*3,16kB*2"), .conventional, checks: true)
    #expect(run.mounts.allSatisfy { $0.demand?.isMet == true && $0.demand?.heldBlocks == 5 && $0.demand?.retries == 0 })
    let free = run.observations.map { $0.state.freeBytes }
    #expect(free[1] - free[2] == 3 * 65_536 + 2 * 16_384 && free[2] - free[3] == free[1] - free[2])
  }

  /// No memory, and nothing to reclaim: it asks until the timeout, and the processor is busy for all of that time.
  @Test func aMountThatNeverCompletes() throws {
    let run = try Recording.run(try Self.full("64kB*1"), .conventional, checks: true)
    let mount = try #require(run.mounts.first)
    #expect(run.mounts.count == 1 && mount.outcome == .demandNotMet(order: 4, errorNumber: nil))
    #expect(mount.mountDurationNanoseconds == 40_000_000)
    #expect(mount.demand?.durationNanoseconds == 3_000_000_000 - 40_000_000 && mount.demand?.heldBlocks == 0)
    #expect(mount.threadCPUNanoseconds == UInt64(3_000_000_000 - 40_000_000))
    #expect(mount.counterDeltas["allocstall"] == 1)
  }

  @Test func askedOnceItGivesUpAtOnce() throws {
    let run = try Recording.run(try Self.full("64kB*1", retry: .once), .conventional)
    #expect(run.mounts.first?.outcome == .demandNotMet(order: 4, errorNumber: nil))
    #expect(run.mounts.first?.demand?.durationNanoseconds == 0)
  }

  @Test func thoseBehindAStoppedServiceWait() throws {
    var scenario = try Self.full("64kB*1", retry: .once)
    scenario.keepGoing = true
    let run = try Recording.run(scenario, .conventional)
    #expect(run.mounts.count == 3 && run.mounts.allSatisfy { !$0.outcome.isInService })
  }

  /// Deltas are of this mount alone.
  @Test func counterDeltas() throws {
    let run = try Recording.run(try Self.scenario("64kB*2"), .conventional)
    for (index, mount) in run.mounts.enumerated() {
      let (before, after) = (run.observations[index].state.counters, run.observations[index + 1].state.counters)
      for (name, delta) in mount.counterDeltas { #expect(after[name] == before[name].map { $0 + delta }, "\(name)") }
    }
    #expect(run.mounts.map { $0.counterDeltas["model_buddy_operations"] } == [52, 2, 2])
  }

  @Test func filesThatDoNotFitEndTheRun() throws {
    var scenario = try Self.scenario()
    scenario.inodeResident = true
    scenario.files = 500_000
    let run = try Recording.run(scenario, .conventional)
    guard case .failed(let failure) = run.end else {
      Issue.record("it ended \(String(describing: run.end))")
      return
    }
    #expect(failure.kind == .fault && failure.description.contains("no page left that it could reclaim"))
  }

  @Test func tooManyFilesAreRefused() throws {
    var scenario = try Self.scenario()
    scenario.files = 17_000_000
    let expected = ScenarioError(key: "files", value: "17000000", expected: "up to 16677216 in the model")
    #expect(throws: expected) { _ = try SimulatedTestbed(scenario: scenario, scheme: .conventional) }
  }

  @Test func aFaultOfTheModelEndsTheRunWhereItIsLookedFor() throws {
    var bed = try SimulatedTestbed(scenario: try Self.scenario(), scheme: .conventional, checks: true)
    bed.machine.mountPages = 1
    var found: TestbedFailure?
    do throws(TestbedFailure) { _ = try bed.mountNext(number: 1, Recording()) } catch { found = error }
    #expect(found?.description.contains("0 mount pages, counted 1; this is a bug in the model") == true)
    var unchecked = try SimulatedTestbed(scenario: try Self.scenario(), scheme: .conventional)
    unchecked.machine.mountPages = 1
    _ = try unchecked.mountNext(number: 1, Recording())
  }

  @Test func whatItIsCalled() {
    #expect(
      Scheme.all.map(\.name) == [
        "conventional", "divided", "unit-extension", "garbage-collection", "noncontiguous", "emergency-reserve",
        "navarro", "lkmalloc",
        "linux-6",
      ])
    for scheme in Scheme.all { #expect(Scheme.named(scheme.name) == scheme) }
    #expect(Scheme.named("Conventional") == nil && Scheme.named("") == nil)
  }

  /// 24 bytes a page or less (issue 3).
  @Test(arguments: Scheme.all.map(\.name))
  func footprint(name: String) throws {
    var scenario = try Self.scenario()
    scenario.files = 30_000
    let bed = try SimulatedTestbed(scenario: scenario, scheme: try #require(Scheme.named(name)))
    let footprint = bed.footprint
    #expect(footprint.bytes <= 24 * footprint.pages && footprint.pages >= 131_072 + 4_096)
  }
}
