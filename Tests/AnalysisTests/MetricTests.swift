import Experiment
import Testing

@testable import Analysis

@Suite struct MetricTests {
  @Test func everyNameMeansOneMetric() {
    let names = Metric.all.map(\.name)
    #expect(Set(names).count == names.count && Metric.all.count == 30)
    #expect(Set(Metric.all.map(\.title)).count == Metric.all.count)
    for metric in Metric.all {
      #expect(
        Metric.named(metric.name)?.title == metric.title
          && metric.value(of: ComparisonSample.run("a", milliseconds: 1))?.isFinite != false)
    }
  }

  @Test func theUnitStandsLastInTheName() {
    for metric in Metric.all {
      let suffix: String? =
        switch metric.unit {
        case .seconds: ".seconds"
        case .milliseconds: "_ms"
        case .mebibytes: "_mib"
        case .pagesPerFile: "_per_file"
        case .count, .share: nil
        }
      for unit in [".seconds", "_ms", "_mib", "_per_file"] {
        #expect(metric.name.hasSuffix(unit) == (suffix == unit), "\(metric.name)")
      }
    }
  }

  @Test func whatIsJudgedIsNamed() {
    #expect(
      Metric.all(.primary).map(\.name) == ["failovers.complete", "services.completed", "service.restricted_mean_ms"])
    #expect(
      Metric.all(.safeguard).map(\.name) == [
        "mount.median_ms", "mount.p99_ms", "stalls.allocation", "stalls.compaction", "memory.kept_free_mib",
      ])
    #expect(Metric.all(.overhead).map(\.name) == ["populate.seconds", "rewrite.seconds"])
    #expect(
      (Metric.all(.primary) + Metric.all(.safeguard) + Metric.all(.overhead)).allSatisfy { $0.better != .neither })
  }

  @Test("a figure is nil where the table says that it is unavailable, and never 0")
  func unavailable() {
    var record = Sample.record(fileSystems: 8, [])
    record.leftovers = nil
    let nothing = ComparedRun(path: "a", record: record, observations: [])
    for metric in Metric.all {
      #expect((metric.value(of: nothing) == nil) == (metric.unavailable != nil), "\(metric.name)")
    }
    #expect(Metric.firstStoppedMount.value(of: nothing) == 9 && Metric.mountsRequested.value(of: nothing) == 8)
  }

  @Test("of mount(2) alone: of volumes that were mounted, and without sentinel, demand and work")
  func mountCalls() throws {
    let record = Sample.record(
      fileSystems: 4,
      [
        Sample.mount(1, mount: 100_000, sentinel: 7_000_000), Sample.mount(2, mount: 200_000),
        Sample.mount(3, .demandNotMet(order: 4, errorNumber: 12), mount: 9_000_000),
      ])
    let run = ComparedRun(path: "a", record: record, observations: [])
    // Position 1 x 0.99.
    #expect(Metric.mountCallP99.value(of: run) == 0.199)
  }

  @Test("what the workload cost is a time, and nothing where there was no work")
  func workload() {
    var record = Sample.record(fileSystems: 8, [])
    record.populate = WorkloadRecord(
      operations: 3, durationNanoseconds: 1_500_000_000, latency: LatencyHistogram(buckets: []))
    record.rewrite = WorkloadRecord(operations: 0, durationNanoseconds: 1000, latency: LatencyHistogram(buckets: []))
    var state = Sample.state([0, 0, 0, 0, 100], free: 1 << 20)
    state.dataCacheBytes = 5 << 19
    let run = ComparedRun(path: "a", record: record, observations: [Observation(afterMount: 0, state: state)])
    #expect(Metric.populateTime.value(of: run) == 1.5 && Metric.rewriteTime.value(of: run) == nil)
    #expect(Metric.dataCacheBefore.value(of: run) == 2.5)
  }

  @Test(
    "pages that the kernel scanned, reclaimed and moved are counted from the start until the mounts begin, by everybody, for each file"
  )
  func pagesPerFile() {
    var before: [String: UInt64] = [
      "pgscan_kswapd": 1000, "pgscan_direct": 50, "pgscan_khugepaged": 3, "pgscan_file": 1053, "pgsteal_kswapd": 900,
      "pgsteal_direct": 10, "pgsteal_file": 910, "pgmigrate_success": 7,
      "pgskip_normal": 2, "pgskip_movable": 20,
    ]
    let after: [String: UInt64] = [
      "pgscan_kswapd": 1300, "pgscan_direct": 80, "pgscan_khugepaged": 8, "pgscan_file": 1388, "pgsteal_kswapd": 1090,
      "pgsteal_direct": 20, "pgsteal_file": 1110, "pgmigrate_success": 107,
      "pgskip_normal": 3, "pgskip_movable": 69,
    ]
    var record = Sample.record(fileSystems: 8, [])
    func value(_ metric: Metric) -> Double? {
      record.start = StartState(
        state: Sample.state([], counters: before), watermarks: [], totalBytes: 1, ballastBytes: 0)
      let observation = Observation(afterMount: 0, state: Sample.state([], counters: after))
      return metric.value(of: ComparedRun(path: "a", record: record, observations: [observation]))
    }
    #expect(value(.scannedPerFile) == nil, "without files there is nothing to count for")
    record.populate = WorkloadRecord(
      operations: 100, durationNanoseconds: 1, latency: LatencyHistogram(buckets: []))
    #expect(value(.scannedPerFile) == 3.35 && value(.reclaimedPerFile) == 2 && value(.migratedPerFile) == 1)
    #expect(value(.skippedPerFile) == 0.5)
    before["pgscan_direct"] = nil
    #expect(value(.scannedPerFile) == nil && value(.reclaimedPerFile) == 2)
    before["pgmigrate_success"] = 108
    #expect(value(.migratedPerFile) == nil, "a counter never goes backwards")
  }

  @Test func valuesAreInTheUnitOfTheName() {
    let run = ComparisonSample.run("a", milliseconds: 100, mounts: 3)
    // Three of 100 ms, and the one that stopped waited a second.
    #expect(Metric.totalTime.value(of: run) == 1.3 && Metric.totalTime.value(of: run, firstMounts: 3) == 0.3)
    #expect(Metric.mountMedian.value(of: run) == 100)
    // Of eight, five never came within their minute.
    #expect(Metric.restrictedMean.value(of: run) == 37_537.5)
    #expect(Metric.failoversComplete.value(of: run) == 0 && Metric.keptFree.value(of: run) == 1000.0 / 256)
    #expect(Metric.largeFreeBefore.value(of: run) == 6.25)
    #expect(Metric.firstStoppedMount.value(of: run) == 4 && Metric.mountsCompleted.value(of: run) == 3)
    // Only what grows with the mounts is cut to the first ones.
    #expect(Metric.mountsCompleted.value(of: run, firstMounts: 1) == 3)
    #expect(Metric.totalTime.value(of: run, firstMounts: 0) == nil)
  }
}
