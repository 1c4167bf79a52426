import Experiment
import Foundation
@testable import LinuxHost
import TestSupport
import Testing

@Suite struct AllocationTallyTests {
  private static let names = ["Unmovable", "Movable", "Reclaimable", "HighAtomic"]
  private static let all = Set(TraceEventName.allCases)

  private static func trace(_ file: String) throws -> String {
    try Checkout.text("fixtures/proc/6.18/\(file)")
  }

  private static func profile(_ file: String, pid: Int, traced: Set<TraceEventName> = all) throws -> MountProfile {
    var tally = AllocationTally(pid: pid, migrateTypeNames: names)
    for line in try trace(file).split(separator: "\n") { try tally.take(line: String(line)) }
    return tally.profile(number: 1, durationNanoseconds: 7, lostEvents: 0, traced: traced)
  }

  /// What was counted in the recorded text by hand.
  @Test func aRecordedMount() throws {
    let mount = try Self.profile("trace-mount", pid: 8332)
    let blocks = mount.allocations.map { [$0.kind.order, Int($0.blocks)] }
    #expect(blocks == [[9, 1], [3, 8], [2, 1], [1, 1], [0, 1], [0, 3], [0, 2]])
    #expect(
      mount.allocations[0].kind.gfpFlags == [
        "GFP_USER", "__GFP_ZERO", "__GFP_NOWARN", "__GFP_RETRY_MAYFAIL", "__GFP_COMP",
      ])
    #expect(mount.allocations.map(\.kind.migrateTypeName) == Array(repeating: "Unmovable", count: 6) + ["Movable"])
    #expect(mount.allocations.allSatisfy { $0.failed == 0 } && mount.interruptAllocations == 0)
    #expect(mount.directReclaim == DirectWork() && mount.compaction == DirectWork())
  }

  @Test func othersAreNotCounted() throws {
    #expect(try Self.profile("trace-mount", pid: 1).allocations.isEmpty)
  }

  /// One pair of each kind is whole, one reclaim has no end; the interrupt's block and kswapd's reclaim are not the mount's.
  @Test func reclaimCompactionFailureAndInterrupt() throws {
    let mount = try Self.profile("trace-reclaim", pid: 812)
    #expect(mount.directReclaim == DirectWork(calls: 2, durationNanoseconds: 1_350_000, incompleteCalls: 1))
    #expect(mount.compaction == DirectWork(calls: 1, durationNanoseconds: 500_000))
    #expect(mount.interruptAllocations == 1)
    #expect(mount.allocations.map(\.kind.order) == [9, 3])
    #expect(mount.allocations.map(\.failed) == [1, 0] && mount.allocations.map(\.blocks) == [0, 1])
  }

  @Test func whatIsNotTracedIsUnavailable() throws {
    let mount = try Self.profile("trace-reclaim", pid: 812, traced: [.allocation, .reclaimBegin])
    #expect(mount.directReclaim == nil && mount.compaction == nil)
  }

  @Test func anEndWithoutABeginning() throws {
    var tally = AllocationTally(pid: 812, migrateTypeNames: [])
    try tally.take(line: "  mount-812 [001] ..... 134.001350: mm_vmscan_direct_reclaim_end: nr_reclaimed=32")
    let mount = tally.profile(number: 1, durationNanoseconds: 0, lostEvents: 3, traced: Self.all)
    #expect(
      mount.directReclaim == DirectWork(calls: 0, durationNanoseconds: 0, incompleteCalls: 1) && mount.lostEvents == 3)
  }
}
