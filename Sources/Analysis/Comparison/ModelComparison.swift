public import Experiment

/// A real run beside the same scenario on a model of the same machine.
public struct ModelComparison: Equatable, Sendable, Codable {
  /// One quantity, measured and modelled; nil on the side that does not have it.
  public struct Pair: Equatable, Sendable, Codable {
    /// Of the real run; nil where it is unknown.
    public let measured: UInt64?
    /// Of the model; nil where it has no such quantity.
    public let model: UInt64?

    /// How far the model is off, as a share of the measured value; nil where a value is missing or the measured one is 0.
    public var deviation: Double? {
      guard let measured, let model, measured > 0 else { return nil }
      return (Double(model) - Double(measured)) / Double(measured)
    }
  }

  /// Free blocks of one order.
  public struct FreeBlocks: Equatable, Sendable, Codable {
    /// A block has 2^order pages.
    public let order: Int
    /// How many there are.
    public let blocks: Pair
  }

  /// What became of the services' work, and what it cost.
  public struct Services: Equatable, Sendable, Codable {
    /// Those whose files were all right.
    public let completed: Pair
    public let filesFailed: Pair
    /// The first mount whose service had a file that failed.
    public let firstFailingMount: Pair
    /// How often whoever mounted or wrote had to compact, and to reclaim, himself.
    public let compactionStalls: Pair
    public let allocationStalls: Pair
  }

  /// The model's memory scheme, as `--scheme` names it.
  public let scheme: String
  /// Volumes that were mounted.
  public let mountsCompleted: Pair
  /// The first mount whose demand could not be met at once and had to be retried.
  public let firstRefusedDemand: Pair
  /// The first mount whose demand was not met.
  public let firstUnmetDemand: Pair
  /// All free memory before the first mount, bytes.
  public let freeBytesBefore: Pair
  /// Free memory in blocks of 64 kB or more before the first mount, bytes.
  public let largeFreeBytesBefore: Pair
  /// Free memory in blocks of 64 kB or more after the last mount, bytes.
  public let largeFreeBytesAfter: Pair
  /// Cached file pages before the first mount, bytes.
  public let dataCacheBytesBefore: Pair
  /// Cached file pages after the last mount, bytes.
  public let dataCacheBytesAfter: Pair
  /// Slabs of inodes before the first mount, bytes.
  public let inodeSlabBytesBefore: Pair
  /// Only where the services have work.
  public let services: Services?
  /// Before the first mount, for the fewest orders that together hold 90 % of the measured free pages, the largest share first.
  public let freeBlocksBefore: [FreeBlocks]

  /// Compares a run with the model's run of its scenario.
  public init(of record: RunRecord, observations: [Observation], with run: ModelRun) {
    scheme = run.scheme
    func count(_ mounts: [MountRecord]) -> UInt64 { UInt64(mounts.count { $0.outcome.isMounted }) }
    func first(_ mounts: [MountRecord], _ holds: (DemandRecord) -> Bool) -> UInt64? {
      mounts.first { $0.demand.map(holds) ?? false }.map { UInt64($0.number) }
    }
    mountsCompleted = Pair(measured: count(record.mounts), model: count(run.mounts))
    firstRefusedDemand = Pair(
      measured: first(record.mounts) { $0.retries > 0 || !$0.isMet },
      model: first(run.mounts) { $0.retries > 0 || !$0.isMet })
    firstUnmetDemand = Pair(measured: first(record.mounts) { !$0.isMet }, model: first(run.mounts) { !$0.isMet })

    services = Self.services(record, observations, run)
    let states = (observations.stateBefore, run.observations.stateBefore)
    let ends = (observations.stateAfter, run.observations.stateAfter)
    func pair(_ states: (MemoryState?, MemoryState?), _ value: (MemoryState) -> UInt64?) -> Pair {
      Pair(measured: states.0.flatMap(value), model: states.1.flatMap(value))
    }
    freeBytesBefore = pair(states) { $0.listedFreeBytes }
    largeFreeBytesBefore = pair(states) { $0.freeBytes(fromOrder: $0.largeBlockOrder) }
    largeFreeBytesAfter = pair(ends) { $0.freeBytes(fromOrder: $0.largeBlockOrder) }
    dataCacheBytesBefore = pair(states) { $0.dataCacheBytes }
    dataCacheBytesAfter = pair(ends) { $0.dataCacheBytes }
    inodeSlabBytesBefore = pair(states) { $0.inodeSlabBytes }
    freeBlocksBefore = Self.mainOrders(states.0?.freeBlocks ?? []).map { order in
      FreeBlocks(
        order: order, blocks: pair(states) { $0.freeBlocks.indices.contains(order) ? $0.freeBlocks[order] : nil })
    }
  }

  private static func services(
    _ record: RunRecord, _ observations: [Observation], _ run: ModelRun
  ) -> Services? {
    guard ServiceFigures.haveWork(record.mounts + run.mounts) else { return nil }
    func pair(_ value: ([MountRecord]) -> UInt64?) -> Pair {
      Pair(measured: value(record.mounts), model: value(run.mounts))
    }
    func stalls(_ counter: ([String: UInt64]) -> UInt64?) -> Pair {
      Pair(measured: observations.growth(of: counter), model: run.observations.growth(of: counter))
    }
    return Services(
      completed: pair(ServiceFigures.completed), filesFailed: pair { ServiceFigures.failedFiles($0) },
      firstFailingMount: pair(ServiceFigures.firstFailing),
      compactionStalls: stalls(ReclaimCounters.compactionStalls),
      allocationStalls: stalls(ReclaimCounters.allocationStalls))
  }

  /// The fewest orders whose blocks hold nine tenths of all pages, the order with the most pages first.
  static func mainOrders(_ blocks: [UInt64]) -> [Int] {
    let pages = blocks.enumerated().map { (order: $0.offset, pages: $0.element << UInt64($0.offset)) }
    let total = pages.reduce(0) { $0 + $1.pages }
    var orders: [Int] = []
    var sum: UInt64 = 0
    for entry in pages.sorted(by: { ($0.pages, $1.order) > ($1.pages, $0.order) }) where sum * 10 < total * 9 {
      orders.append(entry.order)
      sum += entry.pages
    }
    return orders
  }
}
