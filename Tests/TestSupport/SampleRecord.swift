import Analysis
public import Experiment

/// A run of three mounts with everything in it that a record can hold.
public enum SampleRecord {
  public static let host = HostFacts(
    kernelRelease: "6.1.0-32-amd64", kernelVersion: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1", architecture: "x86_64",
    kernelCommandLine: "BOOT_IMAGE=/vmlinuz root=/dev/vda ro quiet", distribution: "Debian GNU/Linux 12 (bookworm)",
    cpuModel: "Intel(R) Xeon(R) CPU @ 1.80GHz", cpuCount: 2, memoryTotalBytes: 25_200_000_000, pageBytes: 4096,
    swapBytes: 0, isContainer: false, imageFileSystem: "ext4",
    settings: ["vm.min_free_kbytes": "67584", "vm.swappiness": "60"])

  public static var scenario: Scenario {
    var scenario = Scenario(name: "sample")
    scenario.summary = "three mounts, the last of which stops"
    scenario.memoryBytes = 4 << 30
    scenario.fileSystems = 4
    scenario.files = 10
    scenario.rewrites = 10
    scenario.pinBytes = 40_960
    scenario.mountDemand = .paper
    scenario.sysctls = [SysctlSetting("vm.min_free_kbytes=16384@failover")!]
    // Above 2^53: a Double would round it.
    scenario.seed = 18_446_744_073_709_551_557
    return scenario
  }

  public static func state(after mount: UInt64) -> MemoryState {
    MemoryState(
      takenAtNanoseconds: 9_007_199_254_740_993 + mount, pageBytes: 4096,
      zones: [
        .init(node: 0, name: "DMA32", freeBlocks: [100, 50, 25, 12, 6 - mount, 3, 1, 0, 0, 0, 2]),
        .init(node: 0, name: "Normal", freeBlocks: [1000 + mount, 500, 250, 0, 0, 0, 0, 0, 0, 0, 0]),
      ],
      freeBytes: 30_000_000 - mount * 1_000_000, dataCacheBytes: 200_000_000 - mount * 50_000_000,
      inodeSlabBytes: 900_000_000, dentrySlabBytes: 170_000_000, reclaimableSlabBytes: 1_100_000_000,
      unreclaimableSlabBytes: 90_000_000, pressure: .init(someMicroseconds: 1000 * mount, fullMicroseconds: 10 * mount),
      counters: [
        "allocstall_normal": 5 * mount, "allocstall_movable": mount, "compact_stall": 3 * mount,
        "pgsteal_kswapd": 1000 + 256 * mount, "pgsteal_direct": 20,
      ])
  }

  public static let observations = (0...3).map { Observation(afterMount: $0, state: state(after: UInt64($0))) }

  public static func mount(_ number: Int, _ outcome: MountOutcome) -> MountRecord {
    let isMet = if case .demandNotMet = outcome { false } else { true }
    return MountRecord(
      number: number, outcome: outcome, startedAtNanoseconds: UInt64(number - 1) * 50_000_000,
      elapsedNanoseconds: UInt64(number) * 50_000_000 - 200_000,
      mountDurationNanoseconds: isMet ? 12_000_000 : nil, threadCPUNanoseconds: isMet ? 4_000_000 : nil,
      sentinelDurationNanoseconds: isMet ? 300_000 : nil,
      demand: DemandRecord(
        demanded: MountDemand.paper.blocks, isMet: isMet, heldBlocks: isMet ? 12 : 0,
        durationNanoseconds: isMet ? 700_000 : 60_000_000_000, retries: isMet ? 0 : 4821, cpuNanoseconds: 650_000,
        conversationNanoseconds: 90_000),
      background: BackgroundCPU(kswapdNanoseconds: 1_000_000, kcompactdNanoseconds: 0),
      counterDeltas: ["allocstall_normal": 5, "allocstall_movable": 1, "compact_stall": 3, "pgsteal_kswapd": 256])
  }

  /// Of either phase of the workload.
  public static let latency = LatencyHistogram(
    buckets: [.init(nanoseconds: 40_000, count: 9), .init(nanoseconds: 1_500_000, count: 1)])

  public static let work = WorkloadRecord(operations: 10, durationNanoseconds: 2_000_000, latency: latency)

  /// On a machine that shows everything but the CPU time of kcompactd.
  public static var cpu: FailoverCPU {
    var cpu = FailoverCPU(durationNanoseconds: 150_000_000)
    cpu.machineNanoseconds = 120_000_000
    cpu.kswapdNanoseconds = 9_000_000
    cpu.kworkersNanoseconds = 4_000_000
    cpu.workerNanoseconds = 60_000_000
    cpu.helperNanoseconds = 3_000_000
    cpu.supervisorNanoseconds = 1_000_000
    return cpu
  }

  public static var record: RunRecord {
    var record = RunRecord(
      tool: "failover-bench 0.1.0", runID: "5f2c9a41d0b37e86", startedAtUnixNanoseconds: 1_131_012_900_000_000_001,
      arguments: ["run", "--scenario", "sample.yaml"], scenario: scenario, host: host)
    let start = StartState(
      state: state(after: 0),
      watermarks: [
        ZoneWatermarks(
          node: 0, name: "DMA32", managedPages: 500_000, minPages: 8, lowPages: 9, highPages: 10,
          protectionPages: [0, 0, 1000, 1000], kernelProtectionPages: 1000),
        ZoneWatermarks(
          node: 0, name: "Normal", managedPages: 5_000_000, minPages: 16_000, lowPages: 21_000, highPages: 26_000,
          protectionPages: [0, 0, 0]),
      ],
      totalBytes: 25_200_000_000, ballastBytes: 20_900_000_000)
    for event in [
      .phaseBegan(.prepare, atNanoseconds: 0), .warning("direct I/O was refused by the file system of the images"),
      .sysctl(key: "vm.nr_hugepages", before: "0", after: "9970"),
      .capabilities(
        Capabilities(unavailable: [.init(what: "pressure stall information", reason: "no /proc/pressure")])),
      .phaseEnded(.prepare, durationNanoseconds: 1_300_000_000), .started(start), .populated(work), .rewritten(work),
      .pinned(PinRecord(backend: .pipe, requestedPages: 10, pinnedPages: 10, durationNanoseconds: 5_000_000)),
      .injected(InjectRecord(pinnedPages: 1, transientPages: 7, durationNanoseconds: 9)),
      .phaseBegan(.failover, atNanoseconds: 2_000_000_000), .mount(mount(1, .mounted)), .mount(mount(2, .mounted)),
      .mount(mount(3, .demandNotMet(order: 4, errorNumber: 12))), .failoverCPU(cpu),
      .ended(.completed, Leftovers()),
    ] as [RunEvent] {
      record.apply(event)
    }
    record.sysctls[0].after = "0"
    record.summary = RunSummary(of: record, observations: observations)
    return record
  }
}
