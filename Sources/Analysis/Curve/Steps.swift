/// Mounts that take the curve up a step: single ones that take far longer than those before them.
///
/// A mount is a step when all of these hold:
/// - it is above the median of the calm mounts before it (up to 20, steps left out, 5 at least) by 10 times their spread, the
///   spread being the median absolute deviation x 1.4826, or the median where that is more: calm mounts of a model may
///   agree to the microsecond, and on a real machine one of 40 ms among 6 ms is noise;
/// - it is at least four times the median of its neighbours, two before and two after it: a step stands alone, whereas in a curve that grows
///   fast every mount is far above those before it;
/// - it adds 15 % or more to the curve so far: on a noisy machine, one mount of 40 ms among hundreds of 6 ms is no step.
public struct Steps: Equatable, Sendable {
  /// One step of the curve.
  public struct Step: Equatable, Sendable, Codable {
    /// 1 for the first file system.
    public let mount: Int
    /// Above the median of the mounts before it.
    public let heightSeconds: Double
  }

  /// In the order of the mounts.
  public let steps: [Step]

  static let leastCalmMounts = 5
  static let window = 20
  static let spreads = 10.0
  static let leastSpread = 1.0
  static let neighbours = 2
  static let leastToNeighbours = 4.0
  static let leastShareOfCurve = 0.15

  /// Finds the steps of a curve.
  public init(of curve: MountCurve) {
    var calm: [Double] = []
    var found: [Step] = []
    for (index, duration) in curve.durationsSeconds.enumerated() {
      if calm.count >= Self.leastCalmMounts, let median = Quantile.linear(of: Array(calm.suffix(Self.window)), at: 0.5)
      {
        let deviations = calm.suffix(Self.window).map { abs($0 - median) }
        let spread = max(1.4826 * (Quantile.linear(of: deviations, at: 0.5) ?? 0), Self.leastSpread * median)
        let before = curve.cumulativeSeconds[index] - duration
        if duration - median >= Self.spreads * spread, duration >= Self.leastShareOfCurve * before,
          duration >= Self.leastToNeighbours * Self.neighbourMedian(of: index, in: curve.durationsSeconds)
        {
          found.append(Step(mount: index + 1, heightSeconds: duration - median))
          continue
        }
      }
      calm.append(duration)
    }
    steps = found
  }

  private static func neighbourMedian(of index: Int, in durations: [Double]) -> Double {
    let around = durations[max(0, index - neighbours)..<index] + durations[(index + 1)...].prefix(neighbours)
    return Quantile.linear(of: Array(around), at: 0.5) ?? 0
  }
}
