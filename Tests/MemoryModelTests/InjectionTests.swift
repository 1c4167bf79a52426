import Experiment
@testable import MemoryModel
import Testing

/// Environment 1 against what arithmetic gives.
@Suite struct InjectionTests {
  private static let oneInEight = InjectionPattern(pinnedPages: 1, transientPages: 7)

  /// 512 MiB: 64,000 pages free in one piece at the end of the zone, and 1,536 in the DMA zone behind its reserve.
  private static func scenario(_ pattern: InjectionPattern?, _ settings: [String] = []) throws -> Scenario {
    var scenario = Scenario(name: "injection")
    scenario.pattern = pattern
    scenario.fileSystems = 1
    let size = [
      "memory.zone=512MiB", "memory.free-at-boot=256MiB", "memory.dma-free=1536", "divided.fragmenting-zone=256MiB",
    ]
    for setting in size + ["divided.fragmenting-used=24MiB"] + settings { try scenario.set(.set, setting) }
    return scenario
  }

  @Test func theStart() throws {
    let start = try #require(Recording.run(try Self.scenario(Self.oneInEight), .conventional).start)
    #expect(
      start.state.zones.map(\.freeBlocks) == [[0, 0, 0, 0, 0, 0, 0, 0, 0, 125], [0, 0, 0, 0, 0, 0, 0, 0, 0, 3]])
    #expect(start.state.freeBytes == 65_536 * 4096)
    #expect(start.totalBytes == (131_072 + 4_096) * 4096)
  }

  /// 64,000 pages less the 510 of the low watermark are taken: 7,936 times 8 and then 2. Each aligned 8 pages hold 1 pinned and
  /// leave 1, 2 and 4. The watermark keeps the rest of the last block: 504 pages, one block of each order from 3 to 8.
  @Test func eachAlignedEightPagesHoldOnePinned() throws {
    let run = try Recording.run(try Self.scenario(Self.oneInEight), .conventional, checks: true)
    #expect(run.injected?.pinnedPages == 7_937)
    #expect(run.injected?.transientPages == UInt64(7 * 7_936 + 1))
    let state = try #require(run.observations.first?.state)
    #expect(state.zones[0].freeBlocks == [7_937, 7_937, 7_937, 1, 1, 1, 1, 1, 1, 0])
    #expect(state.zones[1].freeBlocks == [0, 0, 0, 0, 0, 0, 0, 0, 0, 3])
    #expect(state.freeBytes == (65_536 - 7_937) * 4096)
    #expect(state.unpinnedLargeGroups == UInt64(31 + 96))
  }

  /// 1:3 leaves 1 and 2 of each 4; with 1,000 pages below the watermark 976 of the last block but one and of the last are not
  /// reached: 63,000 are taken, 24 of them from the last block but one.
  @Test func anotherPatternAndAnotherWatermark() throws {
    let pattern = InjectionPattern(pinnedPages: 1, transientPages: 3)
    let scenario = try Self.scenario(pattern, ["watermark.low=1000", "watermark.high=1500"])
    let run = try Recording.run(scenario, .conventional, checks: true)
    #expect(run.injected?.pinnedPages == 15_750)
    #expect(run.injected?.transientPages == 47_250)
    #expect(run.observations.first?.state.zones[0].freeBlocks == [15_750, 15_750, 0, 1, 0, 1, 1, 1, 1, 1])
  }

  /// The pinned pages stay in their zone: not one of the other zone's blocks is missing.
  @Test func dividedKeepsTheOtherZoneWhole() throws {
    let run = try Recording.run(try Self.scenario(Self.oneInEight), .divided, checks: true)
    let before = try #require(run.start).state
    let after = try #require(run.observations.first).state
    #expect(after.zones[1].freeBlocks == before.zones[1].freeBlocks)
    let pinned = try #require(run.injected?.pinnedPages)
    #expect(before.freeBytes - after.freeBytes == pinned * 4096)
    // The transient pages took the other zone down to its low watermark, and the fragmenting one down to its own and the
    // reserve of 1/32 of the other zone.
    let transient = try #require(run.injected?.transientPages)
    #expect(transient + pinned == 64_000 - 2 * 510 - 65_536 / 32)
  }

  @Test func pagesOfAUnitAreTakenOnceForAll() throws {
    let run = try Recording.run(try Self.scenario(Self.oneInEight), .unitExtension, checks: true)
    let after = try #require(run.observations.first).state
    let pinned = try #require(run.injected?.pinnedPages)
    let held = (65_536 - after.freeBytes / 4096)
    #expect(held == (pinned + 15) / 16 * 16)
    // The residue of the transient pages merges again: nothing is left below 64 kB.
    #expect(after.zones[0].freeBlocks.prefix(4).allSatisfy { $0 == 0 })
  }

  @Test(arguments: Scheme.all.map(\.name))
  func noneOfTheSchemesReclaimsOrBreaks(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    let run = try Recording.run(try Self.scenario(Self.oneInEight), scheme, checks: true)
    #expect(run.end == .completed)
    let counters = try #require(run.observations.first).state.counters
    #expect(counters["pgsteal_kswapd"] == 0 && counters["pgsteal_direct"] == 0)
    #expect(try #require(run.injected).pinnedPages > 3_000)
  }

  /// It stops 256 pages and one cycle above the high watermarks, as the helper of the real testbed does.
  @Test func linux6StopsAboveTheHighWatermark() throws {
    let settings = ["linux6.min-free-kbytes=16384", "linux6.watermark-scale-factor=100"]
    let run = try Recording.run(try Self.scenario(Self.oneInEight, settings), .linux6, checks: true)
    // min 4,096, and twice a fourth of it.
    let taken = try #require(run.injected.map { $0.pinnedPages + $0.transientPages })
    let headroom = 64_000 - 4_096 - 2 * 1_310
    #expect((headroom - 264 - 8...headroom - 256).contains(Int(taken)))
  }
}
