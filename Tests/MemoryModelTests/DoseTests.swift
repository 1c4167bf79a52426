import Experiment
@testable import MemoryModel
import Testing

/// Runs of environment 1 at several doses, with services that write files.
@Suite struct DoseTests {
  /// 256 MiB free of 512 MiB, 16 services with 64 files each: 64 MiB of page cache in blocks of 64 kB.
  private static func scenario(_ dose: String, seed: UInt64 = 1, _ settings: [String] = []) throws -> Scenario {
    var scenario = Scenario(name: "dose")
    scenario.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    scenario.fileSystems = 16
    scenario.keepGoing = true
    scenario.seed = seed
    try scenario.set(.dose, dose)
    try scenario.set(.blockSize, "64KiB")
    try scenario.set(.serviceFiles, "64")
    try scenario.set(.serviceFileSize, "16B-64KiB")
    for setting in [
      "memory.zone=512MiB", "memory.free-at-boot=256MiB", "memory.dma-free=1536", "divided.fragmenting-zone=256MiB",
      "divided.fragmenting-used=24MiB",
    ] + settings { try scenario.set(.set, setting) }
    return scenario
  }

  private static func sum(_ run: Recording, _ counter: String) -> UInt64 {
    run.mounts.reduce(0) { $0 + ($1.counterDeltas[counter] ?? 0) }
  }

  private static func largeBefore(_ run: Recording) throws -> UInt64 {
    try #require(run.observations.first?.state.freeBytes(fromOrder: 4))
  }

  @Test(arguments: Scheme.all.map(\.name))
  func withoutPinnedPagesNothingFailsAndNobodyWaits(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    let run = try Recording.run(try Self.scenario("0"), scheme, checks: true)
    #expect(run.end == .completed && run.injected?.pinnedPages == 0)
    #expect(run.mounts.count == 16 && run.mounts.allSatisfy { $0.outcome == .mounted })
    #expect(run.mounts.allSatisfy { $0.service?.rightFiles == 64 })
    for counter in ["compact_stall", "allocstall", "pgsteal_direct"] { #expect(Self.sum(run, counter) == 0) }
    #expect(run.served?.operations == 16 * 64)
  }

  @Test(arguments: [Scheme.conventional.name, Scheme.linux6.name])
  func theMorePinnedTheFewerLargeBlocks(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    let runs = try ["0", "0.5", "1"].map { try Recording.run(try Self.scenario($0), scheme, checks: true) }
    let large = try runs.map { try Self.largeBefore($0) }
    #expect(large[0] > large[1] && large[1] > large[2] && large[2] > 0)
    // All doses take the same pages, and keep as many as the lot says.
    let taken = runs.compactMap { $0.injected.map { $0.pinnedPages + $0.transientPages } }
    #expect(Set(taken).count == 1)
    let whole = try #require(runs[2].injected?.pinnedPages)
    var lot = InjectionDose.Lot(InjectionDose(share: 0.5, seed: 1))
    #expect(try #require(runs[1].injected?.pinnedPages) == UInt64((0..<whole).count { _ in lot.keeps() }))
    // What is free and what is held add up.
    for run in runs {
      let (start, before) = (try #require(run.start?.state), try #require(run.observations.first?.state))
      #expect(start.freeBytes - before.freeBytes == (run.injected?.pinnedPages ?? 0) * 4096)
    }
  }

  @Test func theSameSeedTheSameRun() throws {
    let runs = try (0..<2).map { _ in try Recording.run(try Self.scenario("0.7", seed: 9), .linux6) }
    #expect(runs[0].mounts == runs[1].mounts && runs[0].observations == runs[1].observations)
    #expect(runs[0].served == runs[1].served)
  }

  /// In environment 2 the dose scales what is pinned.
  @Test func environment2() throws {
    var scenario = try Self.scenario("0.25")
    scenario.pattern = nil
    (scenario.files, scenario.rewrites, scenario.pinBytes) = (20_000, 5_000, 16 << 20)
    try scenario.set(.set, "working-set.size=1MiB")
    let run = try Recording.run(scenario, .conventional, checks: true)
    #expect(run.pinned?.pinnedPages == 1_024)
  }
}
