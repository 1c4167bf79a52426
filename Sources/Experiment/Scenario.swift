/// What is done: the paper's experiment with all its quantities. The same scenario drives every testbed.
///
/// Every stored property is a key of a scenario file and an option of the command line; ``ScenarioKey`` has their names and
/// what may be given. The defaults stand here.
public struct Scenario: Equatable, Sendable, Codable {
  public var name: String
  public var summary: String
  /// What kernel it needs; it does not make one of the other.
  public var machine: MachineKind {
    get { machineKind ?? .any }
    set { machineKind = newValue == .any ? nil : newValue }
  }
  /// nil for any, as in earlier records.
  private var machineKind: MachineKind?
  /// The machine's memory, made by holding the rest back; nil leaves the machine as it is.
  public var memoryBytes: UInt64?
  /// How the rest is held back.
  public var memoryMethod: MemoryMethod {
    get { heldBackBy ?? .ballast }
    set { heldBackBy = newValue == .ballast ? nil : newValue }
  }
  /// nil for a ballast, as in earlier records.
  private var heldBackBy: MemoryMethod?
  /// Of the memory what is kept for pages that can be moved: a zone of its own, which no other allocation ever uses; nil leaves memory whole.
  public var movableBytes: UInt64?
  public var fileSystems: Int
  public var fileSystemBytes: UInt64
  /// How the volumes that fail over are made and mounted.
  public var volumes: VolumeFormat {
    get { volumeFormat ?? VolumeFormat() }
    set { volumeFormat = newValue == VolumeFormat() ? nil : newValue }
  }
  /// nil for what mkfs.xfs makes by itself, as in records before schema 3.
  private var volumeFormat: VolumeFormat?
  public var files: UInt64
  public var filesPerDirectory: UInt64
  public var rewrites: UInt64
  public var writeBytes: Int
  /// The paper's inode residency: reclaim takes no inodes (vm.vfs_cache_pressure = 0 on Linux).
  public var inodeResident: Bool
  public var pinBytes: UInt64
  /// The share of what would be pinned that stays pinned, 0 to 1, all else the same: 0 is the control of an experiment.
  public var doseShare: Double {
    get { dose ?? 1 }
    set { dose = newValue == 1 ? nil : newValue }
  }
  /// nil for 1, as in records before schema 3.
  private var dose: Double?
  public var pinBackend: PinBackend
  /// What the transient pages of environment 1 are.
  public var transientBackend: TransientBackend {
    get { transientPagesIn ?? .pipe }
    set { transientPagesIn = newValue == .pipe ? nil : newValue }
  }
  /// nil for pipes, as in earlier records.
  private var transientPagesIn: TransientBackend?
  /// Simulation environment 1 when set; it stands in place of populate, rewrite and pin.
  public var pattern: InjectionPattern?
  /// Pages of either kind that environment 1 injects; nil goes on until reclaim would begin, as the paper does.
  public var injectPages: UInt64?
  public var mountDemand: MountDemand
  public var demandRetry: DemandRetry
  public var mountTimeoutNanoseconds: UInt64
  /// What each service does once it is mounted.
  public var service: ServiceWork {
    get { serviceWork ?? ServiceWork() }
    set { serviceWork = newValue == ServiceWork() ? nil : newValue }
  }
  /// nil where it does nothing, as in records before schema 3.
  private var serviceWork: ServiceWork?
  /// Continue with the mounts after a stopped service (the paper's wait in vain).
  public var keepGoing: Bool
  /// Volumes with a dirty log, replayed by the failover mount.
  public var crashedVolumes: Bool
  /// Write out what the workload has left dirty before the failover, and wait for it: or else it is written while the mounts run, in some
  /// runs and not in others.
  public var flushesBeforeFailover: Bool {
    get { flushBeforeFailover ?? false }
    set { flushBeforeFailover = newValue ? true : nil }
  }
  /// nil where it is not done, as in records of schema 1.
  private var flushBeforeFailover: Bool?
  /// Between two mounts, on purpose, as some clusters do; nil mounts one after another.
  public var mountPauseNanoseconds: UInt64?
  public var sysctls: [SysctlSetting]
  /// Quantities of the simulated machine; the real one has its own.
  public var modelSettings: [ModelSetting]
  public var seed: UInt64

  public init(name: String) {
    self.name = name
    summary = ""
    machineKind = nil
    memoryBytes = nil
    heldBackBy = nil
    movableBytes = nil
    fileSystems = 128
    fileSystemBytes = 300 << 20
    volumeFormat = nil
    files = 900_000
    filesPerDirectory = 1_000
    rewrites = 900_000
    writeBytes = 16
    inodeResident = false
    pinBytes = 400 << 20
    dose = nil
    pinBackend = .pipe
    transientPagesIn = nil
    pattern = nil
    injectPages = nil
    mountDemand = .none
    demandRetry = .untilTimeout
    mountTimeoutNanoseconds = 60_000_000_000
    serviceWork = nil
    keepGoing = false
    crashedVolumes = false
    flushBeforeFailover = true
    mountPauseNanoseconds = nil
    sysctls = []
    modelSettings = []
    seed = 1
  }

  /// The phases of this scenario, in their order.
  public var phases: [Phase] {
    pattern == nil
      ? [.prepare, .settle, .populate, .rewrite, .pin, .failover, .teardown]
      : [.prepare, .settle, .inject, .failover, .teardown]
  }

  /// After which a file system counts as not restored.
  public var restoreTimeoutNanoseconds: UInt64 {
    mountTimeoutNanoseconds + (service.files > 0 ? service.timeoutNanoseconds : 0)
  }

  /// Whether a run takes blocks of memory from the kernel's zone.
  public var takesMemoryBlocks: Bool { movableBytes != nil || memoryBytes != nil && memoryMethod == .offline }

  /// Whether it pins anything, at its dose: one that does not is a control.
  public var fragments: Bool { doseShare > 0 && (pattern != nil || pinBytes > 0) }

  /// Pages to pin, at the dose.
  public var pinPages: UInt64 { UInt64((Double(pinBytes / 4096) * doseShare).rounded()) }
}

/// Which pages of environment 1's injection stay pinned: each with this probability, the others go with the transient ones.
public struct InjectionDose: Equatable, Sendable {
  public let share: Double
  public let seed: UInt64

  public static let whole = InjectionDose(share: 1, seed: 0)

  public init(share: Double, seed: UInt64) { (self.share, self.seed) = (share, seed) }

  /// Decides about one page after another.
  public struct Lot {
    private let threshold: UInt64
    private var random: RandomGenerator

    public init(_ dose: InjectionDose) {
      threshold = UInt64(dose.share * 4_294_967_296)
      random = RandomGenerator(seed: dose.seed)
    }

    public mutating func keeps() -> Bool { random.next() >> 32 < threshold }
  }
}

/// What a scenario needs of the kernel that it is run on.
public enum MachineKind: String, Sendable, Codable, CaseIterable {
  case any
  /// What in 2005 went without saying: page blocks are not grouped by mobility (Linux does since 2.6.24), and inodes lie in single pages.
  case as2005 = "as-2005"
}

/// How a large machine is made a small one.
public enum MemoryMethod: String, Sendable, Codable, CaseIterable {
  /// Huge pages that nobody uses (vm.nr_hugepages): at once, but watermarks and protections stay those of the large machine.
  case ballast
  /// Blocks of memory that are taken offline (/sys/devices/system/memory): the kernel computes watermarks and protections anew.
  case offline
}

/// How snapshot-like memory is pinned on a real kernel.
public enum PinBackend: String, Sendable, Codable, CaseIterable {
  /// Pages in pipes: unmovable, like the snapshot metadata of the paper.
  case pipe
  /// Anonymous locked pages, which compaction can move: the control that shows what "unmovable" does.
  case mlock
  /// Pages that a module of ours allocates one by one in the kernel (scripts/snapmeta), as the paper's authors did.
  case snapmeta
  /// The exceptions of a real device-mapper snapshot, made by writes to its origin (drivers/md/dm-snap.c).
  case dmSnapshot = "dm-snapshot"
}

/// What the transient pages of environment 1 are, which are given back at its end.
public enum TransientBackend: String, Sendable, Codable, CaseIterable {
  /// Pages in pipes: unmovable as the pinned ones, so that no kernel keeps the two apart.
  case pipe
  /// Pages of a file in memory (memfd_create(2)): movable, as the paper's data cache would be today.
  case memfd
}

/// Simulation environment 1: a number of pinned pages, then a number of transient ones, one page at a time, again and again.
public struct InjectionPattern: Equatable, Sendable, Codable {
  public let pinnedPages: Int
  public let transientPages: Int

  /// Allowed pages of either kind, in one turn.
  public static let range = 1...1024

  /// Both 1 to 1,024; nil otherwise.
  public init?(pinnedPages: Int, transientPages: Int) {
    guard Self.range.contains(pinnedPages), Self.range.contains(transientPages) else { return nil }
    self.pinnedPages = pinnedPages
    self.transientPages = transientPages
  }

  public var text: String { "\(pinnedPages):\(transientPages)" }

  static let form = ValueForm<InjectionPattern>(
    valueName: "pinned:transient",
    expected: "PINNED:TRANSIENT pages from \(range.lowerBound) to \(range.upperBound) each, such as 1:7"
  ) { text in
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let pinned = ByteSize.decimal(parts[0]), let transient = ByteSize.decimal(parts[1]) else {
      return nil
    }
    return InjectionPattern(pinnedPages: Int(clamping: pinned), transientPages: Int(clamping: transient))
  } text: {
    $0.text
  }
}
