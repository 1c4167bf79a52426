import Experiment
import KernelText

/// Adds up what the trace of a failover tells, mount by mount and part by part.
struct FailoverTally {
  /// What is counted together.
  private struct Kind: Hashable {
    var window: Int
    var asker: AllocationTrace.Asker
    var event: AllocationTrace.Event
    var order: Int?
    var migrateType: Int?
    var fallback: Int?
    var allowsDirectReclaim: Bool?
    /// Of calls with a beginning and an end.
    var hasDuration = false
  }

  private let windows: FailoverWindows
  private let thread: Int
  private var counts: [Kind: (count: UInt64, microseconds: UInt64)] = [:]
  private var calls = DirectWorkPairs()
  private var eventsOutside: UInt64 = 0

  /// - Parameter thread: the mounter, as the kernel itself counts.
  init(_ windows: FailoverWindows, thread: Int) {
    (self.windows, self.thread) = (windows, thread)
  }

  /// Takes a line of tracefs' `trace`.
  mutating func take(line: String) throws(KernelTextError) {
    guard let event = try AllocatorEvent.parse(line: line) else { return }
    let context = event.context
    let asker = context.pid == thread && !context.isInInterrupt ? AllocationTrace.Asker.own : .others
    if case .work(let work) = event.kind { return take(work, asker) }
    guard let window = windows.index(at: context.microseconds) else {
      eventsOutside += 1
      return
    }
    var kind = Kind(window: window, asker: asker, event: .allocation)
    switch event.kind {
    case .allocation(let allocation):
      if allocation.pageFrameNumber == nil { kind.event = .failedAllocation }
      (kind.order, kind.migrateType) = (allocation.order, allocation.migrateType)
      kind.allowsDirectReclaim = allocation.allowsDirectReclaim
    case .fallback(let migrateType, let other):
      (kind.event, kind.migrateType, kind.fallback) = (.fallback, migrateType, other)
    case .kswapdWakeup(let order): (kind.event, kind.order) = (.kswapdWakeup, order)
    case .bufferBacking(let backing, let bytes):
      (kind.event, kind.order) = (.init(backing), backing == .kmem ? nil : Self.order(of: bytes))
    case .work: return
    }
    counts[kind, default: (0, 0)].count += 1
  }

  private mutating func take(_ event: DirectWorkEvent, _ asker: AllocationTrace.Asker) {
    switch calls.take(event) {
    case .whole(let start, let end):
      let overlaps = windows.overlaps(from: start, to: end)
      if overlaps.isEmpty { eventsOutside += 1 }
      for (position, overlap) in overlaps.enumerated() {
        let kind = Kind(window: overlap.index, asker: asker, event: .init(event.work), hasDuration: true)
        // A call is counted once; its time is that of each part which it goes on in, as kcompactd's does.
        counts[kind, default: (0, 0)].count += position == 0 ? 1 : 0
        counts[kind, default: (0, 0)].microseconds &+= overlap.microseconds
      }
    case .torn(let time): addTorn(.init(pid: event.pid, work: event.work), at: time)
    case nil: break
    }
  }

  private mutating func addTorn(_ worker: DirectWorkPairs.Worker, at microseconds: UInt64) {
    guard let window = windows.index(at: microseconds) else {
      eventsOutside += 1
      return
    }
    let kind = Kind(window: window, asker: worker.pid == thread ? .own : .others, event: .init(worker.work))
    counts[kind, default: (0, 0)].count += 1
  }

  /// The smallest block that holds so much.
  private static func order(of bytes: UInt64) -> Int {
    var order = 0
    while order < 20, 4096 << UInt64(order) < bytes { order += 1 }
    return order
  }
}

extension FailoverTally {
  /// - Parameters:
  ///   - migrateTypeNames: by the kernel's number.
  ///   - traced: the events that this kernel has; what it does not have is unavailable, not 0.
  consuming func trace(
    migrateTypeNames: [String], traced: Set<TraceEventName>, lostEvents: UInt64, bufferBytes: UInt64
  ) -> AllocationTrace {
    for (worker, begin) in calls.begun { addTorn(worker, at: begin) }
    func name(_ type: Int?) -> String? {
      type.map { migrateTypeNames.indices.contains($0) ? migrateTypeNames[$0] : "\($0)" }
    }
    let rows = counts.sorted { Self.isBefore($0.key, $1.key) }.map { kind, sum in
      AllocationTrace.Row(
        mount: windows.all[kind.window].mount, part: windows.all[kind.window].part, asker: kind.asker,
        event: kind.event,
        order: kind.order, migrateType: name(kind.migrateType), fallbackMigrateType: name(kind.fallback),
        allowsDirectReclaim: kind.allowsDirectReclaim, count: sum.count,
        durationNanoseconds: kind.hasDuration ? sum.microseconds &* 1000 : nil)
    }
    return AllocationTrace(
      rows: rows, unavailable: AllocationTrace.Event.allCases.filter { !traced.isSuperset(of: $0.names) },
      lostEvents: lostEvents, eventsOutside: eventsOutside, bufferBytes: bufferBytes)
  }

  /// Fixed, so that the same trace makes the same file.
  private static func isBefore(_ one: Kind, _ other: Kind) -> Bool {
    func key(_ kind: Kind) -> [Int] {
      [
        kind.window, AllocationTrace.Asker.allCases.firstIndex(of: kind.asker)!,
        AllocationTrace.Event.allCases.firstIndex(of: kind.event)!, -(kind.order ?? -1), kind.migrateType ?? -1,
        kind.fallback ?? -1, kind.allowsDirectReclaim == true ? 0 : 1, kind.hasDuration ? 0 : 1,
      ]
    }
    return key(one).lexicographicallyPrecedes(key(other))
  }
}

extension AllocationTrace.Event {
  fileprivate init(_ work: DirectWorkEvent.Work) {
    self =
      switch work {
      case .reclaim: .directReclaim
      case .compaction: .compaction
      }
  }

  fileprivate init(_ backing: AllocatorEvent.BufferBacking) {
    switch backing {
    case .folio: self = .bufferFolio
    case .kmem: self = .bufferKmem
    case .vmalloc: self = .bufferVmalloc
    case .fallback: self = .bufferFallback
    }
  }

  /// What the kernel must have for it.
  var names: Set<TraceEventName> {
    switch self {
    case .allocation, .failedAllocation: [.allocation]
    case .fallback: [.fallback]
    case .kswapdWakeup: [.kswapdWakeup]
    case .compaction: TraceEventName.compaction
    case .directReclaim: TraceEventName.reclaim
    case .bufferFolio: [.bufferFolio]
    case .bufferKmem: [.bufferKmem]
    case .bufferVmalloc: [.bufferVmalloc]
    case .bufferFallback: [.bufferFallback]
    }
  }
}
