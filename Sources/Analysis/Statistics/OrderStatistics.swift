/// Quantiles by linear interpolation between the two nearest order statistics: type 7 of Hyndman and Fan, "Sample Quantiles in
/// Statistical Packages", The American Statistician 50 (1996), which is the default of NumPy, SciPy and R.
public enum Quantile {
  /// The value below which the share `fraction` (0 to 1) of `values` lies; nil for no values, a fraction outside, or a NaN.
  ///
  /// With n sorted values x, the position h = (n - 1) fraction and k = floor h, it is x[k] + (h - k)(x[k + 1] - x[k]).
  public static func linear(of values: [Double], at fraction: Double) -> Double? {
    guard !values.isEmpty, fraction >= 0, fraction <= 1, !values.contains(where: \.isNaN) else { return nil }
    let sorted = values.sorted()
    let position = Double(sorted.count - 1) * fraction
    let lower = Int(position)
    guard lower + 1 < sorted.count else { return sorted[sorted.count - 1] }
    let share = position - Double(lower)
    // At a share of 0 nothing of the upper value may come in: it could be infinite.
    return share == 0 ? sorted[lower] : sorted[lower] + share * (sorted[lower + 1] - sorted[lower])
  }

  /// The same over whole nanoseconds, rounded to the nearest one.
  static func nanoseconds(of values: [UInt64], at fraction: Double) -> UInt64? {
    linear(of: values.map { Double($0) }, at: fraction).map { UInt64($0.rounded()) }
  }
}

/// A straight line that outliers hardly move: the median of the slopes between all pairs (Theil 1950, Sen 1968), through the
/// median of what is left.
struct RobustLine {
  let slope: Double
  let intercept: Double

  /// `values` at 0, 1, 2 …; level for a single one.
  init(_ values: [Double]) {
    var slopes: [Double] = []
    slopes.reserveCapacity(values.count * (values.count - 1) / 2)
    for right in values.indices {
      for left in 0..<right { slopes.append((values[right] - values[left]) / Double(right - left)) }
    }
    let slope = Quantile.linear(of: slopes, at: 0.5) ?? 0
    self.slope = slope
    intercept = Quantile.linear(of: values.enumerated().map { $0.element - slope * Double($0.offset) }, at: 0.5) ?? 0
  }

  func absoluteError(_ values: [Double]) -> Double {
    values.enumerated().reduce(0) { $0 + abs($1.element - intercept - slope * Double($1.offset)) }
  }
}
