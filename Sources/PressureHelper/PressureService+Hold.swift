import CLinux
import Experiment
import LinuxSystem
import PressureProtocol
import SystemPackage

extension PressureService where Memory: ~Copyable {
  /// Holds blocks, the largest first: a small one taken before could spoil a place for a large one.
  mutating func hold(
    _ blocks: [MountDemand.Blocks], timeoutNanoseconds: UInt64, retry: DemandRetry
  ) throws(WorkStop) -> PressureReply {
    var got = HeldBlocks()
    var retries: UInt64 = 0
    // What was seen after an earlier request may have passed: nothing is refused without a look of its own.
    if latestReading.map({ marginReached(got, $0) != nil }) ?? true, let stop = marginReached(got, try look()) {
      return stop
    }
    let started = Clock.monotonicNanoseconds()
    let startedCPU = Clock.threadCPUNanoseconds()
    func effort() -> HoldEffort {
      HoldEffort(
        elapsedNanoseconds: Clock.monotonicNanoseconds() - started,
        cpuNanoseconds: Clock.threadCPUNanoseconds() - startedCPU, retries: retries)
    }
    let deadline =
      retry == .once
      ? 0
      : started.addingReportingOverflow(timeoutNanoseconds)
        .overflow ? UInt64.max : started + timeoutNanoseconds
    var pagesSinceLook: UInt64 = 0
    for request in blocks.sorted(by: { $0.order > $1.order }) {
      for _ in 0..<request.count {
        try checkpoint()
        if pagesSinceLook >= MarginPolicy.checkpointPages {
          pagesSinceLook = 0
          if let stop = marginReached(got, try look()) { return stop }
        }
        guard try holdOne(request, deadline: deadline, pauses: retry == .untilTimeout, retries: &retries) else {
          return .notHeld(order: request.order, heldBlocks: got.blocks, effort(), errno: Errno.noMemory.rawValue)
        }
        got.add(order: request.order)
        held.add(order: request.order)
        pagesSinceLook += 1 << UInt64(request.order)
      }
    }
    return .held(blocks: got.blocks, effort())
  }

  /// Holds one block; false when the kernel could not make one in time (ENOMEM).
  private mutating func holdOne(
    _ request: MountDemand.Blocks, deadline: UInt64, pauses: Bool, retries: inout UInt64
  ) throws(WorkStop) -> Bool {
    assert(request.order != 1)
    if request.order == 0 {
      do throws(SystemFailure) { try heldPages.add(pages: 1, from: source) } catch { throw .failed(error) }
      return true
    }
    let pipe: PipeEnds
    do throws(SystemFailure) { pipe = try PipeEnds() } catch { throw .failed(error) }
    var tries: UInt64 = 0
    while true {
      do throws(Errno) {
        try allocateRing(pipe, request.ringSlots)
        heldRings.keep(pipe)
        return true
      } catch {
        guard error == .noMemory else { throw .failed(.resizingPipe(slots: request.ringSlots, error)) }
        if Clock.monotonicNanoseconds() >= deadline { return false }
      }
      retries += 1
      tries += 1
      try checkpoint()
      if pauses { pause(afterTries: tries) }
    }
  }

  /// An attempt that ends in direct compaction takes milliseconds by itself, and yielding once is enough then. But the
  /// kernel defers compaction after failures (mm/compaction.c, `defer_compaction`) and then refuses within
  /// microseconds: sleep a little longer each time, so as not to take a CPU away from what would free memory; 8 ms at
  /// most, which is what the measured time can be off by.
  private mutating func pause(afterTries tries: UInt64) {
    if tries < 16 {
      sched_yield()
    } else {
      channel.wait(milliseconds: min(tries / 16, 8))
    }
  }

  private func marginReached(_ got: HeldBlocks, _ reading: MemoryReading) -> PressureReply? {
    guard MarginPolicy.pinStepPages(remaining: 1, reading) == 0 else { return nil }
    return .marginReached(
      pinnedPages: 0, heldBlocks: got.blocks, memFreeBytes: reading.memFreeBytes,
      memAvailableBytes: reading.memAvailableBytes, marginBytes: MarginPolicy.marginBytes(reading))
  }
}
