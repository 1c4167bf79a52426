/// One figure over the seeds of a scheme.
public struct ModelSpread: Equatable, Sendable, Codable {
  /// Seeds that have the figure.
  public let count: Int
  public let mean: Double
  /// Of the sample (n - 1); nil for a single seed.
  public let standardDeviation: Double?
  public let minimum: Double
  public let maximum: Double

  /// nil when no seed has the figure. A value that is not finite counts as none: JSON has no word for it.
  public init?(_ values: [Double?]) {
    let values = values.compactMap { $0 }.filter(\.isFinite)
    guard let first = values.first else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    minimum = values.reduce(first, min)
    maximum = values.reduce(first, max)
    // From the differences, not from the sum of squares: at 3,098 MiB the latter leaves nothing of a spread of kilobytes.
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
  }
}
