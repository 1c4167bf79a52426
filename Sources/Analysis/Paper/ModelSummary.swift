/// The results of a run of the model over its schemes and seeds, for the tables and as JSON for programs. The curves are apart, in
/// ``ModelSeries``.
public struct ModelSummary: Equatable, Sendable, Codable {
  /// Of the JSON; raised when a key changes its meaning or goes.
  public static let currentSchemaVersion = 1

  /// The schema that it was made or read with.
  public let schemaVersion: Int
  /// Its name.
  public let scenario: String
  /// In the order of the runs, each once.
  public let seeds: [UInt64]
  /// One for each scheme, in the order of the runs.
  public let schemes: [SchemeFigures]
  /// One for each figure of the paper that the runs have.
  public let fidelity: [FidelityRow]
  /// One for each scheme, in the same order.
  public let assessments: [SchemeAssessment]
  /// The limits that the assessments were made by, in words.
  public let limits: [String]
  /// One for each run, in their order.
  public let runs: [ModelFigures]

  /// One for each scheme, in the same order; nil where the services have no work.
  public private(set) var services: [SchemeServices]?

  private enum CodingKeys: String, CodingKey {
    case schemaVersion, scenario, seeds, schemes, fidelity, limits, runs, services
    // The name in the file; another one would take a new schema.
    case assessments = "judgements"
  }

  /// From the runs themselves.
  public init(scenario: String, runs: [ModelRun]) {
    self.init(scenario: scenario, figures: runs.map { ModelFigures(of: $0) })
    services = SchemeServices.all(runs)
  }

  /// From the figures of the runs, in their order.
  public init(scenario: String, figures: [ModelFigures]) {
    var seen: Set<UInt64> = []
    schemaVersion = Self.currentSchemaVersion
    self.scenario = scenario
    seeds = figures.map(\.seed).filter { seen.insert($0).inserted }
    schemes = SchemeFigures.all(figures)
    fidelity = [.injection, .workload].flatMap { Fidelity.rows(figures, environment: $0) }
    assessments = SchemeAssessment.all(figures)
    limits = SchemeAssessment.limits
    self.runs = figures
  }
}
