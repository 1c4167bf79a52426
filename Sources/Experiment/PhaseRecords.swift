/// When a phase ran.
public struct PhaseRecord: Equatable, Sendable, Codable {
  public let phase: Phase
  /// Since the start of the run.
  public let startedAtNanoseconds: UInt64
  /// nil while it runs, and for a phase that was cut off.
  public var durationNanoseconds: UInt64?
  /// nil in records of a model and of earlier versions.
  public var tool: ToolCost?
}

/// What this program's own processes, worker, helper and supervisor, took of the machine.
public struct ToolCost: Equatable, Sendable, Codable {
  /// Since the end of the phase before.
  public let cpuNanoseconds: UInt64
  /// At the end of the phase: their memory, counted once for each process (proc(5), VmRSS).
  public let residentBytes: UInt64
  /// Of it pages of files, which stand in the page cache: the executable, as a rule (RssFile).
  public let fileBytes: UInt64

  public init(cpuNanoseconds: UInt64, residentBytes: UInt64, fileBytes: UInt64) {
    (self.cpuNanoseconds, self.residentBytes, self.fileBytes) = (cpuNanoseconds, residentBytes, fileBytes)
  }
}

/// What the run started from, after settle: two runs can be compared only when these agree.
public struct StartState: Equatable, Sendable, Codable {
  /// Before the scenario's settings came into force.
  public let state: MemoryState
  /// With them.
  public let watermarks: [ZoneWatermarks]
  /// All memory the kernel manages.
  public let totalBytes: UInt64
  /// Of it held back to make the machine small.
  public let ballastBytes: UInt64
  /// nil in records of schema 1, of a model, and where /proc/pagetypeinfo cannot be read.
  public let memory: StartMemory?

  public init(
    state: MemoryState, watermarks: [ZoneWatermarks], totalBytes: UInt64, ballastBytes: UInt64,
    memory: StartMemory? = nil
  ) {
    (self.memory, self.state, self.watermarks, self.totalBytes) = (memory, state, watermarks, totalBytes)
    self.ballastBytes = ballastBytes
  }
}

/// Latencies as recorded by an HDR histogram of three significant digits: each value with how often it came.
public struct LatencyHistogram: Equatable, Sendable, Codable {
  public struct Bucket: Equatable, Sendable, Codable {
    /// The highest value that counts as this one.
    public let nanoseconds: UInt64
    public let count: UInt64

    public init(nanoseconds: UInt64, count: UInt64) {
      self.nanoseconds = nanoseconds
      self.count = count
    }
  }

  /// Ascending.
  public let buckets: [Bucket]

  public init(buckets: [Bucket]) { self.buckets = buckets }

  public var count: UInt64 { buckets.reduce(0) { $0 + $1.count } }

  /// The least recorded value that `percent` of all values do not exceed; nil when nothing was recorded.
  public func percentile(_ percent: Double) -> UInt64? {
    let total = count
    guard total > 0, percent >= 0, percent <= 100 else { return nil }
    let rank = max(1, UInt64((Double(total) * percent / 100).rounded(.up)))
    var seen: UInt64 = 0
    for bucket in buckets {
      seen += bucket.count
      if seen >= rank { return bucket.nanoseconds }
    }
    return buckets.last?.nanoseconds
  }
}

/// A populate or rewrite phase. One operation is open, write, close.
public struct WorkloadRecord: Equatable, Sendable, Codable {
  public let operations: UInt64
  public let durationNanoseconds: UInt64
  /// Of one operation; nil when there was none, and in records of schema 1.
  public private(set) var medianNanoseconds: UInt64?
  public private(set) var p99Nanoseconds: UInt64?
  /// All latencies. Those of a record are in a file of their own (`latency-PHASE.csv`); schema 1 had them here.
  public private(set) var latency: LatencyHistogram?

  public init(operations: UInt64, durationNanoseconds: UInt64, latency: LatencyHistogram) {
    (self.operations, self.durationNanoseconds, self.latency) = (operations, durationNanoseconds, latency)
    medianNanoseconds = latency.percentile(50)
    p99Nanoseconds = latency.percentile(99)
  }

  /// The least latency that `percent` of all do not exceed; nil when it is not known.
  public func percentile(_ percent: Int) -> UInt64? {
    if let latency { return latency.percentile(Double(percent)) }
    return percent == 50 ? medianNanoseconds : percent == 99 ? p99Nanoseconds : nil
  }

  /// Without the histogram, which is a megabyte of text.
  func withoutLatency() -> WorkloadRecord {
    var record = self
    record.latency = nil
    return record
  }
}

/// The pin phase.
public struct PinRecord: Equatable, Sendable, Codable {
  public let backend: PinBackend
  public let requestedPages: UInt64
  public let pinnedPages: UInt64
  public let durationNanoseconds: UInt64
  /// What was written to the origin of the snapshot to pin so many; nil for every other backend.
  public let originBytesWritten: UInt64?

  public init(
    backend: PinBackend, requestedPages: UInt64, pinnedPages: UInt64, durationNanoseconds: UInt64,
    originBytesWritten: UInt64? = nil
  ) {
    (self.originBytesWritten, self.backend, self.requestedPages) = (originBytesWritten, backend, requestedPages)
    (self.pinnedPages, self.durationNanoseconds) = (pinnedPages, durationNanoseconds)
  }
}

/// CPU time that was spent over the failover, from the first reading before its first mount to the first after its last. nil where the
/// system does not show it.
public struct FailoverCPU: Equatable, Sendable, Codable {
  public var durationNanoseconds: UInt64
  /// All processors, everything but idle and waiting for I/O; the clock of /proc/stat ticks every 10 ms.
  public var machineNanoseconds: UInt64?
  public var kswapdNanoseconds: UInt64?
  public var kcompactdNanoseconds: UInt64?
  /// The time of a kworker that ended on the way is lost: a lower bound.
  public var kworkersNanoseconds: UInt64?
  /// The thread that mounts, with its observations between the mounts.
  public var workerNanoseconds: UInt64?
  /// The process that asks for the demand.
  public var helperNanoseconds: UInt64?
  /// The process that watches.
  public var supervisorNanoseconds: UInt64?

  public init(durationNanoseconds: UInt64) { self.durationNanoseconds = durationNanoseconds }
}

/// The inject phase of environment 1.
public struct InjectRecord: Equatable, Sendable, Codable {
  public let pinnedPages: UInt64
  public let transientPages: UInt64
  public let durationNanoseconds: UInt64

  public init(pinnedPages: UInt64, transientPages: UInt64, durationNanoseconds: UInt64) {
    (self.pinnedPages, self.transientPages) = (pinnedPages, transientPages)
    self.durationNanoseconds = durationNanoseconds
  }
}
