/// What mounts of one kind of file system asked of the page allocator of one machine: the versioned record behind
/// `failover-bench profile`.
public struct AllocationProfile: Equatable, Sendable, Codable {
  public static let currentSchema = 1
  /// Tells the file from other JSON, run.json first of all.
  public static let currentKind = "failover-bench allocation profile"

  public var kind: String
  public var schema: Int
  /// Program and version.
  public var tool: String
  public var startedAtUnixNanoseconds: UInt64
  public var host: HostFacts
  /// As mount(8) names it.
  public var fileSystem: String
  public var fileSystemBytes: UInt64
  /// What `mkfs -V` says of itself; nil where it says nothing.
  public var mkfsVersion: String?
  /// In their order; each of a volume of its own, none unmounted before the last.
  public var mounts: [MountProfile]
  /// What this kernel does not tell, and why.
  public var unavailable: [Capabilities.Unavailable]
  /// ``demand`` as a text that `--mount-demand` takes; nil where there is none.
  public var mountDemand: String?

  public init(
    tool: String, startedAtUnixNanoseconds: UInt64, host: HostFacts, fileSystem: String, fileSystemBytes: UInt64,
    mkfsVersion: String?, mounts: [MountProfile], unavailable: [Capabilities.Unavailable]
  ) {
    kind = Self.currentKind
    schema = Self.currentSchema
    (self.tool, self.startedAtUnixNanoseconds, self.host) = (tool, startedAtUnixNanoseconds, host)
    (self.fileSystem, self.fileSystemBytes, self.mkfsVersion) = (fileSystem, fileSystemBytes, mkfsVersion)
    (self.mounts, self.unavailable) = (mounts, unavailable)
    mountDemand = demand?.text
  }

  /// Events that the kernel had no room for: with any, the counts are too low.
  public var lostEvents: UInt64 { mounts.reduce(0) { $0 &+ $1.lostEvents } }
}

/// One mount.
public struct MountProfile: Equatable, Sendable, Codable {
  /// From 1.
  public var number: Int
  /// Of the mount command, tracing included.
  public var durationNanoseconds: UInt64
  /// Each combination of order, migratetype and flags once; largest order first.
  public var allocations: [AllocationCount]
  /// Blocks asked for by interrupts that came meanwhile; in none of the other counts.
  public var interruptAllocations: UInt64
  /// By the mounting thread itself; nil where the kernel does not trace it.
  public var directReclaim: DirectWork?
  public var compaction: DirectWork?
  public var lostEvents: UInt64

  public init(
    number: Int, durationNanoseconds: UInt64, allocations: [AllocationCount], interruptAllocations: UInt64,
    directReclaim: DirectWork?, compaction: DirectWork?, lostEvents: UInt64
  ) {
    (self.number, self.durationNanoseconds, self.allocations) = (number, durationNanoseconds, allocations)
    (self.interruptAllocations, self.directReclaim) = (interruptAllocations, directReclaim)
    (self.compaction, self.lostEvents) = (compaction, lostEvents)
  }
}

/// Blocks of one kind that were asked for.
public struct AllocationCount: Equatable, Sendable, Codable {
  /// What one request is.
  public struct Kind: Hashable, Sendable, Codable {
    /// A block is 2^order pages.
    public var order: Int
    /// The kernel's number, and its name for it where /proc/pagetypeinfo tells.
    public var migrateType: Int
    public var migrateTypeName: String?
    /// As the kernel names them; empty for none.
    public var gfpFlags: [String]

    public init(order: Int, migrateType: Int, migrateTypeName: String?, gfpFlags: [String]) {
      (self.order, self.migrateType, self.migrateTypeName) = (order, migrateType, migrateTypeName)
      self.gfpFlags = gfpFlags
    }

    /// Page cache and memory of programs, which the kernel can move or take back; of the memory that a mount holds it is none.
    public var isMovable: Bool { migrateTypeName.map { $0 == "Movable" } ?? (migrateType == 1) }
  }

  public var kind: Kind
  /// Those that were given.
  public var blocks: UInt64
  /// Those that the kernel could not give.
  public var failed: UInt64

  public init(kind: Kind, blocks: UInt64, failed: UInt64) {
    (self.kind, self.blocks, self.failed) = (kind, blocks, failed)
  }
}

/// Reclaim or compaction that a thread did by itself, before it got its memory.
public struct DirectWork: Equatable, Sendable, Codable {
  public var calls: UInt64
  public var durationNanoseconds: UInt64
  /// Calls of which the beginning or the end is missing; their time is in no sum.
  public var incompleteCalls: UInt64

  public init(calls: UInt64 = 0, durationNanoseconds: UInt64 = 0, incompleteCalls: UInt64 = 0) {
    (self.calls, self.durationNanoseconds, self.incompleteCalls) = (calls, durationNanoseconds, incompleteCalls)
  }
}
