/// What a failover asked of the page allocator, mount by mount, from the kernel's own trace.
public struct AllocationTrace: Equatable, Sendable, Codable {
  /// What the mounter was at.
  public enum Part: String, CaseIterable, Sendable, Codable {
    /// The blocks that the scenario demands for a mount; the helper asks for them, so they are the others'.
    case demand
    /// mount(2), through libmount.
    case mount
    /// The sentinel, and the service's work.
    case service
  }

  public enum Asker: String, CaseIterable, Sendable, Codable {
    /// The thread that mounts and does the service's work.
    case own
    /// Whoever else ran meanwhile: kswapd, kcompactd, kworkers, other programs, interrupts.
    case others
  }

  public enum Event: String, CaseIterable, Sendable, Codable {
    /// A block of ``leastOrder`` or more was given.
    case allocation
    /// It could not be given.
    case failedAllocation = "failed-allocation"
    /// The lists of a migratetype had no block, and those of another gave one; whatever its order.
    case fallback
    /// kswapd slept and was woken.
    case kswapdWakeup = "kswapd-wakeup"
    case compaction
    /// By the task itself, before it got its memory; kswapd's is none.
    case directReclaim = "direct-reclaim"
    /// XFS's metadata buffers: in a contiguous block, in a slab, in single pages, and in single pages because there was no block.
    case bufferFolio = "xfs-buffer-folio"
    case bufferKmem = "xfs-buffer-kmem"
    case bufferVmalloc = "xfs-buffer-vmalloc"
    case bufferFallback = "xfs-buffer-fallback"
  }

  /// One kind of event in one part of one mount. What an event does not have is nil.
  public struct Row: Equatable, Sendable, Codable {
    public var mount: Int
    public var part: Part
    public var asker: Asker
    public var event: Event
    /// Of 2^order pages.
    public var order: Int?
    /// By its name where /proc/pagetypeinfo tells, else the kernel's number.
    public var migrateType: String?
    /// That of the lists which gave the block.
    public var fallbackMigrateType: String?
    /// Whether the task might reclaim and compact by itself.
    public var allowsDirectReclaim: Bool?
    public var count: UInt64
    /// nil for what takes no time, and for calls of which the beginning or the end is missing.
    public var durationNanoseconds: UInt64?

    public init(
      mount: Int, part: Part, asker: Asker, event: Event, order: Int? = nil, migrateType: String? = nil,
      fallbackMigrateType: String? = nil, allowsDirectReclaim: Bool? = nil, count: UInt64,
      durationNanoseconds: UInt64? = nil
    ) {
      (self.mount, self.part, self.asker, self.event, self.order) = (mount, part, asker, event, order)
      (self.migrateType, self.fallbackMigrateType) = (migrateType, fallbackMigrateType)
      (self.allowsDirectReclaim, self.count) = (allowsDirectReclaim, count)
      self.durationNanoseconds = durationNanoseconds
    }
  }

  /// Smaller blocks are not traced: SLUB asks for order 3 first, and up to it the allocator does not fail (PAGE_ALLOC_COSTLY_ORDER in
  /// include/linux/mmzone.h).
  public static let leastOrder = 3

  /// In the order of the mounts.
  public var rows: [Row]
  /// What this kernel does not tell: without rows, which does not mean that it did not happen.
  public var unavailable: [Event]
  /// Events that the kernel had no room for: with any, the counts are too low.
  public var lostEvents: UInt64
  /// Events between the parts, such as those of the observations: in no row.
  public var eventsOutside: UInt64
  /// Memory that the trace's buffers take of the machine, from the beginning of the run.
  public var bufferBytes: UInt64

  public init(rows: [Row], unavailable: [Event], lostEvents: UInt64, eventsOutside: UInt64, bufferBytes: UInt64) {
    (self.rows, self.unavailable, self.lostEvents) = (rows, unavailable, lostEvents)
    (self.eventsOutside, self.bufferBytes) = (eventsOutside, bufferBytes)
  }
}

/// What the thread that mounts asked of the page allocator over the whole failover. What the kernel does not tell is nil, never 0.
public struct AllocationTotals: Equatable, Sendable, Codable {
  public struct Blocks: Equatable, Sendable, Codable {
    public let order: Int
    public let part: AllocationTrace.Part
    public let given: UInt64
    public let failed: UInt64

    public init(order: Int, part: AllocationTrace.Part, given: UInt64, failed: UInt64) {
      (self.order, self.part, self.given, self.failed) = (order, part, given, failed)
    }
  }

  /// The largest first; none below ``AllocationTrace/leastOrder``.
  public var blocks: [Blocks]?
  public var compaction: DirectWork?
  public var directReclaim: DirectWork?
  /// Blocks taken from the lists of another migratetype.
  public var fallbacks: UInt64?
  public var kswapdWakeups: UInt64?
  /// Compaction by others while a service was under way: kcompactd's, first of all.
  public var othersCompaction: DirectWork?
  /// With any, all of this is too low.
  public var lostEvents: UInt64
  public var bufferBytes: UInt64
}

extension AllocationTotals {
  public init(_ trace: AllocationTrace) {
    let own = trace.rows.filter { $0.asker == .own }
    func ifTold<Value>(_ event: AllocationTrace.Event, _ value: @autoclosure () -> Value) -> Value? {
      trace.unavailable.contains(event) ? nil : value()
    }
    func count(_ event: AllocationTrace.Event) -> UInt64 {
      own.reduce(0) { $1.event == event ? $0 &+ $1.count : $0 }
    }
    func work(_ event: AllocationTrace.Event, _ rows: [AllocationTrace.Row]) -> DirectWork {
      rows.reduce(into: DirectWork()) { work, row in
        guard row.event == event else { return }
        if let duration = row.durationNanoseconds {
          work.calls &+= row.count
          work.durationNanoseconds &+= duration
        } else {
          work.incompleteCalls &+= row.count
        }
      }
    }
    self.init(
      blocks: ifTold(.allocation, Self.blocks(own)), compaction: ifTold(.compaction, work(.compaction, own)),
      directReclaim: ifTold(.directReclaim, work(.directReclaim, own)), fallbacks: ifTold(.fallback, count(.fallback)),
      kswapdWakeups: ifTold(.kswapdWakeup, count(.kswapdWakeup)),
      othersCompaction: ifTold(.compaction, work(.compaction, trace.rows.filter { $0.asker == .others })),
      lostEvents: trace.lostEvents, bufferBytes: trace.bufferBytes)
  }

  private static func blocks(_ rows: [AllocationTrace.Row]) -> [Blocks] {
    var given: [Int: [AllocationTrace.Part: UInt64]] = [:]
    var failed = given
    for row in rows {
      guard let order = row.order else { continue }
      switch row.event {
      case .allocation: given[order, default: [:]][row.part, default: 0] &+= row.count
      case .failedAllocation: failed[order, default: [:]][row.part, default: 0] &+= row.count
      default: continue
      }
    }
    return Set(given.keys).union(failed.keys).sorted(by: >).flatMap { order in
      AllocationTrace.Part.allCases.compactMap { part in
        let (got, missed) = (given[order]?[part] ?? 0, failed[order]?[part] ?? 0)
        return got + missed == 0 ? nil : Blocks(order: order, part: part, given: got, failed: missed)
      }
    }
  }
}
