/// What Fig. 14 and 15 show of promotion over the mounts of a run.
public struct PromotionProfile: Equatable, Sendable {
  /// The mount around which promotion is highest: the middle of the five mounts with the highest mean. Single mounts swing by a
  /// factor of a hundred, the one after a rich one being poor (section 5.2.2), so the highest of all says little.
  public let peakMount: Int
  /// The highest single ratio.
  public let highestRatio: Double
  /// The ratio of the last mount that reclaimed at all, as a share of ``highestRatio``, 0 to 1.
  public let lastToHighest: Double
  /// The first mount with any promotion.
  public let firstMount: Int

  static let window = 5

  /// - Parameter ratios: by mount; nil for a mount in whose time nothing was reclaimed. nil when nothing was promoted at all.
  public init?(_ ratios: [Double?]) {
    guard let highest = ratios.compactMap({ $0 }).max(), highest > 0,
      let first = ratios.firstIndex(where: { ($0 ?? 0) > 0 }), let last = ratios.compactMap({ $0 }).last
    else { return nil }
    highestRatio = highest
    firstMount = first + 1
    lastToHighest = last / highest
    // What was not reclaimed was not promoted.
    let values = ratios.map { $0 ?? 0 }
    var best = (mount: first + 1, sum: -1.0)
    for middle in values.indices {
      let around = values[max(0, middle - Self.window / 2)...min(values.count - 1, middle + Self.window / 2)]
      let mean = around.reduce(0, +) / Double(around.count)
      if mean > best.sum { best = (middle + 1, mean) }
    }
    peakMount = best.mount
  }
}
