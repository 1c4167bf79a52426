/// One figure of the paper beside the model's.
public struct FidelityRow: Equatable, Sendable, Codable {
  /// As in ``FidelityTarget``.
  public let id: String
  public let figure: String
  public let environment: FidelityEnvironment
  public let scheme: String
  public let title: String
  public let unit: String
  public let decimals: Int
  public let paper: String
  public let acceptance: FidelityTarget.Acceptance
  public let kind: FidelityTarget.Kind
  public let reason: String
  /// How many seeds were run.
  public let seeds: Int
  /// Over the seeds that have the figure; nil when none has.
  public let spread: ModelSpread?
  /// Share of all seeds, 0 to 1, whose value is accepted; nil where the mean decides.
  public let acceptedShare: Double?
  /// nil when no seed has the figure.
  public let isInside: Bool?
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
      id: target.id, figure: target.figure, environment: target.environment, scheme: target.scheme, title: target.title,
      unit: target.unit, decimals: target.decimals, paper: target.paper, acceptance: target.acceptance, kind: target.kind,
      reason: target.reason, seeds: values.count, spread: spread, acceptedShare: acceptedShare, isInside: isInside)
  }
}
