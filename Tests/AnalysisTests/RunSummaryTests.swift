import Analysis
import Experiment
import Testing

@Suite struct RunSummaryTests {
  @Test func figuresByHand() {
    let record = Sample.record(
      fileSystems: 6,
      [
        Sample.mount(1, mount: 100, sentinel: 10),
        Sample.mount(2, mount: 200, demand: Sample.demand([(4, 1)], held: 1, duration: 30)),
        Sample.mount(3, mount: 1000, sentinel: 5), Sample.mount(4, mount: 300, sentinel: 20),
        Sample.mount(
          5, .demandNotMet(order: 4, errorNumber: 12),
          demand: Sample.demand([(4, 1)], held: 0, isMet: false, duration: 60_000)),
      ])
    let summary = RunSummary(of: record, observations: [])
    #expect(summary.mountsRequested == 6)
    #expect(summary.mountsCompleted == 4)
    #expect(summary.firstStoppedMount == 5)
    #expect(summary.firstStoppedExplanation == "no contiguous block of 64 kB could be had")
    // Services took 110, 230, 320 and 1005; the one that stopped is in the total alone.
    #expect(summary.totalNanoseconds == 110 + 230 + 320 + 1005 + 60_000)
    #expect(summary.mountNanoseconds == 1600)
    #expect(summary.demandNanoseconds == 60_030)
    #expect(summary.medianNanoseconds == 275)
    // Position 3 x 0.99 = 2.97: 320 + 0.97 x 685 = 984.45.
    #expect(summary.p99Nanoseconds == 984)
    #expect(summary.maximumNanoseconds == 1005)
  }

  /// A degraded service is mounted, and none that came up.
  @Test func degradedServicesAreCounted() throws {
    func service(_ right: UInt64) -> ServiceRecord {
      ServiceRecord(files: 64, rightFiles: right, failures: [], durationNanoseconds: 10, slowestWriteNanoseconds: 1)
    }
    var record = Sample.record(fileSystems: 3, [])
    try record.scenario.set(.serviceFiles, "64")
    record.mounts = [64, 61, 64].enumerated().map { index, right in
      MountRecord(
        number: index + 1, outcome: right == 64 ? .mounted : .degraded(failed: 3, of: 64, reason: "write"),
        startedAtNanoseconds: 0, mountDurationNanoseconds: 100, threadCPUNanoseconds: nil,
        sentinelDurationNanoseconds: nil, demand: nil, service: service(UInt64(right)))
    }
    let run = ComparedRun(path: "r", record: record, observations: [])
    #expect(run.summary.mountsCompleted == 3 && run.summary.servicesCompleted == 2 && !run.isComplete)
    #expect(run.summary.servicesDegraded == 1 && run.summary.serviceFilesFailed == 3)
    #expect(run.summary.firstStoppedMount == 2 && run.summary.medianNanoseconds == 110)
    #expect(Metric.servicesCompleted.value(of: run) == 2 && Metric.failedOperations.value(of: run) == 3)
    #expect(Metric.serviceP99.value(of: run) == nil, "no latency was recorded")
  }

  @Test func withoutServicesThereAreNoQuantiles() {
    let summary = RunSummary(
      of: Sample.record(fileSystems: 2, [Sample.mount(1, .timedOut, mount: 9)]), observations: [])
    #expect(summary.mountsCompleted == 0 && summary.firstStoppedMount == 1)
    #expect(summary.medianNanoseconds == nil && summary.p99Nanoseconds == nil && summary.maximumNanoseconds == nil)
  }

  @Test func memoryAndStallsFromFirstToLastObservation() {
    let before = Sample.state(
      [10, 0, 0, 0, 5], free: 1_000_000, counters: ["allocstall_dma": 1, "allocstall_normal": 2, "compact_stall": 7])
    let between = Sample.state(
      [0], free: 5, counters: ["allocstall_normal": 90, "allocstall_dma": 1, "compact_stall": 50])
    let after = Sample.state(
      [20, 0, 0, 0, 1], free: 900_000, counters: ["allocstall_dma": 1, "allocstall_normal": 102, "compact_stall": 57])
    let observations = [(0, before), (1, between), (2, after)].map { Observation(afterMount: $0.0, state: $0.1) }
    let summary = RunSummary(of: Sample.record(fileSystems: 2, []), observations: observations)
    // MemFree counts what the free lists do not hold yet: the rest is told apart.
    #expect(summary.freeBytesBefore == 90 * 4096 && summary.freeBytesAfter == 36 * 4096)
    #expect(
      summary.unlistedFreeBytesBefore == UInt64(1_000_000 - 90 * 4096)
        && summary.unlistedFreeBytesAfter == UInt64(900_000 - 36 * 4096))
    #expect(summary.largeFreeBytesBefore == 5 * 65_536 && summary.largeFreeBytesAfter == 65_536)
    #expect(summary.unusableFreeSpaceIndexBefore == 10.0 / 90)
    #expect(summary.allocationStalls == 100)
    #expect(summary.compactionStalls == 50)
  }

  /// Kernels before 4.10 have one counter for all zones.
  @Test func allocationStallsOfOldKernels() {
    #expect(ReclaimCounters.allocationStalls(["allocstall": 7, "allocstalled": 1]) == 7)
    #expect(ReclaimCounters.allocationStalls(["allocstall_dma32": 7, "allocstall_device": 2]) == 9)
    #expect(ReclaimCounters.allocationStalls(["compact_stall": 7]) == nil)
  }

  @Test func whatIsNotKnownIsNotZero() {
    let state = Sample.state([1], free: 1)
    let uncounted = RunSummary(
      of: Sample.record(fileSystems: 1, []),
      observations: [Observation(afterMount: 0, state: state), Observation(afterMount: 1, state: state)])
    #expect(uncounted.allocationStalls == nil && uncounted.compactionStalls == nil)
    #expect(uncounted.freeBytesAfter == 4096 && uncounted.unlistedFreeBytesAfter == 0)

    let counting = Sample.state([1], free: 1, counters: ["allocstall": 3, "compact_stall": 3])
    let beforeOnly = RunSummary(
      of: Sample.record(fileSystems: 1, []), observations: [Observation(afterMount: 0, state: counting)])
    #expect(
      beforeOnly.freeBytesBefore == 4096 && beforeOnly.freeBytesAfter == nil && beforeOnly.largeFreeBytesAfter == nil)
    #expect(beforeOnly.allocationStalls == nil && beforeOnly.compactionStalls == nil)

    let nothing = RunSummary(of: Sample.record(fileSystems: 1, []), observations: [])
    #expect(nothing.freeBytesBefore == nil && nothing.unusableFreeSpaceIndexBefore == nil)
  }
}
