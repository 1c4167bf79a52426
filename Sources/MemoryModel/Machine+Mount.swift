import Experiment

extension Machine {
  /// One mount of the failover: the services go on meanwhile and touch their working set, then the mount takes its blocks.
  mutating func mount(number: Int, scenario: Scenario, countersBefore: [String: UInt64]) -> MountRecord {
    mountsTried += 1
    let began = clockNanoseconds
    let deadline = began + scenario.mountTimeoutNanoseconds
    for page in 0..<workingSetCount { _ = touchWorkingSet(page) }
    pass(parameters.mountNanoseconds)
    let reclaimBefore = counters.reclaimNanoseconds
    var outcome = MountOutcome.mounted
    if !takeMountBuffers(scenario) {
      outcome = .failed(
        operation: "mount", errorNumber: CallError.noMemory, reason: CallError.word)
    }
    let own = clockNanoseconds - began

    var held: UInt64 = 0
    var retries: UInt64 = 0
    taking: for blocks in scenario.mountDemand.blocks where outcome == .mounted {
      for _ in 0..<blocks.count {
        switch allocateForMount(
          order: blocks.order, deadline: deadline, asksOnce: scenario.demandRetry == .once, retries: &retries)
        {
        case .allocated: held += 1
        case .unavailable:
          outcome = .demandNotMet(order: blocks.order, errorNumber: nil)
          break taking
        }
      }
    }
    let demand = DemandRecord(
      demanded: scenario.mountDemand.blocks,
      isMet: held == scenario.mountDemand.blocks.reduce(0) { $0 + UInt64($1.count) }, heldBlocks: held,
      durationNanoseconds: clockNanoseconds - began - own, retries: retries)
    let cpu = counters.reclaimNanoseconds - reclaimBefore
    var service: ServiceRecord?
    if outcome == .mounted, scenario.service.files > 0 {
      let record = serve(scenario.service, on: scenario.volumes, seed: scenario.seed)
      outcome = MountOutcome(record, error: { _ in CallError.word })
      service = record
    }
    var deltas: [String: UInt64] = [:]
    for (name, value) in eventCounters() { deltas[name] = value - (countersBefore[name] ?? 0) }
    return MountRecord(
      number: number, outcome: outcome, startedAtNanoseconds: began, mountDurationNanoseconds: own,
      threadCPUNanoseconds: cpu, sentinelDurationNanoseconds: nil,
      demand: scenario.mountDemand.blocks.isEmpty ? nil : demand, service: service,
      counterDeltas: deltas)
  }

  /// Cumulative; under the kernel's names where the kernel counts the same.
  func eventCounters() -> [String: UInt64] {
    [
      "pgsteal_kswapd": counters.kswapdFreedPages, "pgsteal_direct": counters.directFreedPages,
      "allocstall": counters.directReclaims, "workingset_refault_file": counters.refaults,
      "compact_stall": counters.compactions, "compact_success": counters.compactionSuccesses,
      "compact_fail": counters.compactions - counters.compactionSuccesses, "pgmigrate_success": counters.copiedPages,
      ModelCounter.promotedPages: buddy.promotedPages, ModelCounter.smallFreedPages: buddy.smallFreedPages,
      ModelCounter.mappedPages: counters.mappedPages, ModelCounter.reserveBlocksUsed: counters.reserveBlocksUsed,
      ModelCounter.freedInodes: counters.freedInodes, ModelCounter.reclaimNanoseconds: counters.reclaimNanoseconds,
      ModelCounter.buddyOperations: buddy.operations,
    ]
  }

  func state() -> MemoryState {
    let zones = (0..<buddy.zoneCount).map { zone in
      MemoryState.Zone(
        node: plan.zones[zone].node, name: plan.zones[zone].name,
        freeBlocks: (0...buddy.maximumOrder).map { order in
          (0..<buddy.typeCount).reduce(0) { $0 + UInt64(buddy.freeBlocks(zone: zone, type: $1, order: order)) }
        })
    }
    var state = MemoryState(
      takenAtNanoseconds: clockNanoseconds, pageBytes: 4096, zones: zones, freeBytes: UInt64(freePageCount) * 4096,
      dataCacheBytes: UInt64(dataPages + filePages) * 4096 + plan.inUseCacheBytes,
      inodeSlabBytes: UInt64(inodePages) * 4096,
      reclaimableSlabBytes: UInt64(inodePages + objectPages) * 4096, counters: eventCounters())
    state.idleBytes = UInt64(reserveBlocks.count << BuddyAllocator.largeOrder) * 4096
    // A look at every page: once, where the paper's law begins.
    if inMount && mountsTried == 0 {
      state.unpinnedLargeGroups = UInt64(unpinnedGroups())
      if fileCount > 0 { state.inodeOccupancy = inodeOccupancy() }
    }
    return state
  }
}
