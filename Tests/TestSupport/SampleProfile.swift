public import Experiment

/// A profile of two mounts: a block that failed, one from a slab, movable pages, reclaim in one of them.
public enum SampleProfile {
  public static let profile = AllocationProfile(
    tool: "failover-bench 0.1.0", startedAtUnixNanoseconds: 1_700_000_000_000_000_000, host: SampleRecord.record.host,
    fileSystem: "xfs", fileSystemBytes: 300 << 20, mkfsVersion: "mkfs.xfs version 6.1.0",
    mounts: [
      mount(1, order3: 8, reclaim: DirectWork(calls: 2, durationNanoseconds: 1_350_000)),
      mount(2, order3: 9, reclaim: DirectWork()),
    ],
    unavailable: [.init(what: "compaction", reason: "this kernel has no such events")])

  private static func mount(_ number: Int, order3: UInt64, reclaim: DirectWork) -> MountProfile {
    func kind(_ order: Int, _ type: String, _ flags: [String]) -> AllocationCount.Kind {
      .init(order: order, migrateType: type == "Movable" ? 1 : 0, migrateTypeName: type, gfpFlags: flags)
    }
    return MountProfile(
      number: number, durationNanoseconds: 4_700_000,
      allocations: [
        .init(kind: kind(9, "Unmovable", ["GFP_USER", "__GFP_RETRY_MAYFAIL"]), blocks: 1, failed: 1),
        .init(kind: kind(3, "Unmovable", ["GFP_USER"]), blocks: order3, failed: 0),
        .init(kind: kind(1, "Unmovable", []), blocks: 1, failed: 0),
        .init(kind: kind(0, "Movable", ["GFP_NOFS"]), blocks: 70, failed: 0),
      ], interruptAllocations: UInt64(number), directReclaim: reclaim, compaction: nil, lostEvents: 0)
  }
}
