public import Experiment

/// One run on the simulated machine: its scheme, its seed, and everything that was observed.
public struct ModelRun: Equatable, Sendable, Codable {
  /// As `--scheme` names it.
  public let scheme: String
  /// Of the scenario.
  public let seed: UInt64
  /// Memory at the start, after settling.
  public var start: StartState?
  /// Of environment 2.
  public var pin: PinRecord?
  /// Of environment 1.
  public var inject: InjectRecord?
  /// Those that were tried, in order.
  public var mounts: [MountRecord]
  /// Before the first mount (`afterMount` 0) and after each.
  public var observations: [Observation]
  /// Why the run itself ended early: the machine was too small for its workload. A stopped service does not end a run.
  public var failure: String?

  /// A run that nothing is known of yet.
  public init(scheme: String, seed: UInt64) {
    self.scheme = scheme
    self.seed = seed
    mounts = []
    observations = []
  }

  /// Takes in one event; those without a place here are ignored.
  public mutating func apply(_ event: RunEvent) {
    switch event {
    case .started(let value): start = value
    case .pinned(let value): pin = value
    case .injected(let value): inject = value
    case .mount(let value): mounts.append(value)
    case .observation(let value): observations.append(value)
    case .ended(.failed(let error), _): failure = error.description
    default: break
    }
  }
}

/// One simulated run, mount by mount: the curves of Fig. 11 to 15 of the paper. The paper's MB are MiB here.
public struct ModelSeries: Equatable, Sendable, Codable {
  /// One mount.
  public struct Point: Equatable, Sendable, Codable {
    /// 1 for the first file system.
    public let mount: Int
    /// `MountOutcome.word`.
    public let outcome: String
    /// Whether the service came up.
    public let isInService: Bool
    /// From the start of this file system's turn until its service is up, or is given up.
    public let seconds: Double
    /// All services up to and with this one (Fig. 11 and 12).
    public let cumulativeSeconds: Double
    /// After the mount (Fig. 13).
    public let dataCacheMiB: Double?
    /// MB that newly became part of blocks of 64 kB or more, per MB freed in smaller ones (Fig. 14 and 15); nil where none were freed.
    public let promotion: Double?
    /// Free in blocks of 64 kB or more, after the mount.
    public let freeLargeMiB: Double?
    /// Pages of the data cache that had to be read again.
    public let refaults: UInt64?
    /// Share of the mount's time that the processor spent in reclaim, copying and searching; nil for a mount without time.
    public let reclaimShare: Double?
  }

  /// As `--scheme` names it.
  public let scheme: String
  /// Of the scenario.
  public let seed: UInt64
  /// Before the first mount.
  public let dataCacheBeforeMiB: Double?
  /// In blocks of 64 kB or more, before the first mount.
  public let freeLargeBeforeMiB: Double?
  /// In the order of the mounts.
  public let points: [Point]

  /// Reads the curves off a run.
  public init(of run: ModelRun) {
    let states = run.observations.statesByMount
    func largeMiB(_ state: MemoryState) -> Double { state.freeBytes(fromOrder: state.largeBlockOrder).mebibytes }
    scheme = run.scheme
    seed = run.seed
    dataCacheBeforeMiB = states[0]?.dataCacheBytes?.mebibytes
    freeLargeBeforeMiB = states[0].map(largeMiB)
    // Whole nanoseconds are added, not seconds: the sum stays exact.
    var cumulative: UInt64 = 0
    points = run.mounts.map { mount in
      let duration = mount.serviceDurationNanoseconds
      cumulative += duration
      let state = states[mount.number]
      let reclaim = mount.counterDeltas[ModelCounter.reclaimNanoseconds]
      return Point(
        mount: mount.number, outcome: mount.outcome.word, isInService: mount.outcome.isInService,
        seconds: Double(duration) / 1e9, cumulativeSeconds: Double(cumulative) / 1e9,
        dataCacheMiB: state?.dataCacheBytes?.mebibytes, promotion: Self.promotion(of: mount),
        freeLargeMiB: state.map(largeMiB), refaults: mount.counterDeltas["workingset_refault_file"],
        reclaimShare: duration == 0 ? nil : reclaim.map { Double($0) / Double(duration) })
    }
  }

  /// The model counts both halves exactly; ``Promotion`` is the estimate for a kernel that does not.
  private static func promotion(of mount: MountRecord) -> Double? {
    guard let promoted = mount.counterDeltas[ModelCounter.promotedPages],
      let freed = mount.counterDeltas[ModelCounter.smallFreedPages], freed > 0
    else { return nil }
    return Double(promoted) / Double(freed)
  }

  /// The services that came up before the first that did not: where a run went on after that, the curve still ends there.
  public var completed: ArraySlice<Point> { points.prefix { $0.isInService } }

  /// The data cache after mount `mount`, 0 for before the first; nil where it was not observed.
  public func dataCacheMiB(atMount mount: Int) -> Double? {
    mount == 0 ? dataCacheBeforeMiB : points.first { $0.mount == mount }?.dataCacheMiB
  }

  /// What the first `count` services took in all; nil unless all of them came up.
  public func cumulativeSeconds(ofFirst count: Int) -> Double? {
    count > 0 && completed.count >= count ? completed[completed.startIndex + count - 1].cumulativeSeconds : nil
  }
}
