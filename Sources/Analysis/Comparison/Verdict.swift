/// The outcome of comparing one metric.
public enum Verdict: String, Sendable, Codable {
  case better
  case worse
  /// Shown to be smaller than the least difference that matters.
  case noDifference = "no difference"
  case inconclusive
  /// One of the sides has no such figure.
  case notMeasured = "not measured"
}

/// The rules for verdicts, fixed before any run is looked at.
///
/// - better or worse: the Mann-Whitney p-value, corrected by Holm for all tests of the comparison, is below 0.05; the 95 % interval of the
///   ratio of the medians excludes 1; and it does not lie wholly within the least difference that matters.
/// - no difference: the interval lies wholly within that least difference, up and down. Six runs a side at least: the interval of a
///   median from order statistics reaches 95 % with six (1 - 2 / 2^6), and the bootstrap's is no wider.
/// - inconclusive: everything else.
public struct VerdictRules: Equatable, Sendable {
  /// The accepted chance of any false alarm in the whole comparison.
  public static let level = 0.05
  /// Of ``differencePercent``.
  public static let defaultDifferencePercent = 5.0
  static let runsForNoDifference = 6
  /// Resamples of the bootstrap; its seed is always the same.
  static let resampleCount = 9_999
  /// The chance that the proposed number of runs shows an effect as large as the one seen.
  private static let power = 0.8
  /// More runs than this are not proposed.
  public static let repeatsLimit = 1_000

  /// The least difference that matters, in per cent of the base's median.
  public let differencePercent: Double

  /// The rules with another least difference, in per cent, above 0.
  public init(differencePercent: Double = VerdictRules.defaultDifferencePercent) {
    self.differencePercent = differencePercent
  }

  func isWithin(_ ratio: MedianRatio) -> Bool {
    let factor = 1 + differencePercent / 100
    return ratio.lower >= 1 / factor && ratio.upper <= factor
  }

  func verdict(_ ratio: MedianRatio, adjustedP: Double, better: Metric.Direction, runs: Int) -> Verdict {
    if isWithin(ratio) {
      return runs >= Self.runsForNoDifference ? .noDifference : .inconclusive
    }
    guard adjustedP < Self.level, ratio.lower > 1 || ratio.upper < 1 else { return .inconclusive }
    return (ratio.ratio > 1) == (better == .higher) ? .better : .worse
  }

  /// The least number of runs a side with which `tests` tests made together can come out better or worse, even with ties among the values, for
  /// which only the weaker normal approximation is left.
  public static func leastRuns(tests: Int) -> Int {
    var runs = 1
    func least(_ runs: Int) -> Double {
      max(MannWhitney.smallestReachableP(runs, runs), MannWhitney.smallestApproximateP(runs, runs))
    }
    while least(runs) * Double(max(1, tests)) >= level { runs += 1 }
    return runs
  }

  /// How many more runs a side would likely decide the matter: tell an effect of the size seen from none (Noether, "Sample Size Determination for
  /// Some Common Nonparametric Tests", Journal of the American Statistical Association 82, 1987), or narrow the interval to the least
  /// difference that matters, whichever takes fewer. nil where that is beyond ``repeatsLimit``, and without any spread.
  func moreRuns(_ answer: MannWhitney.Answer, _ ratio: MedianRatio, base: Int, new: Int, tests: Int) -> Int? {
    let present = Double(min(base, new))
    let level = Self.level / Double(max(1, tests))
    let distance = answer.u / Double(base * new) - 0.5
    var needed = Double.infinity
    if distance != 0 {
      let sum =
        NormalDistribution.deviate(exceededWith: level / 2) + NormalDistribution.deviate(exceededWith: 1 - Self.power)
      needed = max(sum * sum / (6 * distance * distance), Double(Self.leastRuns(tests: tests)))
    }
    if ratio.upper.isFinite, ratio.lower > 0 {
      let half = max(ratio.upper / ratio.ratio, ratio.ratio / ratio.lower) - 1
      let room = 1 + differencePercent / 100 - max(ratio.ratio, 1 / ratio.ratio)
      // An interval shrinks with the root of the runs; it cannot narrow to what its middle is outside of.
      if room > 0 {
        needed = min(needed, max(present * (half / room) * (half / room), Double(Self.runsForNoDifference)))
      }
    }
    let more = (needed - present).rounded(.up)
    guard more.isFinite, more <= Double(Self.repeatsLimit) else { return nil }
    return max(1, Int(more))
  }
}
