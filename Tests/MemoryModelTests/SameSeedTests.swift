import Experiment
@testable import MemoryModel
import Testing

/// The same seed gives the same run, on every machine and with every compiler.
@Suite struct SameSeedTests {
  /// 512 MiB, half of it free at boot: 12,000 files of some 6 pages fill it.
  private static func scenario(seed: UInt64) throws -> Scenario {
    var scenario = Scenario(name: "same")
    scenario.files = 12_000
    scenario.rewrites = 8_000
    scenario.pinBytes = 48 << 20
    scenario.fileSystems = 12
    // Enough of 64 kB that each scheme comes to what it does without.
    try scenario.set(.mountDemand, "64kB*12,16kB*4,4kB*8")
    try scenario.set(.mountTimeout, "2s")
    scenario.keepGoing = true
    scenario.seed = seed
    // All that is fitted, so that fitting it anew changes nothing here.
    for setting in [
      "memory.zone=512MiB", "memory.free-at-boot=256MiB", "memory.dma-free=1613", "divided.fragmenting-zone=256MiB",
      "divided.fragmenting-used=64MiB", "cache.pages-per-operation=6", "inode.per-page=5.65", "working-set.size=4MiB",
      "cost.mount=40ms", "cost.freed-page=5600ns", "cost.refault=300us", "cost.operation=100us",
      "linux6.inode-pressure=0.10",
      "reserve.size=256KiB", "collect.window=512",
    ] { try scenario.set(.set, setting) }
    return scenario
  }

  /// FNV-1a over what a run tells: times, free blocks, caches.
  private static func digest(_ run: Recording) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ value: UInt64) {
      for shift in stride(from: UInt64(0), to: 64, by: 8) { hash = (hash ^ (value >> shift & 0xFF)) &* 0x100_0000_01B3 }
    }
    for mount in run.mounts {
      add(UInt64(mount.number))
      add(mount.outcome.isInService ? 1 : 0)
      add(mount.startedAtNanoseconds)
      add(mount.mountDurationNanoseconds ?? 0)
      add(mount.demand?.durationNanoseconds ?? 0)
      add(mount.demand?.retries ?? 0)
    }
    for observation in run.observations {
      add(observation.state.takenAtNanoseconds)
      for zone in observation.state.zones { for count in zone.freeBlocks { add(count) } }
      add(observation.state.dataCacheBytes ?? 0)
      add(observation.state.inodeSlabBytes ?? 0)
    }
    return hash
  }

  private static let digests: [String: UInt64] = [
    "conventional": 0x9AB4_95E6_5A23_560B,
    "divided": 0xE5B5_D2F6_F942_E578,
    "unit-extension": 0x05EC_0978_5CE6_316D,
    "garbage-collection": 0x2407_512C_6CBE_FC6D,
    "noncontiguous": 0xBD90_301F_05B3_B7C1,
    "emergency-reserve": 0x5BC6_08E4_884D_EADC,
    "navarro": 0x79ED_5B34_AB5F_F698,
    "lkmalloc": 0x74A3_CE26_E83F_5826,
    "linux-6": 0xC383_F212_62DE_A6CC,
  ]

  @Test(arguments: Scheme.all.map(\.name))
  func sameSeedSameRun(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    let run = try Recording.run(try Self.scenario(seed: 1), scheme)
    let again = try Recording.run(try Self.scenario(seed: 1), scheme)
    #expect(run.mounts.count == 12 && run.observations.count == 13 && run.end == .completed)
    #expect(run.mounts == again.mounts)
    #expect(run.observations == again.observations)
    let other = try Recording.run(try Self.scenario(seed: 2), scheme)
    #expect(Self.digest(run) != Self.digest(other))
    // A change here is a change of the model: every figure that was published with it is to be computed anew.
    #expect(
      Self.digest(run) == Self.digests[name], "\(name): 0x\(String(Self.digest(run), radix: 16, uppercase: true))")
  }

  /// Looking does not change what is seen.
  @Test func checksChangeNothing() throws {
    let run = try Recording.run(try Self.scenario(seed: 3), .conventional, checks: true)
    let unchecked = try Recording.run(try Self.scenario(seed: 3), .conventional)
    #expect(run.end == .completed && run.mounts == unchecked.mounts && run.observations == unchecked.observations)
  }

  @Test func theSchemesDiffer() throws {
    var scenario = try Self.scenario(seed: 1)
    scenario.rewrites = 0
    var digests = Set<UInt64>()
    for scheme in Scheme.all { digests.insert(Self.digest(try Recording.run(scenario, scheme))) }
    #expect(digests.count == Scheme.all.count)
  }

  /// The sizes of files come from the seed, 1 to twice the mean less 1, equally often.
  @Test func sizesOfFiles() {
    let machine = Small.machine(.conventional, files: 400) { $0.pagesPerOperation = 3 }
    var counts = [Int](repeating: 0, count: 6)
    for file in 0..<10_000 { counts[machine.pageCount(ofFile: file)] += 1 }
    #expect(counts[0] == 0 && counts[1...].allSatisfy { (1_880...2_120).contains($0) })
    let other = Small.machine(.conventional, files: 400, seed: 2) { $0.pagesPerOperation = 3 }
    #expect((0..<100).contains { machine.pageCount(ofFile: $0) != other.pageCount(ofFile: $0) })
    let single = Small.machine(.conventional) { $0.pagesPerOperation = 1 }
    #expect((0..<100).allSatisfy { single.pageCount(ofFile: $0) == 1 })
  }
}
