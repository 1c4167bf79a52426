import Experiment

@testable import Analysis

/// Runs with known times, for comparisons whose verdicts are known.
enum ComparisonSample {
  /// A run of `mounts` services of `milliseconds` each, the one after them stopped where fewer than eight are asked for.
  static func run(
    _ id: String, milliseconds: Double, mounts: Int = 8, sysctl: String? = nil, memory: UInt64 = 4 << 30,
    startFree: UInt64 = 1 << 30, kernel: String = "6.18", architecture: String = "x86_64", at seconds: UInt64 = 0,
    highPages: UInt64 = 1000, status: RunRecord.Status = .complete
  ) -> ComparedRun {
    var records = (1...8).prefix(mounts).map { Sample.mount($0, mount: UInt64(milliseconds * 1e6)) }
    if mounts < 8 { records.append(Sample.mount(mounts + 1, .timedOut, mount: 1_000_000_000)) }
    var record = Sample.record(fileSystems: 8, records)
    record.runID = id
    record.status = status
    record.host.kernelRelease = kernel
    record.host.architecture = architecture
    record.startedAtUnixNanoseconds = seconds * 1_000_000_000
    if let sysctl { try? record.scenario.set(.sysctl, sysctl) }
    record.scenario.memoryBytes = memory
    record.start = StartState(
      state: Sample.state([startFree / 4096 - 1600, 0, 0, 0, 100], free: startFree),
      watermarks: [
        ZoneWatermarks(
          node: 0, name: "Normal", managedPages: 1 << 20, minPages: 100, lowPages: 500, highPages: highPages,
          protectionPages: [])
      ], totalBytes: memory, ballastBytes: 0)
    let counters: [String: UInt64] = ["allocstall_normal": 0, "compact_stall": 0]
    return ComparedRun(
      path: "results/\(id)", record: record,
      observations: [0, 1].map {
        Observation(afterMount: $0, state: Sample.state([0, 0, 0, 0, 100], free: 1 << 20, counters: counters))
      })
  }

  /// Two sides measured in turns: a run of the base, then one of the new side, and so on.
  static func turns(_ base: [Double], _ new: [Double], newMounts: Int = 8) -> (
    base: ComparisonSide, new: ComparisonSide
  ) {
    func side(_ name: String, _ times: [Double], _ mounts: Int, _ shift: UInt64) -> ComparisonSide {
      ComparisonSide(
        path: name,
        runs: times.enumerated().map {
          run("\(name)-\($0)", milliseconds: $1, mounts: mounts, at: UInt64($0) * 100 + shift)
        })
    }
    return (side("base", base, 8, 0), side("new", new, newMounts, 50))
  }

  /// The same side with so many seconds to create the files, in its first run; a hundredth more in each of the next.
  static func side(_ side: ComparisonSide, populateSeconds: Double) -> ComparisonSide {
    ComparisonSide(
      path: side.path,
      runs: side.runs.enumerated().map { run($1, populateSeconds: populateSeconds * (1 + Double($0) / 100)) })
  }

  static func run(_ run: ComparedRun, populateSeconds: Double) -> ComparedRun {
    var record = run.record
    record.populate = WorkloadRecord(
      operations: 1000, durationNanoseconds: UInt64(populateSeconds * 1e9), latency: LatencyHistogram(buckets: []))
    return ComparedRun(path: run.path, record: record, observations: run.observations)
  }

  static func side(_ name: String, _ milliseconds: [Double], mounts: Int = 8, sysctl: String? = nil) -> ComparisonSide {
    ComparisonSide(
      path: name,
      runs: milliseconds.enumerated().map { run("\(name)-\($0)", milliseconds: $1, mounts: mounts, sysctl: sysctl) })
  }
}
