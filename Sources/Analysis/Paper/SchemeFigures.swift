/// The figures of a scheme over all its seeds: a row of the comparison.
public struct SchemeFigures: Equatable, Sendable, Codable {
  /// As `--scheme` names it.
  public let scheme: String
  /// How many seeds were run.
  public let seeds: Int
  /// Seeds in which every mount completed.
  public let completeSeeds: Int
  /// Runs that ended before all their mounts were tried.
  public let failures: [String]
  /// Services that came up.
  public let mountsCompleted: ModelSpread?
  /// Mount threshold 1.
  public let firstThreshold: ModelSpread?
  /// Mount threshold 2.
  public let secondThreshold: ModelSpread?
  /// Of the completed mounts.
  public let cumulativeSeconds: ModelSpread?
  /// After the last completed mount.
  public let dataCacheLeftMiB: ModelSpread?
  /// During the mounts.
  public let pagesCopied: ModelSpread?
  /// To contiguous kernel addresses, during the mounts.
  public let pagesMapped: ModelSpread?
  /// By the scenario, before the mounts.
  public let pagesPinned: ModelSpread?
  /// Held back by the scheme before the mounts.
  public let idleMiB: ModelSpread?
  /// K: aligned 64 kB groups without a pinned page, before the mounts.
  public let unpinnedLargeGroups: ModelSpread?

  /// From the figures of one scheme's runs.
  public init(scheme: String, _ figures: [ModelFigures]) {
    func spread(_ value: (ModelFigures) -> UInt64?) -> ModelSpread? {
      ModelSpread(figures.map { value($0).map { Double($0) } })
    }
    self.scheme = scheme
    seeds = figures.count
    completeSeeds = figures.count(where: \.isComplete)
    failures = figures.compactMap { run in run.failure.map { "seed \(run.seed): \($0)" } }
    mountsCompleted = ModelSpread(figures.map { Double($0.mountsCompleted) })
    firstThreshold = ModelSpread(figures.map { $0.firstThreshold.map { Double($0) } })
    secondThreshold = ModelSpread(figures.map { $0.secondThreshold.map { Double($0) } })
    cumulativeSeconds = ModelSpread(figures.map(\.cumulativeSeconds))
    dataCacheLeftMiB = ModelSpread(figures.map(\.dataCacheAfterLastMiB))
    pagesCopied = spread(\.pagesCopied)
    pagesMapped = spread(\.pagesMapped)
    pagesPinned = spread(\.pagesPinned)
    idleMiB = ModelSpread(figures.map(\.idleMiB))
    unpinnedLargeGroups = spread(\.unpinnedLargeGroups)
  }

  /// Every scheme in the order of its first run.
  public static func all(_ figures: [ModelFigures]) -> [SchemeFigures] {
    figures.schemesInOrder.map { scheme in SchemeFigures(scheme: scheme, figures.filter { $0.scheme == scheme }) }
  }
}

/// One figure over the seeds of a scheme.
public struct ModelSpread: Equatable, Sendable, Codable {
  /// Seeds that have the figure.
  public let count: Int
  /// Of the seeds that have the figure.
  public let mean: Double
  /// Of the sample (n - 1); nil for a single seed.
  public let standardDeviation: Double?
  /// The least of a seed.
  public let minimum: Double
  /// The largest of a seed.
  public let maximum: Double

  /// nil when no seed has the figure. A value that is not finite counts as missing: JSON cannot express it.
  public init?(_ values: [Double?]) {
    let values = values.compactMap { $0 }.filter(\.isFinite)
    guard let first = values.first else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    minimum = values.reduce(first, min)
    maximum = values.reduce(first, max)
    // From the differences, not from the sum of squares, which at 3,098 MiB would lose a spread of kilobytes to rounding.
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
  }
}
