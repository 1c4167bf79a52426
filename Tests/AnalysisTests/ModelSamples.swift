import Analysis
import Experiment

/// Small runs of the model whose figures are known.
enum ModelSample {
  static let mebibyte: UInt64 = 1_048_576

  struct Mount {
    var seconds: Double = 0.04
    var outcome = MountOutcome.mounted
    var counters: [String: UInt64] = [:]
    var cacheMiB: UInt64 = 100
  }

  /// `free`: blocks by order.
  static func state(free: [UInt64] = [128, 0, 0, 0, 128], cacheMiB: UInt64 = 100, idleMiB: UInt64 = 0) -> MemoryState {
    var state = MemoryState(
      takenAtNanoseconds: 0, pageBytes: 4096, zones: [.init(node: 0, name: "Normal", freeBlocks: free)],
      freeBytes: free.enumerated().reduce(0) { $0 + ($1.element << UInt64($1.offset)) * 4096 },
      dataCacheBytes: cacheMiB * mebibyte)
    state.idleBytes = idleMiB * mebibyte
    return state
  }

  static func run(
    _ scheme: String, seed: UInt64 = 1, before: MemoryState = state(), occupancy: Double? = 0.2,
    isInjected: Bool = false,
    _ mounts: [Mount]
  ) -> ModelRun {
    var run = ModelRun(scheme: scheme, seed: seed)
    run.start = StartState(state: state(free: [0, 0, 0, 0, 0, 512]), watermarks: [], totalBytes: 1, ballastBytes: 0)
    if isInjected {
      run.inject = InjectRecord(pinnedPages: 98_871, transientPages: 692_094, durationNanoseconds: 0)
    } else {
      run.pin = PinRecord(backend: .pipe, requestedPages: 102_400, pinnedPages: 102_400, durationNanoseconds: 0)
    }
    var first = before
    first.unpinnedLargeGroups = 206
    first.inodeOccupancy = occupancy.map { .init(freedSixteenths: 15, liveBytes: UInt64($0 * 1000), heldBytes: 1000) }
    run.observations = [Observation(afterMount: 0, state: first)]
    for (index, mount) in mounts.enumerated() {
      run.mounts.append(
        MountRecord(
          number: index + 1, outcome: mount.outcome, startedAtNanoseconds: 0,
          mountDurationNanoseconds: UInt64((mount.seconds * 1e9).rounded()), threadCPUNanoseconds: nil,
          sentinelDurationNanoseconds: nil, demand: nil,
          counterDeltas: counters.merging(mount.counters) { $1 }))
      run.observations.append(Observation(afterMount: index + 1, state: state(cacheMiB: mount.cacheMiB)))
    }
    return run
  }

  /// `completed` mounts of 0.04 s, then one that does not complete unless `isComplete`.
  static func run(
    _ scheme: String, seed: UInt64 = 1, completed: Int, isComplete: Bool = false, seconds: Double = 0.04,
    counters: [String: UInt64] = [:], before: MemoryState = state(), occupancy: Double? = 0.2
  ) -> ModelRun {
    let stopped = Mount(seconds: 60, outcome: .demandNotMet(order: 4, errorNumber: nil))
    return run(
      scheme, seed: seed, before: before, occupancy: occupancy,
      Array(repeating: Mount(seconds: seconds, counters: counters), count: completed) + (isComplete ? [] : [stopped]))
  }

  private static let counters: [String: UInt64] = [
    "pgmigrate_success": 0, "workingset_refault_file": 0, ModelCounter.mappedPages: 0,
    ModelCounter.reserveBlocksUsed: 0,
    ModelCounter.promotedPages: 0, ModelCounter.smallFreedPages: 0, ModelCounter.reclaimNanoseconds: 0,
  ]
}
