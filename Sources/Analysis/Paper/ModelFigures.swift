import Experiment

/// All figures of one simulated run that the paper also has, or that schemes are compared by. nil where a run does not have one; never 0 for
/// "unknown". The paper's MB are MiB here.
public struct ModelFigures: Equatable, Sendable, Codable {
  /// As `--scheme` names it.
  public let scheme: String
  /// Of the scenario.
  public let seed: UInt64
  /// Which of the paper's experiments it was.
  public let environment: FidelityEnvironment
  /// Why the run itself ended early; a stopped service does not end a run.
  public let failure: String?

  // Fig. 11 and 12.
  /// Services that came up.
  public let mountsCompleted: Int
  /// Whether every mount of the scenario came up.
  public let isComplete: Bool
  /// The mount that did not complete; 94 in the paper, nil when all did.
  public let stoppedMount: Int?
  /// Mount threshold 1: the last mount before the first step.
  public internal(set) var firstThreshold: Int?
  /// Mount threshold 2: the last mount before growth leaves the straight line for good.
  public internal(set) var secondThreshold: Int?
  /// Seconds a mount between the thresholds, steps left out; to the last mount where there is no second threshold.
  public internal(set) var slopeBetweenThresholds: Double?
  /// Seconds a mount after the last of ``steps``.
  public internal(set) var slopeAfterSteps: Double?
  /// The mounts at which the curve goes up a step.
  public internal(set) var steps: [Int]
  /// What the completed services took in all.
  public let cumulativeSeconds: Double
  /// The same of the first ``commonMounts``; nil unless all of these completed.
  public let commonCumulativeSeconds: Double?
  /// After threshold 2, by how much the AIC of the exponential fit is lower than the better of the linear and the quadratic fit; above 0, growth
  /// is more likely exponential.
  public internal(set) var exponentialMargin: Double?

  // Fig. 13.
  /// Before the first mount.
  public let dataCacheBeforeMiB: Double?
  /// After the mount of threshold 2.
  public internal(set) var dataCacheAtSecondThresholdMiB: Double?
  /// After the last completed mount.
  public let dataCacheAfterLastMiB: Double?
  /// The mount from which on the data cache no longer falls.
  public internal(set) var levelOffMount: Int?

  // Fig. 14 and 15.
  /// The mount where promotion, smoothed, is highest.
  public internal(set) var promotionPeakMount: Int?
  /// Promotion of the last completed mount as a share of the peak.
  public internal(set) var lastPromotionToPeak: Double?

  // Fig. 9 and 10.
  /// Free memory at the start.
  public let bootFreeMiB: Double?
  /// In blocks of 64 kB or more.
  public let bootLargeMiB: Double?
  /// Before the first mount: after the injection in environment 1, after files and pinned pages in environment 2.
  public let freeMiB: Double?
  /// In blocks of 64 kB or more.
  public let largeMiB: Double?

  // The processor, section 5.2.2.
  /// Share of the stopped mount's time spent in reclaim, copying and searching.
  public let reclaimShareStopped: Double?
  /// The same of the completed mounts up to threshold 1.
  public internal(set) var reclaimShareBefore: Double?

  // What a scheme costs.
  /// During the mounts.
  public let pagesCopied: UInt64?
  /// Mapped to contiguous kernel addresses during the mounts.
  public let pagesMapped: UInt64?
  /// By the scenario, before the mounts.
  public let pagesPinned: UInt64?
  /// Blocks taken from the emergency reserve during the mounts.
  public let reserveBlocksUsed: UInt64?
  /// Held back by the scheme before the mounts.
  public let idleMiB: Double?
  /// K: aligned 64 kB groups without a pinned page, before the mounts.
  public let unpinnedLargeGroups: UInt64?
  /// After a random part of the inodes was freed: the memory that the rest needs, as a share of the slab memory that it keeps, 0 to 1.
  public let inodeOccupancy: Double?

  /// The mounts over which the times of two schemes are compared: those that the paper's conventional system does without reclaim (its threshold 1
  /// is 18), so that no scheme is charged for mounts that another one never reached.
  public static let commonMounts = 18

  /// In blocks below 64 kB, before the first mount.
  public var smallMiB: Double? {
    guard let freeMiB, let largeMiB else { return nil }
    return freeMiB - largeMiB
  }

  /// Share of the free memory that is in blocks of 64 kB or more, before the first mount; nil when nothing is free.
  public var largeShare: Double? {
    guard let freeMiB, let largeMiB, freeMiB > 0 else { return nil }
    return largeMiB / freeMiB
  }

  /// Reads all figures off a run.
  public init(of run: ModelRun) {
    let series = ModelSeries(of: run)
    let stopped = run.mounts.first { !$0.outcome.isInService }
    let completed = series.completed
    scheme = run.scheme
    seed = run.seed
    environment = run.inject == nil ? .workload : .injection
    failure = run.failure
    mountsCompleted = run.mounts.count { $0.outcome.isInService }
    isComplete = stopped == nil && run.failure == nil && !run.mounts.isEmpty
    stoppedMount = stopped?.number
    cumulativeSeconds = completed.last?.cumulativeSeconds ?? 0
    commonCumulativeSeconds = series.cumulativeSeconds(ofFirst: Self.commonMounts)
    dataCacheBeforeMiB = series.dataCacheBeforeMiB
    dataCacheAfterLastMiB = completed.last?.dataCacheMiB

    bootFreeMiB = run.start?.state.freeBytes.mebibytes
    bootLargeMiB = run.start.map { $0.state.freeBytes(fromOrder: $0.state.largeBlockOrder).mebibytes }
    let before = run.observations.stateBefore
    freeMiB = before?.freeBytes.mebibytes
    largeMiB = series.freeLargeBeforeMiB

    reclaimShareStopped = stopped.flatMap { mount in series.points.first { $0.mount == mount.number }?.reclaimShare }
    pagesCopied = Self.sum(run.mounts, "pgmigrate_success")
    pagesMapped = Self.sum(run.mounts, ModelCounter.mappedPages)
    reserveBlocksUsed = Self.sum(run.mounts, ModelCounter.reserveBlocksUsed)
    pagesPinned = run.pin?.pinnedPages ?? run.inject?.pinnedPages
    idleMiB = before?.idleBytes?.mebibytes
    unpinnedLargeGroups = before?.unpinnedLargeGroups
    inodeOccupancy = before?.inodeOccupancy.flatMap {
      $0.heldBytes == 0 ? nil : Double($0.liveBytes) / Double($0.heldBytes)
    }
    steps = []
    detect(in: series)

    let calm = completed.prefix(firstThreshold ?? completed.count)
    let time = calm.reduce(0) { $0 + $1.seconds }
    let shares = calm.compactMap { point in point.reclaimShare.map { $0 * point.seconds } }
    // A mount that took no time has no share and needs none; one that took time and has no share leaves the sum unknown.
    if time > 0, shares.count == calm.count(where: { $0.seconds > 0 }) {
      reclaimShareBefore = shares.reduce(0, +) / time
    }
  }

  /// nil when no mount counts it.
  private static func sum(_ mounts: [MountRecord], _ counter: String) -> UInt64? {
    let deltas = mounts.compactMap { $0.counterDeltas[counter] }
    return deltas.isEmpty ? nil : deltas.reduce(0, +)
  }
}

extension ModelFigures {
  /// Finds thresholds, steps and peaks in the curves. Nothing in here knows where the paper found them.
  mutating func detect(in series: ModelSeries) {
    let curve = MountCurve(durationsSeconds: series.completed.map(\.seconds))
    let thresholds = Thresholds(of: curve)
    firstThreshold = thresholds.first
    secondThreshold = thresholds.second
    steps = Steps(of: curve).steps.map(\.mount)
    if let first = thresholds.first {
      slopeBetweenThresholds = Slope.secondsPerMount(curve, after: first + 1, through: thresholds.second ?? curve.count)
    }
    slopeAfterSteps = Slope.secondsPerMount(curve, after: steps.last ?? 0, through: curve.count)
    if let second = thresholds.second {
      exponentialMargin = GrowthLaw(of: curve, after: second)?.exponentialMargin
      dataCacheAtSecondThresholdMiB = series.dataCacheMiB(atMount: second)
    }
    let cache = [series.dataCacheBeforeMiB] + series.completed.map(\.dataCacheMiB)
    if !cache.contains(where: { $0 == nil }) { levelOffMount = LevelOff.mount(cache.compactMap { $0 }) }
    if let profile = PromotionProfile(series.completed.map(\.promotion)) {
      promotionPeakMount = profile.peakMount
      lastPromotionToPeak = profile.lastToHighest
    }
  }
}
