import Analysis
import Experiment

/// A failover of a few services whose outcome is given.
struct SimulatedRun {
  var milliseconds: Double
  /// Of the slowest service; nil where all take equally long.
  var slowest: Double?
  var services = 8
  var mounts = 8
  var status = RunRecord.Status.complete
  var startedAtSeconds: UInt64 = 0
  /// Whether stalls and watermarks are known, without which nothing is recommended.
  var isObserved = false

  private static let state = MemoryState(
    takenAtNanoseconds: 0, pageBytes: 4096, zones: [.init(node: 0, name: "Normal", freeBlocks: [0, 0, 0, 0, 100])],
    freeBytes: 1 << 20, counters: ["allocstall_normal": 0, "compact_stall": 0])
  private static let watermarks = [
    ZoneWatermarks(
      node: 0, name: "Normal", managedPages: 1 << 20, minPages: 100, lowPages: 500, highPages: 1000,
      protectionPages: [])
  ]

  func made(_ id: String) -> ComparedRun {
    var scenario = Scenario(name: "simulated")
    scenario.fileSystems = services
    // Of the order of the services, so that a lost one does not drown them.
    scenario.mountTimeoutNanoseconds = 1_000_000_000
    var record = RunRecord(
      tool: "simulated", runID: id, startedAtUnixNanoseconds: startedAtSeconds * 1_000_000_000, arguments: [],
      scenario: scenario,
      host: HostFacts(
        kernelRelease: "", kernelVersion: "", architecture: "", kernelCommandLine: "", distribution: nil, cpuModel: nil,
        cpuCount: 1, memoryTotalBytes: 1, pageBytes: 4096, swapBytes: 0, isContainer: false, imageFileSystem: nil,
        settings: [:]))
    record.status = status
    record.mounts = (1...min(services, mounts + 1)).map { number in
      MountRecord(
        number: number, outcome: number <= mounts ? .mounted : .timedOut, startedAtNanoseconds: 0,
        mountDurationNanoseconds: UInt64(max(1, (number == 1 ? slowest : nil) ?? milliseconds) * 1e6),
        threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil, demand: nil)
    }
    record.start = StartState(
      state: Self.state, watermarks: isObserved ? Self.watermarks : [], totalBytes: 1, ballastBytes: 0)
    return ComparedRun(
      path: id, record: record,
      observations: isObserved ? [0, 1].map { Observation(afterMount: $0, state: Self.state) } : [])
  }
}
