/// Whether a scheme meets the three requirements of the paper's Table 2, from measured figures, beside what its Table 3 says.
public struct SchemeAssessment: Equatable, Sendable, Codable {
  /// Table 3's circle, triangle and cross.
  public enum Verdict: String, Equatable, Sendable, Codable {
    case yes
    case partly
    case no
  }

  /// Table 2, in its order.
  public enum Requirement: String, Equatable, Sendable, Codable, CaseIterable {
    /// 1: no service stops because memory is fragmented.
    case serviceStopPrevented
    /// 2: no processing is added.
    case noAddedOverhead
    /// 3: memory is used as well as before.
    case utilisationKept
  }

  /// One requirement and whether it is met.
  public struct Finding: Equatable, Sendable, Codable {
    /// Of Table 2.
    public let requirement: Requirement
    /// nil where the figures do not allow a verdict, because runs of the conventional system with the same seeds are missing.
    public let verdict: Verdict?
    /// What decided, in numbers.
    public let reason: String
    /// Table 3; nil for a scheme that has no row in it.
    public let paper: Verdict?

    /// nil where one of the two verdicts is missing.
    public var agrees: Bool? {
      guard let verdict, let paper else { return nil }
      return verdict == paper
    }

    /// `agrees`, `paper says yes`, or `-` for a scheme that the paper does not assess.
    public var agreement: String {
      guard let paper else { return "-" }
      return verdict == paper ? "agrees" : "paper says \(paper.rawValue)"
    }
  }

  /// As `--scheme` names it.
  public let scheme: String
  /// One for each requirement, in the order of Table 2.
  public let findings: [Finding]

  /// The scheme that all others are compared with.
  public static let baseline = "conventional"

  /// Requirement 1 is partly met from this many more mounts than conventional on, in the mean: twice the standard error of the difference of two
  /// means of 16 seeds is about 6, and fewer than 10 of 128 services hardly matter.
  public static let leastMountsGained = 10.0
  /// Requirement 2 is only partly met when the first ``ModelFigures/commonMounts`` mounts take more than this many times conventional's time, in
  /// the median of the seeds.
  public static let greatestTimeRatio = 1.1
  /// Requirement 3 is not met when inode slabs are filled to less than this share of conventional's filling.
  public static let leastOccupancyRatio = 0.5
  /// Requirement 3 is only partly met when more than this much more memory than under conventional is free before the mounts, in MiB: free memory
  /// varies by less from seed to seed, and memory that is always free is of no use.
  public static let greatestFreeGainMiB = 1.0

  /// The limits in words, for readers of the verdicts.
  public static let limits = [
    "service stop prevented: yes = every mount of every seed completes; partly = all complete in some seeds, or at least "
      + "\(Int(leastMountsGained)) mounts more than conventional in the mean; no = neither",
    "no added overhead: no = pages are copied; partly = pages are mapped, or the first \(ModelFigures.commonMounts) mounts take "
      + "over \(tenths(greatestTimeRatio)) times conventional's time, in the median; yes = none of these",
    "utilisation kept: no = after a random part of the inodes is freed, the rest fills its slabs to less than "
      + "\(tenths(leastOccupancyRatio)) of conventional's filling; partly = memory is held idle, a region is set aside for mapping, or "
      + "over \(tenths(greatestFreeGainMiB)) MiB more than under conventional is free before the mounts; yes = none of these",
  ]

  /// Table 3 (section 4.1), in the order of ``Requirement``.
  static let table3: [String: [Verdict]] = [
    "unit-extension": [.yes, .yes, .no],
    "divided": [.yes, .yes, .partly],
    "garbage-collection": [.yes, .no, .yes],
    "noncontiguous": [.yes, .partly, .partly],
    "emergency-reserve": [.partly, .yes, .partly],
  ]

  /// Of one scheme in one environment; `conventional` may be empty, or the very same runs.
  public init(scheme: String, _ figures: [ModelFigures], conventional: [ModelFigures]) {
    self.scheme = scheme
    let paper = Self.table3[scheme]
    findings = Requirement.allCases.enumerated().map { index, requirement in
      let assessed =
        switch requirement {
        case .serviceStopPrevented: Self.serviceStop(figures, conventional)
        case .noAddedOverhead: Self.overhead(figures, conventional)
        case .utilisationKept: Self.utilisation(figures, conventional)
        }
      return Finding(requirement: requirement, verdict: assessed.verdict, reason: assessed.reason, paper: paper?[index])
    }
  }

  /// Every scheme of `figures` in the order of its first run, conventional among them.
  public static func all(_ figures: [ModelFigures]) -> [SchemeAssessment] {
    let conventional = figures.filter { $0.scheme == baseline }
    return figures.schemesInOrder.map { scheme in
      SchemeAssessment(scheme: scheme, figures.filter { $0.scheme == scheme }, conventional: conventional)
    }
  }

  private typealias Assessed = (verdict: Verdict?, reason: String)

  private static func serviceStop(_ figures: [ModelFigures], _ conventional: [ModelFigures]) -> Assessed {
    let complete = figures.count(where: \.isComplete)
    guard let mean = ModelSpread(figures.map { Double($0.mountsCompleted) })?.mean else { return (nil, "no run") }
    if complete == figures.count {
      return (
        .yes, complete == 1 ? "all mounts complete in the only seed" : "all mounts complete in all \(complete) seeds"
      )
    }
    if complete > 0 {
      return (.partly, "all mounts complete in \(complete) of \(figures.count) seeds, \(tenths(mean)) in the mean")
    }
    guard let other = ModelSpread(conventional.map { Double($0.mountsCompleted) })?.mean else {
      return (nil, "\(tenths(mean)) mounts, and no run of conventional to compare with")
    }
    return (mean - other >= leastMountsGained ? .partly : .no, "\(tenths(mean)) mounts, conventional \(tenths(other))")
  }

  private static func overhead(_ figures: [ModelFigures], _ conventional: [ModelFigures]) -> Assessed {
    guard !figures.isEmpty else { return (nil, "no run") }
    guard let copied = ModelSpread(figures.map { $0.pagesCopied.map { Double($0) } }),
      let mapped = ModelSpread(figures.map { $0.pagesMapped.map { Double($0) } })
    else { return (nil, "pages copied and mapped are not counted") }
    if copied.maximum > 0 { return (.no, "\(tenths(copied.mean)) pages copied") }
    if mapped.maximum > 0 { return (.partly, "\(tenths(mapped.mean)) pages mapped") }
    // Not the mean: under conventional, a seed whose first step comes a mount early takes a second more, and would hide overhead.
    guard let time = Quantile.linear(of: figures.compactMap(\.commonCumulativeSeconds), at: 0.5),
      let other = Quantile.linear(of: conventional.compactMap(\.commonCumulativeSeconds), at: 0.5), other > 0
    else {
      return (nil, "the first \(ModelFigures.commonMounts) mounts were not completed here, or not under conventional")
    }
    let reason =
      "the first \(ModelFigures.commonMounts) mounts take a median of \(hundredths(time)) s, conventional \(hundredths(other)) s"
    return (time / other > greatestTimeRatio ? .partly : .yes, reason)
  }

  private static func utilisation(_ figures: [ModelFigures], _ conventional: [ModelFigures]) -> Assessed {
    guard !figures.isEmpty else { return (nil, "no run") }
    let occupancy = ModelSpread(figures.map(\.inodeOccupancy))?.mean
    let otherOccupancy = ModelSpread(conventional.map(\.inodeOccupancy))?.mean
    if let occupancy, let otherOccupancy, occupancy < otherOccupancy * leastOccupancyRatio {
      return (
        .no,
        "inodes fill \(tenths(occupancy * 100)) % of their slabs, under conventional \(tenths(otherOccupancy * 100)) %"
      )
    }
    if let idle = ModelSpread(figures.map(\.idleMiB)), idle.maximum > 0 {
      return (.partly, "\(tenths(idle.mean)) MiB held idle")
    }
    if let mapped = ModelSpread(figures.map { $0.pagesMapped.map { Double($0) } }), mapped.maximum > 0 {
      return (.partly, "a region of kernel addresses is set aside, \(tenths(mapped.mean)) pages of it used")
    }
    guard let free = ModelSpread(figures.map(\.freeMiB))?.mean,
      let other = ModelSpread(conventional.map(\.freeMiB))?.mean
    else {
      return (nil, "no run of conventional to compare with")
    }
    let reason = "\(tenths(free)) MiB free before the mounts, conventional \(tenths(other))"
    if free - other > greatestFreeGainMiB { return (.partly, reason) }
    // A run with injection has no inodes: nothing speaks against the scheme, but nothing was seen for it either.
    guard occupancy != nil, otherOccupancy != nil else { return (nil, reason + "; no inodes to assess") }
    return (.yes, reason)
  }

  private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
  private static func hundredths(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}

extension [ModelFigures] {
  /// Each scheme once, in the order of its first run.
  var schemesInOrder: [String] {
    var seen: Set<String> = []
    return map(\.scheme).filter { seen.insert($0).inserted }
  }
}
