/// Everything that is known of one run: what is in `run.json`.
///
/// Versioned: a reader refuses a schema that is newer than its own.
public struct RunRecord: Equatable, Sendable, Codable {
  /// 2: the failover's CPU time as a whole (`failoverCPU`) in place of that of kworkers and machine for each mount; `elapsedNanoseconds` of a
  /// mount; the outcome `out-of-memory`; the data cache by the LRU lists; percentiles of the workload in place of its histogram.
  /// 3: how volumes are made and mounted, the services' work and the outcome `degraded`, the dose; what was asked of the page allocator.
  public static let currentSchema = 3

  public enum Status: String, Sendable, Codable {
    /// Being written; a record found so was left by a run that was killed.
    case running
    /// The experiment came to its end (which may be a stopped service).
    case complete
    /// Cut off: what is there is valid, the rest is missing.
    case incomplete
  }

  public var schema: Int
  public var tool: String
  public var runID: String
  public var status: Status
  /// Why it is incomplete; nil otherwise.
  public var incompleteReason: String?
  public var startedAtUnixNanoseconds: UInt64
  public var arguments: [String]
  public var scenario: Scenario
  public var host: HostFacts
  public var capabilities: Capabilities?
  public var warnings: [String]
  /// Settings that the run changed: as found, as set, and as they were after the restore.
  public var sysctls: [SysctlRecord]
  public var phases: [PhaseRecord]
  public var start: StartState?
  public var populate: WorkloadRecord?
  public var rewrite: WorkloadRecord?
  public var pin: PinRecord?
  public var inject: InjectRecord?
  public var mounts: [MountRecord]
  /// As they stood when the failover began; nil where they were those of the start, and in records of schema 1.
  public var failoverWatermarks: [ZoneWatermarks]?
  public var failoverCPU: FailoverCPU?
  /// The work of all services; one operation is to create and write one file. nil where they do nothing but mount.
  public var service: WorkloadRecord?
  /// What the mounts and the services asked of the page allocator; nil where it was not traced. `allocations.csv` has it mount by mount.
  public var allocations: AllocationTotals?
  public var leftovers: Leftovers?
  /// Whether it was made together with a control, by `run --control` or a sweep of the dose; nil where it was not.
  public var isBesideControl: Bool?
  public var summary: RunSummary?

  public init(
    tool: String, runID: String, startedAtUnixNanoseconds: UInt64, arguments: [String], scenario: Scenario,
    host: HostFacts
  ) {
    schema = Self.currentSchema
    self.tool = tool
    self.runID = runID
    status = .running
    (self.startedAtUnixNanoseconds, self.arguments, self.scenario) = (startedAtUnixNanoseconds, arguments, scenario)
    self.host = host
    warnings = []
    sysctls = []
    phases = []
    mounts = []
  }

  /// Takes in one event. Progress, raw texts and observations leave the record as it is: they are kept elsewhere.
  public mutating func apply(_ event: RunEvent) {
    switch event {
    case .phaseBegan(let phase, let at): phases.append(PhaseRecord(phase: phase, startedAtNanoseconds: at))
    case .phaseEnded(let phase, let duration):
      if let index = phases.lastIndex(where: { $0.phase == phase }) { phases[index].durationNanoseconds = duration }
    case .toolCost(let phase, let cost):
      if let index = phases.lastIndex(where: { $0.phase == phase }) { phases[index].tool = cost }
    case .capabilities(let value): capabilities = value
    case .warning(let text): if !warnings.contains(text) { warnings.append(text) }
    case .sysctl(let key, let before, let after):
      if let index = sysctls.firstIndex(where: { $0.key == key }) {
        sysctls[index].duringRun = after
      } else {
        sysctls.append(SysctlRecord(key: key, before: before, duringRun: after))
      }
    case .started(let value): start = value
    case .populated(let value): populate = value.withoutLatency()
    case .rewritten(let value): rewrite = value.withoutLatency()
    case .pinned(let value): pin = value
    case .injected(let value): inject = value
    case .mount(let value): mounts.append(value)
    case .failoverWatermarks(let value): failoverWatermarks = value == start?.watermarks ? nil : value
    case .served(let value): service = value.withoutLatency()
    case .failoverCPU(let value): failoverCPU = value
    case .allocations(let value): allocations = AllocationTotals(value)
    case .ended(.completed, let left):
      status = .complete
      leftovers = left
    case .ended(.failed(let failure), let left):
      status = .incomplete
      incompleteReason = failure.description
      leftovers = left
    case .progress, .rawTexts, .observation: break
    }
  }

  /// The watermarks that the mounts meet; empty where they are not known.
  public var watermarks: [ZoneWatermarks] { failoverWatermarks ?? start?.watermarks ?? [] }

  /// What ZONE_MOVABLE managed when the failover began: by memory-division, or since boot.
  public var movableBytes: UInt64 { watermarks.movablePages * host.pageBytes }

  /// What was pinned, in either of the paper's two ways; nil where nothing was.
  public var pinnedBytes: UInt64? { (pin?.pinnedPages ?? inject?.pinnedPages).map { $0 * host.pageBytes } }

  /// Whether it is incomplete because somebody has asked for its end.
  public var wasStoppedByHand: Bool {
    status == .incomplete && incompleteReason == TestbedFailure.cancelled.description
  }

  /// Marks a run that was cut off before its testbed could tell.
  public mutating func cutOff(_ reason: String) {
    status = .incomplete
    incompleteReason = reason
  }
}

/// A kernel setting before, during and after the run; `after` is read once everything is put back.
public struct SysctlRecord: Equatable, Sendable, Codable {
  public let key: String
  public let before: String
  public var duringRun: String
  public var after: String?
}

/// The machine a run was done on.
public struct HostFacts: Equatable, Sendable, Codable {
  /// What a record of the simulated machine has for ``architecture``.
  public static let modelArchitecture = "model"

  public var kernelRelease: String
  public var kernelVersion: String
  public var architecture: String
  public var kernelCommandLine: String
  public var distribution: String?
  public var cpuModel: String?
  public var cpuCount: Int
  public var memoryTotalBytes: UInt64
  public var pageBytes: UInt64
  public var swapBytes: UInt64
  public var isContainer: Bool
  /// The file system that holds the images, as statfs(2) names it.
  public var imageFileSystem: String?
  /// Read at the start: settings that matter to memory, whether or not the run changes them.
  public var settings: [String: String]
  /// Of the boot that the run was made in (random(4), boot_id); nil in earlier records and in those of a model.
  public var bootID: String?

  public init(
    kernelRelease: String, kernelVersion: String, architecture: String, kernelCommandLine: String,
    distribution: String?,
    cpuModel: String?, cpuCount: Int, memoryTotalBytes: UInt64, pageBytes: UInt64, swapBytes: UInt64, isContainer: Bool,
    imageFileSystem: String?, settings: [String: String]
  ) {
    (self.kernelRelease, self.kernelVersion, self.architecture) = (kernelRelease, kernelVersion, architecture)
    (self.kernelCommandLine, self.distribution, self.cpuModel) = (kernelCommandLine, distribution, cpuModel)
    (self.cpuCount, self.memoryTotalBytes, self.pageBytes) = (cpuCount, memoryTotalBytes, pageBytes)
    (self.swapBytes, self.isContainer, self.imageFileSystem) = (swapBytes, isContainer, imageFileSystem)
    self.settings = settings
  }
}

/// The figures at the end of a run. Those that the run did not get to, or the system does not show, are nil.
public struct RunSummary: Equatable, Sendable, Codable {
  public var mountsRequested: Int
  /// Volumes that were mounted and have their sentinel.
  public var mountsCompleted: Int
  /// Of them those whose service could not do all of its work; nil where services do nothing but mount.
  public var servicesDegraded: Int?
  /// Files that services could not write and read back; nil as above.
  public var serviceFilesFailed: UInt64?
  /// The first file system that did not come into service, counted from 1.
  public var firstStoppedMount: Int?
  public var firstStoppedExplanation: String?
  /// Sum of demand, mount, sentinel and the services' work over all mounts that were tried.
  public var totalNanoseconds: UInt64
  /// Of it spent in mount(2) and in the demand.
  public var mountNanoseconds: UInt64
  public var demandNanoseconds: UInt64
  /// Over the services that were mounted, degraded or not.
  public var medianNanoseconds: UInt64?
  public var p99Nanoseconds: UInt64?
  public var maximumNanoseconds: UInt64?
  /// Free memory in blocks of 64 kB or more before the first and after the last mount.
  public var largeFreeBytesBefore: UInt64?
  public var largeFreeBytesAfter: UInt64?
  /// What the free lists hold.
  public var freeBytesBefore: UInt64?
  public var freeBytesAfter: UInt64?
  /// Of the memory in blocks of 64 kB or more what the kernel can have; see ``MemoryState/usableFreeBytes(fromOrder:_:)``.
  public var usableLargeFreeBytesBefore: UInt64?
  public var usableLargeFreeBytesAfter: UInt64?
  /// From the start of the failover to the end of its last mount.
  public var elapsedNanoseconds: UInt64?
  /// Between two mounts, over all but the first; nil with fewer than two.
  public var pauseMedianNanoseconds: UInt64?
  /// Of the elapsed time what belongs to no service, 0 to 1: the pauses, and the conversation about the demands.
  public var pauseShare: Double?
  /// What MemFree counts and the free lists do not hold; see ``MemoryState/unlistedFreeBytes``.
  public var unlistedFreeBytesBefore: UInt64?
  public var unlistedFreeBytesAfter: UInt64?
  /// Unusable-free-space index at the order of 64 kB, before the first mount: of the zones that serve the kernel, as far as they are known.
  public var unusableFreeSpaceIndexBefore: Double?
  /// Times a task had to reclaim, or to compact, by itself before it got its memory, over the failover.
  public var allocationStalls: UInt64?
  public var compactionStalls: UInt64?

  public init(
    mountsRequested: Int, mountsCompleted: Int, totalNanoseconds: UInt64, mountNanoseconds: UInt64,
    demandNanoseconds: UInt64
  ) {
    (self.mountsRequested, self.mountsCompleted) = (mountsRequested, mountsCompleted)
    (self.totalNanoseconds, self.mountNanoseconds) = (totalNanoseconds, mountNanoseconds)
    self.demandNanoseconds = demandNanoseconds
  }

  /// Services that came up.
  public var servicesCompleted: Int { mountsCompleted - (servicesDegraded ?? 0) }
}
