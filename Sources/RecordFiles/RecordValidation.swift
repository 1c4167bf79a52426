import Experiment

/// Whether a record that was read back can have been written by this program.
///
/// Everything that computes with records relies on these bounds: sums within them do not overflow, orders are orders, a page
/// has a size.
enum RecordValidation {
  /// No machine counts this far, and a few of these can still be added up and multiplied by the size of a page.
  private static let maximumEvents: UInt64 = 1 << 44
  /// 16 TiB in blocks of one order in one zone.
  private static let maximumPages: UInt64 = 1 << 32
  /// 256 TiB.
  private static let maximumBytes: UInt64 = 1 << 48
  /// 13 days.
  private static let maximumNanoseconds: UInt64 = 1 << 50
  private static let maximumOrder = 20

  /// The first thing wrong, as `key: what`; nil when nothing is.
  static func flaw(in record: RunRecord) -> String? {
    if let flaw = flaw(in: record.scenario) { return "scenario.\(flaw)" }
    if !isPageSize(record.host.pageBytes) { return "host.pageBytes: \(record.host.pageBytes) is not a page size" }
    if record.host.cpuCount < 1 { return "host.cpuCount: must be 1 or more" }
    for (key, value) in [("memoryTotalBytes", record.host.memoryTotalBytes), ("swapBytes", record.host.swapBytes)]
    where value > maximumBytes { return "host.\(key): \(value) is too large" }
    for (index, phase) in record.phases.enumerated() {
      if exceeds([phase.startedAtNanoseconds, phase.durationNanoseconds], maximumNanoseconds) {
        return "phases[\(index)]: a time is too long"
      }
      if let tool = phase.tool,
        exceeds([tool.cpuNanoseconds], maximumNanoseconds)
          || exceeds([tool.residentBytes, tool.fileBytes], maximumBytes)
      {
        return "phases[\(index)].tool: too large"
      }
    }
    if let cpu = record.failoverCPU, let flaw = flaw(in: cpu) { return "failoverCPU.\(flaw)" }
    if let allocations = record.allocations, let flaw = flaw(in: allocations) { return "allocations.\(flaw)" }
    if let start = record.start, let flaw = flaw(in: start) { return "start.\(flaw)" }
    for (key, work) in [("populate", record.populate), ("rewrite", record.rewrite), ("service", record.service)] {
      if let work, let flaw = flaw(in: work) { return "\(key).\(flaw)" }
    }
    if let pin = record.pin {
      if exceeds([pin.pinnedPages, pin.requestedPages], maximumEvents) { return "pin: too many pages" }
      if pin.durationNanoseconds > maximumNanoseconds { return "pin.durationNanoseconds: too long" }
      // A volume of the device mapper may be larger than any memory; 64 bits of bytes it is not.
      if let bytes = pin.originBytesWritten, bytes > 1 << 60 { return "pin.originBytesWritten: too large" }
    }
    if let inject = record.inject {
      if exceeds([inject.pinnedPages, inject.transientPages], maximumEvents) { return "inject: too many pages" }
      if inject.durationNanoseconds > maximumNanoseconds { return "inject.durationNanoseconds: too long" }
    }
    return flaw(in: record.mounts, fileSystems: record.scenario.fileSystems)
  }

  /// The first thing wrong in what was observed.
  static func flaw(in state: MemoryState) -> String? {
    if !isPageSize(state.pageBytes) { return "pageBytes: \(state.pageBytes) is not a page size" }
    if state.zones.count > 2048 { return "zones: too many" }
    for (index, zone) in state.zones.enumerated() {
      if zone.freeBlocks.count > maximumOrder + 1 { return "zones[\(index)].freeBlocks: too many orders" }
      for (order, blocks) in zone.freeBlocks.enumerated() where blocks > maximumPages >> UInt64(order) {
        return "zones[\(index)].freeBlocks[\(order)]: \(blocks) is too large"
      }
    }
    if exceeds(
      [
        state.freeBytes, state.dataCacheBytes, state.inodeSlabBytes, state.dentrySlabBytes, state.reclaimableSlabBytes,
        state.unreclaimableSlabBytes, state.perCPUFreeBytes, state.lockedBytes, state.dirtyBytes, state.writebackBytes,
      ], maximumBytes)
    {
      return "a number of bytes is too large"
    }
    return flaw(inCounters: state.counters)
  }

  /// A decoded scenario has gone past ``Scenario/set(_:_:)``, so each value is put through it now.
  private static func flaw(in scenario: Scenario) -> String? {
    var copy = Scenario(name: scenario.name)
    copy.summary = scenario.summary
    do throws(ScenarioError) {
      for key in ScenarioKey.allCases {
        for text in scenario.texts(of: key) { try copy.set(key, text) }
      }
      try copy.validate()
    } catch {
      return ScenarioError.text(error.value, for: error.key, error.explanation)
    }
    return copy == scenario
      ? nil : "scenario: its values and its texts disagree, such as the blocks of mountDemand and its text"
  }

  private static func flaw(in start: StartState) -> String? {
    if let flaw = flaw(in: start.state) { return "state.\(flaw)" }
    if exceeds([start.totalBytes, start.ballastBytes], maximumBytes) { return "totalBytes: too large" }
    for (index, zone) in start.watermarks.enumerated()
    where exceeds(
      [zone.managedPages, zone.minPages, zone.lowPages, zone.highPages, zone.kernelProtectionPages], maximumEvents)
      || index >= 4096
    {
      return "watermarks[\(index)]: too large"
    }
    let lists = start.memory?.lists ?? []
    if lists.count > 4096 || lists.contains(where: { exceeds([$0.freeBytes, $0.wholeBlockBytes], maximumBytes) }) {
      return "memory: too large"
    }
    return nil
  }

  private static func flaw(in cpu: FailoverCPU) -> String? {
    exceeds(
      [
        cpu.durationNanoseconds, cpu.machineNanoseconds, cpu.kswapdNanoseconds, cpu.kcompactdNanoseconds,
        cpu.kworkersNanoseconds, cpu.workerNanoseconds, cpu.helperNanoseconds, cpu.supervisorNanoseconds,
      ], maximumNanoseconds) ? "a time is too long" : nil
  }

  private static func flaw(in allocations: AllocationTotals) -> String? {
    let blocks = allocations.blocks ?? []
    if blocks.count > AllocationTrace.Part.allCases.count * (maximumOrder + 1) { return "blocks: too many" }
    if blocks.contains(where: { !(0...maximumOrder).contains($0.order) }) { return "blocks: not the order of a block" }
    let works = [allocations.compaction, allocations.directReclaim, allocations.othersCompaction].compactMap { $0 }
    if works.contains(where: { $0.durationNanoseconds > maximumNanoseconds }) { return "a time is too long" }
    return exceeds(
      blocks.flatMap { [$0.given, $0.failed] } + works.flatMap { [$0.calls, $0.incompleteCalls] }
        + [allocations.fallbacks, allocations.kswapdWakeups, allocations.lostEvents], maximumEvents)
      || allocations.bufferBytes > maximumBytes ? "a number is too large" : nil
  }

  private static func flaw(in work: WorkloadRecord) -> String? {
    if work.operations > maximumEvents { return "operations: \(work.operations) is too large" }
    if work.durationNanoseconds > maximumNanoseconds { return "durationNanoseconds: too long" }
    let buckets = work.latency?.buckets ?? []
    if buckets.count > 1 << 18 { return "latency.buckets: too many" }
    for (index, bucket) in buckets.enumerated() {
      if bucket.count > maximumEvents { return "latency.buckets[\(index)].count: too large" }
      if index > 0 && bucket.nanoseconds <= buckets[index - 1].nanoseconds {
        return "latency.buckets[\(index)]: out of order"
      }
    }
    return nil
  }

  private static func flaw(in mounts: [MountRecord], fileSystems: Int) -> String? {
    var last = 0
    for (index, mount) in mounts.enumerated() {
      guard mount.number > last, mount.number <= fileSystems else {
        return "mounts[\(index)].number: \(mount.number) is out of order"
      }
      last = mount.number
      if exceeds(
        [
          mount.startedAtNanoseconds, mount.mountDurationNanoseconds, mount.threadCPUNanoseconds,
          mount.sentinelDurationNanoseconds, mount.demand?.durationNanoseconds, mount.elapsedNanoseconds,
          mount.demand?.cpuNanoseconds, mount.demand?.conversationNanoseconds, mount.service?.durationNanoseconds,
          mount.service?.slowestWriteNanoseconds,
        ], maximumNanoseconds)
      {
        return "mounts[\(index)]: a time is too long"
      }
      if let service = mount.service,
        exceeds([service.files, service.rightFiles] + service.failures.map(\.files), UInt64(ServiceWork.mostFiles))
          || service.failures.count > 64 || service.rightFiles + service.failedFiles > service.files
      {
        return "mounts[\(index)].service: more files than there were"
      }
      if case .demandNotMet(let order, _) = mount.outcome, !(0...maximumOrder).contains(order) {
        return "mounts[\(index)].outcome.order: \(order) is not the order of a block"
      }
      for blocks in mount.demand?.demanded ?? []
      where !(0...maximumOrder).contains(blocks.order) || !(0...MountDemand.maximumCount).contains(blocks.count) {
        return "mounts[\(index)].demand: \(blocks.count) blocks of order \(blocks.order) are impossible"
      }
      if let flaw = flaw(inCounters: mount.counterDeltas) { return "mounts[\(index)].\(flaw)" }
    }
    return nil
  }

  private static func flaw(inCounters counters: [String: UInt64]) -> String? {
    if counters.count > 4096 { return "counters: too many" }
    let excess = counters.filter { $0.value > maximumEvents }.keys.min()
    return excess.map { "counters: \(SingleLine.text($0, limit: 60)) is too large" }
  }

  private static func exceeds(_ values: [UInt64?], _ limit: UInt64) -> Bool { values.contains { $0 ?? 0 > limit } }

  private static func isPageSize(_ bytes: UInt64) -> Bool {
    (4096...65_536).contains(bytes) && bytes & (bytes - 1) == 0
  }
}
