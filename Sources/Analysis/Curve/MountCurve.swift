public import Experiment

/// The curve of Fig. 11 for any failover, real or simulated: the time of each mount, and of all mounts up to it.
public struct MountCurve: Equatable, Sendable {
  /// By mount, the first at index 0.
  public let durationsSeconds: [Double]
  /// The sum of the durations up to and with each mount.
  public let cumulativeSeconds: [Double]

  /// From the time of each mount, in order.
  public init(durationsSeconds: [Double]) {
    self.durationsSeconds = durationsSeconds
    var sum = 0.0
    cumulativeSeconds = durationsSeconds.map {
      sum += $0
      return sum
    }
  }

  /// The services that came up before the first that did not.
  public init(of mounts: [MountRecord]) {
    self.init(
      durationsSeconds: mounts.prefix { $0.outcome.isMounted }.map { Double($0.serviceDurationNanoseconds) / 1e9 })
  }

  /// Mounts on the curve.
  public var count: Int { durationsSeconds.count }
}

/// Seconds a mount on the straight part of a curve.
public enum Slope {
  /// The slope of the cumulative curve after mount `first` up to mount `last`, without the heights of steps; nil with fewer than three mounts
  /// there.
  ///
  /// Theil and Sen's median of slopes, of the cumulative curve and not of the durations: where every third mount takes long, the
  /// median duration would miss it, but a line through the curve does not.
  public static func secondsPerMount(_ curve: MountCurve, after first: Int, through last: Int) -> Double? {
    let heights = Dictionary(
      Steps(of: curve).steps.map { ($0.mount, $0.heightSeconds) }, uniquingKeysWith: { first, _ in first })
    guard first >= 0, first < min(last, curve.count) else { return nil }
    let range = first..<min(last, curve.count)
    guard range.count >= 3 else { return nil }
    var sum = 0.0
    let straight = range.map { index in
      sum += curve.durationsSeconds[index] - (heights[index + 1] ?? 0)
      return sum
    }
    return RobustLine(straight).slope
  }
}
