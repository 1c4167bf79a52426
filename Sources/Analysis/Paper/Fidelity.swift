/// One figure of the paper beside the model's. The members of ``FidelityTarget/Facts`` are its own, also in JSON.
@dynamicMemberLookup
public struct FidelityRow: Equatable, Sendable {
  /// What the figure is, and what is accepted.
  public let facts: FidelityTarget.Facts
  /// How many seeds were run.
  public let seeds: Int
  /// Over the seeds that have the figure; nil when none has.
  public let spread: ModelSpread?
  /// Share of all seeds, 0 to 1, whose value is accepted; nil where the mean decides.
  public let acceptedShare: Double?
  /// nil when no seed has the figure.
  public let isInside: Bool?

  /// A member of ``facts``.
  public subscript<Value>(dynamicMember path: KeyPath<FidelityTarget.Facts, Value>) -> Value { facts[keyPath: path] }
}

/// One flat object: facts and results side by side.
extension FidelityRow: Codable {
  private enum CodingKeys: String, CodingKey {
    case seeds, spread, acceptedShare, isInside
  }

  /// Throws `DecodingError` for what is no such row.
  public init(from decoder: any Decoder) throws {
    facts = try FidelityTarget.Facts(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    seeds = try container.decode(Int.self, forKey: .seeds)
    spread = try container.decodeIfPresent(ModelSpread.self, forKey: .spread)
    acceptedShare = try container.decodeIfPresent(Double.self, forKey: .acceptedShare)
    isInside = try container.decodeIfPresent(Bool.self, forKey: .isInside)
  }

  /// Throws what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    try facts.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seeds, forKey: .seeds)
    try container.encodeIfPresent(spread, forKey: .spread)
    try container.encodeIfPresent(acceptedShare, forKey: .acceptedShare)
    try container.encodeIfPresent(isInside, forKey: .isInside)
  }
}

/// The model compared with the paper.
public enum Fidelity {
  /// The least share of the seeds that must have a figure for its mean to count as inside. Without it, one lucky seed of thirty could stand for
  /// all.
  public static let leastShareOfSeeds = 0.8

  /// A row for each figure of `environment` whose scheme was run, in the paper's order.
  public static func rows(_ figures: [ModelFigures], environment: FidelityEnvironment) -> [FidelityRow] {
    let runs = Dictionary(grouping: figures.filter { $0.environment == environment }, by: \.scheme)
    let conventional = Dictionary(
      (runs[SchemeAssessment.baseline] ?? []).map { ($0.seed, $0) }, uniquingKeysWith: { first, _ in first })
    return FidelityTarget.all.filter { $0.environment == environment }.compactMap { target in
      guard let runs = runs[target.scheme] else { return nil }
      return row(target, runs.map { target.value($0, conventional[$0.seed]) })
    }
  }

  /// The same from the runs themselves, by scheme.
  public static func rows(_ runs: [String: [ModelRun]], environment: FidelityEnvironment) -> [FidelityRow] {
    rows(runs.sorted { $0.key < $1.key }.flatMap { $0.value.map { ModelFigures(of: $0) } }, environment: environment)
  }

  static func row(_ target: FidelityTarget, _ values: [Double?]) -> FidelityRow {
    let spread = ModelSpread(values)
    var acceptedShare: Double?
    var isInside: Bool?
    if let spread {
      switch target.acceptance {
      case .mean(let from, let to):
        let hasEnough = Double(spread.count) >= leastShareOfSeeds * Double(values.count)
        isInside = hasEnough && spread.mean >= from && spread.mean <= to
      case .shareOfSeeds(let from, let to, let least):
        // A seed without a value is not accepted.
        let accepted = values.count { value in value.map { $0 >= from && $0 <= to ?? .infinity } ?? false }
        let share = Double(accepted) / Double(values.count)
        acceptedShare = share
        isInside = share >= least
      }
    }
    return FidelityRow(
      facts: target.facts, seeds: values.count, spread: spread, acceptedShare: acceptedShare, isInside: isInside)
  }
}
