/// What is said of one figure.
public enum Verdict: String, Sendable, Encodable {
  case better
  case worse
  /// Shown to differ by less than the margin, and no side lost more failovers.
  case noDifference = "no difference"
  case inconclusive
  /// Of a safeguard or an overhead: shown to be no worse by as much as the margin.
  case noWorse = "no worse"
  /// Of the same: it may be worse by the margin or more.
  case notShown = "not shown"
  /// One of the sides has no such figure.
  case notMeasured = "not measured"
  /// The same in every repeat, as the model may have it: repeats of it say nothing that one does not say.
  case noSpread = "no spread"
}

/// The rules for verdicts, fixed before any run is looked at.
///
/// - A primary figure is better or worse when its p is below the level. All primary figures of a comparison are tested together
///   (``PairedTest``), and where several sides are held against one base, p is multiplied by their number.
/// - It is no different when its bounds (``Change/bounds``) lie within the margin, and as many failovers were complete on both sides.
/// - A safeguard is no worse when the far end of its bounds is within the margin. All safeguards must be, so that their number needs no
///   correction (Berger, "Multiparameter Hypothesis Testing and Acceptance Sampling", Technometrics 24, 1982); that of the sides does.
/// - An overhead is judged like a safeguard where there was a workload, and decides nothing.
/// - Everything else is described, not judged.
public struct VerdictRules: Equatable, Sendable {
  /// The accepted chance of any false "better" or "worse" in the whole comparison.
  public static let level = 0.05
  /// Of ``marginPercent``.
  public static let defaultMarginPercent = 10.0
  /// With more than one broken run in so many nothing is recommended.
  public static let brokenLimit = 0.1

  /// By how much a figure may be worse and still be no worse, in per cent of the base.
  public let marginPercent: Double
  /// What a p is held against: ``level``, or at a planned look its part; nil where nothing is to be judged.
  public let level: Double?

  /// The rules with another margin, in per cent, above 0.
  public init(marginPercent: Double = VerdictRules.defaultMarginPercent, level: Double? = VerdictRules.level) {
    self.marginPercent = marginPercent
    self.level = level
  }

  var margin: Double { marginPercent / 100 }
}
