/// How one mount of the failover ended.
public enum MountOutcome: Equatable, Sendable {
  /// In service: mounted, and the sentinel file inside has the right content.
  case mounted
  /// mount(2) failed.
  case failed(operation: String, errorNumber: Int32?, reason: String)
  /// Mounted, but the sentinel file is missing or wrong: no service.
  case sentinelWrong(reason: String)
  /// Mounted, but so many files of the service's work could not be written or read back.
  case degraded(failed: UInt64, of: UInt64, reason: String)
  /// The contiguous blocks it demands could not be had; the real mount was not tried.
  case demandNotMet(order: Int, errorNumber: Int32?)
  /// Memory ran out while the service asked for it: the OOM killer came, or would have come next.
  case outOfMemory(reason: String)
  /// Not done after the mount timeout.
  case timedOut
  /// Not done after the mount timeout, and the thread in mount(2) cannot be killed.
  case stuck

  public var isInService: Bool { self == .mounted }

  /// In service, or mounted with files that failed: nothing holds back the mount after it.
  public var isMounted: Bool {
    if case .degraded = self { true } else { isInService }
  }

  /// The outcome in one word of the exported tables.
  public var word: String {
    switch self {
    case .mounted: "mounted"
    case .failed: "failed"
    case .sentinelWrong: "sentinel-wrong"
    case .degraded: "degraded"
    case .demandNotMet: "demand-not-met"
    case .outOfMemory: "out-of-memory"
    case .timedOut: "timed-out"
    case .stuck: "stuck"
    }
  }

  /// What happened in words; empty for a service that is up.
  public var explanation: String {
    switch self {
    case .mounted: ""
    case .failed(let operation, _, let reason): "\(operation): \(reason)"
    case .sentinelWrong(let reason), .outOfMemory(let reason): reason
    case .degraded(let failed, let files, let reason): "\(failed) of \(files) files of the service failed: \(reason)"
    case .demandNotMet(let order, _): "no contiguous block of \(4 << order) kB could be had"
    case .timedOut: "not mounted within the mount timeout"
    case .stuck: "not mounted within the mount timeout, and the mount cannot be interrupted"
    }
  }
}

extension MountOutcome: Codable {
  private enum Keys: String, CodingKey { case result, operation, errorNumber, reason, order, failed, files }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Keys.self)
    let result = try values.decode(String.self, forKey: .result)
    switch result {
    case "mounted": self = .mounted
    case "failed":
      self = .failed(
        operation: try values.decode(String.self, forKey: .operation),
        errorNumber: try values.decodeIfPresent(Int32.self, forKey: .errorNumber),
        reason: try values.decode(String.self, forKey: .reason))
    case "sentinel-wrong": self = .sentinelWrong(reason: try values.decode(String.self, forKey: .reason))
    case "degraded":
      self = .degraded(
        failed: try values.decode(UInt64.self, forKey: .failed), of: try values.decode(UInt64.self, forKey: .files),
        reason: try values.decode(String.self, forKey: .reason))
    case "demand-not-met":
      self = .demandNotMet(
        order: try values.decode(Int.self, forKey: .order),
        errorNumber: try values.decodeIfPresent(Int32.self, forKey: .errorNumber))
    case "out-of-memory": self = .outOfMemory(reason: try values.decode(String.self, forKey: .reason))
    case "timed-out": self = .timedOut
    case "stuck": self = .stuck
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .result, in: values, debugDescription: "unknown mount result '\(result.prefix(40))'")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Keys.self)
    try values.encode(word, forKey: .result)
    switch self {
    case .mounted, .timedOut, .stuck: break
    case .failed(let operation, let errorNumber, let reason):
      try values.encode(operation, forKey: .operation)
      try values.encodeIfPresent(errorNumber, forKey: .errorNumber)
      try values.encode(reason, forKey: .reason)
    case .degraded(let failed, let files, let reason):
      try values.encode(failed, forKey: .failed)
      try values.encode(files, forKey: .files)
      try values.encode(reason, forKey: .reason)
    case .sentinelWrong(let reason), .outOfMemory(let reason): try values.encode(reason, forKey: .reason)
    case .demandNotMet(let order, let errorNumber):
      try values.encode(order, forKey: .order)
      try values.encodeIfPresent(errorNumber, forKey: .errorNumber)
    }
  }
}

/// The contiguous blocks that one mount demanded, apart from the real mount.
public struct DemandRecord: Equatable, Sendable, Codable {
  public let demanded: [MountDemand.Blocks]
  public let isMet: Bool
  public let heldBlocks: UInt64
  /// By the clock of the process that asks: what it takes to tell it, and to hear of it, is ``conversationNanoseconds``. In records of
  /// schema 1 that is part of it.
  public let durationNanoseconds: UInt64
  /// How often a block had to be asked for again.
  public let retries: UInt64
  /// CPU time of the thread that asks; nil in records of schema 1 and in those of a model.
  public let cpuNanoseconds: UInt64?
  /// In no service's time, as the pause between two mounts; nil as above.
  public let conversationNanoseconds: UInt64?

  public init(
    demanded: [MountDemand.Blocks], isMet: Bool, heldBlocks: UInt64, durationNanoseconds: UInt64, retries: UInt64,
    cpuNanoseconds: UInt64? = nil, conversationNanoseconds: UInt64? = nil
  ) {
    (self.cpuNanoseconds, self.conversationNanoseconds) = (cpuNanoseconds, conversationNanoseconds)
    (self.demanded, self.isMet, self.heldBlocks) = (demanded, isMet, heldBlocks)
    (self.durationNanoseconds, self.retries) = (durationNanoseconds, retries)
  }
}

/// CPU time that the kernel's threads spent from the observation before a mount to the one after it; nil where the system does not show
/// it.
public struct BackgroundCPU: Equatable, Sendable, Codable {
  public let kswapdNanoseconds: UInt64?
  public let kcompactdNanoseconds: UInt64?
  /// In records of schema 1 only, as the next: to read them took longer than a mount. They are in ``FailoverCPU`` now.
  public let kworkerNanoseconds: UInt64?
  public let machineNanoseconds: UInt64?

  public init(
    kswapdNanoseconds: UInt64? = nil, kcompactdNanoseconds: UInt64? = nil, kworkerNanoseconds: UInt64? = nil,
    machineNanoseconds: UInt64? = nil
  ) {
    (self.kswapdNanoseconds, self.kcompactdNanoseconds) = (kswapdNanoseconds, kcompactdNanoseconds)
    (self.kworkerNanoseconds, self.machineNanoseconds) = (kworkerNanoseconds, machineNanoseconds)
  }
}

/// One mount of the failover: its times, its outcome, what the kernel did meanwhile.
public struct MountRecord: Equatable, Sendable, Codable {
  /// 1 for the first file system, as the paper counts.
  public let number: Int
  public let outcome: MountOutcome
  /// From the start of the failover to the start of this mount.
  public let startedAtNanoseconds: UInt64
  /// From the start of the failover to the end of this mount, whichever it was; nil in records of schema 1.
  public let elapsedNanoseconds: UInt64?
  /// Wall time of mount(2) through libmount; nil when it was not tried.
  public let mountDurationNanoseconds: UInt64?
  /// CPU time of the mounting thread in it.
  public let threadCPUNanoseconds: UInt64?
  /// Wall time of reading the sentinel back; nil when it was not tried.
  public let sentinelDurationNanoseconds: UInt64?
  /// nil when the scenario demands nothing.
  public let demand: DemandRecord?
  /// nil where the service does nothing but mount, or was not mounted.
  public let service: ServiceRecord?
  public let background: BackgroundCPU
  /// How much each counter of ``MemoryState/counters`` grew from the observation before this mount to the one after it.
  public let counterDeltas: [String: UInt64]

  public init(
    number: Int, outcome: MountOutcome, startedAtNanoseconds: UInt64, elapsedNanoseconds: UInt64? = nil,
    mountDurationNanoseconds: UInt64?, threadCPUNanoseconds: UInt64?, sentinelDurationNanoseconds: UInt64?,
    demand: DemandRecord?, service: ServiceRecord? = nil, background: BackgroundCPU = BackgroundCPU(),
    counterDeltas: [String: UInt64] = [:]
  ) {
    (self.elapsedNanoseconds, self.number, self.outcome) = (elapsedNanoseconds, number, outcome)
    (self.startedAtNanoseconds, self.mountDurationNanoseconds) = (startedAtNanoseconds, mountDurationNanoseconds)
    self.threadCPUNanoseconds = threadCPUNanoseconds
    (self.sentinelDurationNanoseconds, self.demand) = (sentinelDurationNanoseconds, demand)
    self.service = service
    (self.background, self.counterDeltas) = (background, counterDeltas)
  }

  /// From the turn of this file system to its service: demand, mount, sentinel and the service's work. The curve of Fig. 11 adds these up.
  public var serviceDurationNanoseconds: UInt64 {
    (demand?.durationNanoseconds ?? 0) + (mountDurationNanoseconds ?? 0) + (sentinelDurationNanoseconds ?? 0)
      + (service?.durationNanoseconds ?? 0)
  }

  /// From the start of the failover to the end of this mount, also where a record of schema 1 does not say so.
  public var endedAtNanoseconds: UInt64 { elapsedNanoseconds ?? startedAtNanoseconds + serviceDurationNanoseconds }
}

/// What a mount's line in a table needs of the rest of the run.
public struct MountContext: Equatable, Sendable {
  /// The curve of Fig. 11: all service times up to and with this mount.
  public private(set) var cumulativeNanoseconds: UInt64 = 0
  /// From the end of the mount before, or the start of the failover, to the start of this one.
  public private(set) var pauseNanoseconds: UInt64 = 0
  private var endedAtNanoseconds: UInt64 = 0
  /// Those of the start state.
  public var watermarks: [ZoneWatermarks]

  public init(watermarks: [ZoneWatermarks] = []) { self.watermarks = watermarks }

  /// Goes on to `mount`, the next of the run.
  public mutating func add(_ mount: MountRecord) {
    cumulativeNanoseconds += mount.serviceDurationNanoseconds
    pauseNanoseconds = mount.startedAtNanoseconds - min(mount.startedAtNanoseconds, endedAtNanoseconds)
    endedAtNanoseconds = mount.endedAtNanoseconds
  }
}

/// The memory before the first mount (`afterMount` 0) and after each.
public struct Observation: Equatable, Sendable, Codable {
  public let afterMount: Int
  public let state: MemoryState

  public init(afterMount: Int, state: MemoryState) {
    self.afterMount = afterMount
    self.state = state
  }
}
