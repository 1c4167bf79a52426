import Testing

@testable import Experiment

@Suite struct AllocationProfileTests {
  private static func kind(_ order: Int, _ type: String = "Unmovable", flags: [String] = ["GFP_KERNEL"])
    -> AllocationCount.Kind
  {
    AllocationCount.Kind(
      order: order, migrateType: ["Unmovable": 0, "Movable": 1][type] ?? 2, migrateTypeName: type, gfpFlags: flags)
  }

  private static func profile(_ mounts: [[(AllocationCount.Kind, UInt64)]], pageBytes: UInt64 = 4096)
    -> AllocationProfile
  {
    AllocationProfile(
      tool: "failover-bench 0", startedAtUnixNanoseconds: 0,
      host: HostFacts(
        kernelRelease: "6.18", kernelVersion: "", architecture: "x86_64", kernelCommandLine: "", distribution: nil,
        cpuModel: nil,
        cpuCount: 1, memoryTotalBytes: 1 << 32, pageBytes: pageBytes, swapBytes: 0, isContainer: false,
        imageFileSystem: nil, settings: [:]),
      fileSystem: "xfs", fileSystemBytes: 300 << 20, mkfsVersion: nil,
      mounts: mounts.enumerated().map { index, counts in
        MountProfile(
          number: index + 1, durationNanoseconds: 1,
          allocations: counts.map { .init(kind: $0.0, blocks: $0.1, failed: 0) },
          interruptAllocations: 0, directReclaim: nil, compaction: nil, lostEvents: 0)
      }, unavailable: [])
  }

  @Test func theMeanIsRoundedUp() throws {
    let profile = Self.profile([[(Self.kind(3), 8), (Self.kind(2), 1)], [(Self.kind(3), 8)], [(Self.kind(3), 9)]])
    #expect(profile.mountDemand == "32kB*9,16kB*1")
    #expect(MountDemand.parse(try #require(profile.mountDemand)) == profile.demand)
  }

  @Test func kindsOfOneOrderAddUp() {
    let profile = Self.profile([[(Self.kind(0), 3), (Self.kind(0, "Reclaimable"), 2), (Self.kind(0, flags: []), 1)]])
    #expect(profile.mountDemand == "4kB*6")
  }

  /// Page cache is not held by a mount.
  @Test func movableBlocksAreLeftOut() {
    #expect(Self.profile([[(Self.kind(9, "Movable"), 1), (Self.kind(2), 1)]]).mountDemand == "16kB*1")
    #expect(Self.profile([[(Self.kind(9, "Movable"), 1)]]).mountDemand == "none")
    let unnamed = AllocationCount.Kind(order: 0, migrateType: 1, migrateTypeName: nil, gfpFlags: [])
    #expect(unnamed.isMovable)
  }

  /// They cannot be held as such; the amount stays.
  @Test func blocksOfTwoPagesBecomeSinglePages() {
    #expect(Self.profile([[(Self.kind(1), 3), (Self.kind(0), 1)]]).mountDemand == "4kB*7")
    // The sum is rounded and not each part: (2 x 1 + 1) / 2.
    #expect(Self.profile([[(Self.kind(1), 1)], [(Self.kind(0), 1)]]).mountDemand == "4kB*2")
  }

  @Test func sizesOfEveryOrderAreReadBack() throws {
    for order in 0...10 where order != 1 {
      let demand = try #require(Self.profile([[(Self.kind(order), 2)]]).demand)
      #expect(demand.blocks == [.init(order: order, count: 2)])
      #expect(MountDemand.parse(demand.text) == demand)
    }
  }

  /// A demand counts in pages of 4 kB, whatever the machine's.
  @Test func largerPagesAreLargerBlocks() {
    #expect(Self.profile([[(Self.kind(0), 1)]], pageBytes: 65_536).demand?.blocks == [.init(order: 4, count: 1)])
    #expect(Self.profile([[(Self.kind(9), 1)]], pageBytes: 65_536).demand == nil)
  }

  @Test func whatADemandMayNotNameIsNone() {
    #expect(Self.profile([[(Self.kind(11), 1)]]).demand == nil)
    #expect(Self.profile([[(Self.kind(0), 100_001)]]).demand == nil)
    #expect(Self.profile([[(Self.kind(0), 100_000)]]).demand != nil)
  }

  @Test func meansAreSortedAndWhole() {
    let profile = Self.profile([
      [(Self.kind(0), 3), (Self.kind(3), 1)], [(Self.kind(0), 2), (Self.kind(0, "Movable"), 4)],
    ])
    #expect(profile.meanCounts.map(\.kind) == [Self.kind(3), Self.kind(0), Self.kind(0, "Movable")])
    #expect(profile.meanCounts.map(\.blocksPerMount) == [0.5, 2.5, 2])
  }
}
