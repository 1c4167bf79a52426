/// The paper's two experiments (section 5.1).
public enum FidelityEnvironment: String, Equatable, Sendable, Codable {
  /// Environment 1: pinned and transient pages in turn, then the transient ones freed.
  case injection
  /// Environment 2: files, rewrites, pinned pages, 128 mounts.
  case workload
}

/// One figure of the paper, how it is read off a run, and which values are accepted.
public struct FidelityTarget: Sendable {
  /// Where the model's figure comes from.
  public enum Kind: String, Equatable, Sendable, Codable {
    /// The paper's figure was put in, or follows almost directly from what was put in.
    case input
    /// It depends on a parameter that was chosen with this or a related figure in view.
    case fitted
    /// It follows from the mechanics: from inputs elsewhere in the paper, and from the kernel's source.
    case predicted
  }

  /// When the model agrees with the paper.
  public enum Acceptance: Equatable, Sendable, Codable {
    /// The mean of the seeds lies in the range.
    case mean(from: Double, to: Double)
    /// The value lies in the range in at least this share of the seeds, 0 to 1; no upper limit where `to` is nil.
    case shareOfSeeds(from: Double, to: Double?, atLeast: Double)

    /// At most `tolerance` away from `value`.
    static func mean(_ value: Double, within tolerance: Double) -> Acceptance {
      .mean(from: value - tolerance, to: value + tolerance)
    }
  }

  /// Unique, stable: `fig11.conventional.threshold-1`.
  public let id: String
  /// `Fig. 11`.
  public let figure: String
  public let environment: FidelityEnvironment
  /// The scheme's name for `--scheme`.
  public let scheme: String
  public let title: String
  /// Unit of the value and of the range; empty for a number of mounts.
  public let unit: String
  /// Decimals that are significant.
  public let decimals: Int
  /// The paper's own words or number.
  public let paper: String
  public let acceptance: Acceptance
  public let kind: Kind
  /// Why it is of this kind.
  public let reason: String
  /// Reads it off a run; `conventional` is the run of that scheme with the same seed, if there is one.
  let value: @Sendable (_ figures: ModelFigures, _ conventional: ModelFigures?) -> Double?

  init(
    _ id: String, _ figure: String, _ environment: FidelityEnvironment, _ scheme: String, _ title: String, unit: String = "",
    decimals: Int = 1, paper: String, _ acceptance: Acceptance, _ kind: Kind, _ reason: String,
    _ value: @escaping @Sendable (_ figures: ModelFigures, _ conventional: ModelFigures?) -> Double?
  ) {
    self.id = id
    self.figure = figure
    self.environment = environment
    self.scheme = scheme
    self.title = title
    self.unit = unit
    self.decimals = decimals
    self.paper = paper
    self.acceptance = acceptance
    self.kind = kind
    self.reason = reason
    self.value = value
  }
}
