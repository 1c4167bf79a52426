@testable import Experiment

/// Small mounts and states to compute with by hand.
enum Sample {
  static func mount(
    _ number: Int, _ outcome: MountOutcome = .mounted, mount: UInt64? = nil, sentinel: UInt64? = nil,
    demand: DemandRecord? = nil
  ) -> MountRecord {
    MountRecord(
      number: number, outcome: outcome, startedAtNanoseconds: 0, mountDurationNanoseconds: mount,
      threadCPUNanoseconds: nil,
      sentinelDurationNanoseconds: sentinel, demand: demand,
      counterDeltas: [:])
  }

  static func demand(
    _ blocks: [(order: Int, count: Int)], held: UInt64, isMet: Bool = true, duration: UInt64 = 0
  ) -> DemandRecord {
    DemandRecord(
      demanded: blocks.map { MountDemand.Blocks(order: $0.order, count: $0.count) }, isMet: isMet, heldBlocks: held,
      durationNanoseconds: duration, retries: 0)
  }

  /// `blocks` by order, in one zone.
  static func state(_ blocks: [UInt64], free: UInt64 = 0, counters: [String: UInt64] = [:]) -> MemoryState {
    MemoryState(
      takenAtNanoseconds: 0, pageBytes: 4096, zones: [.init(node: 0, name: "Normal", freeBlocks: blocks)],
      freeBytes: free,
      counters: counters)
  }

  static func record(fileSystems: Int, _ mounts: [MountRecord]) -> RunRecord {
    var scenario = Scenario(name: "s")
    scenario.fileSystems = fileSystems
    var record = RunRecord(
      tool: "t", runID: "r", startedAtUnixNanoseconds: 0, arguments: [], scenario: scenario,
      host: HostFacts(
        kernelRelease: "", kernelVersion: "", architecture: "", kernelCommandLine: "", distribution: nil, cpuModel: nil,
        cpuCount: 1, memoryTotalBytes: 1, pageBytes: 4096, swapBytes: 0, isContainer: false, imageFileSystem: nil,
        settings: [:]))
    record.mounts = mounts
    return record
  }
}
