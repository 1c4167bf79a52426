/// The paper's two experiments (section 5.1).
public enum FidelityEnvironment: String, Equatable, Sendable, Codable {
  /// Environment 1: pinned and transient pages in turn, then the transient ones freed.
  case injection
  /// Environment 2: files, rewrites, pinned pages, 128 mounts.
  case workload
}

/// One figure of the paper, and how it is read off a run of the model. The members of ``Facts`` are its own.
@dynamicMemberLookup
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

  /// What the figure is, its value in the paper, and which values of the model are accepted.
  public struct Facts: Equatable, Sendable, Codable {
    /// Unique, stable: `fig11.conventional.threshold-1`.
    public let id: String
    /// Where it stands in the paper: `Fig. 11`.
    public let figure: String
    /// The paper's experiment that it belongs to.
    public let environment: FidelityEnvironment
    /// The scheme's name for `--scheme`.
    public let scheme: String
    /// For tables.
    public let title: String
    /// Unit of the value and of the range; empty for a number of mounts.
    public let unit: String
    /// Decimals that are significant.
    public let decimals: Int
    /// The paper's own words or number.
    public let paper: String
    /// Which values of the model agree with it.
    public let acceptance: Acceptance
    /// Where the model's figure comes from.
    public let kind: Kind
    /// Why it is of this kind.
    public let reason: String
  }

  /// All but how it is read.
  public let facts: Facts
  /// Reads it off a run; `conventional` is the run of that scheme with the same seed, if there is one.
  let value: @Sendable (_ figures: ModelFigures, _ conventional: ModelFigures?) -> Double?

  init(
    _ id: String, _ figure: String, _ environment: FidelityEnvironment, _ scheme: String, _ title: String,
    unit: String = "",
    decimals: Int = 1, paper: String, _ acceptance: Acceptance, _ kind: Kind, _ reason: String,
    _ value: @escaping @Sendable (_ figures: ModelFigures, _ conventional: ModelFigures?) -> Double?
  ) {
    facts = Facts(
      id: id, figure: figure, environment: environment, scheme: scheme, title: title, unit: unit, decimals: decimals,
      paper: paper,
      acceptance: acceptance, kind: kind, reason: reason)
    self.value = value
  }

  /// A member of ``facts``.
  public subscript<Value>(dynamicMember path: KeyPath<Facts, Value>) -> Value { facts[keyPath: path] }
}
