/// Seconds a mount on the straight part of a curve.
public enum Slope {
  /// The slope of the cumulative curve from behind `first` to `last` mounts, the heights of steps taken out; nil with fewer than
  /// three mounts there.
  ///
  /// Theil and Sen's median of slopes, of the cumulative curve and not of the durations: where every third mount takes long, the
  /// median duration would miss it, and the line through the curve has it.
  public static func secondsPerMount(_ curve: MountCurve, after first: Int, through last: Int) -> Double? {
    let heights = Dictionary(Steps(of: curve).steps.map { ($0.mount, $0.heightSeconds) }, uniquingKeysWith: { first, _ in first })
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
