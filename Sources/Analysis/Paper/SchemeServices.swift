import Experiment

/// What became of the services' work under one scheme, over the seeds; not of the paper, whose services do nothing but mount.
public struct SchemeServices: Equatable, Sendable, Codable {
  /// As `--scheme` names it.
  public let scheme: String
  /// Services that were mounted and whose files were all right.
  public let servicesCompleted: ModelSpread?
  /// Files that could not be written and read back, those of services that were not mounted among them.
  public let filesFailed: ModelSpread?
  /// The first mount whose service had such a file, of the seeds that have one.
  public let firstFailingMount: ModelSpread?
  /// How often whoever wrote had to compact, and to reclaim, himself.
  public let compactionStalls: ModelSpread?
  public let allocationStalls: ModelSpread?

  /// Of the runs of one scheme.
  private init(_ scheme: String, _ runs: [ModelRun]) {
    func spread(_ figure: (ModelRun) -> UInt64?) -> ModelSpread? {
      ModelSpread(runs.map { figure($0).map { Double($0) } })
    }
    self.scheme = scheme
    servicesCompleted = spread { ServiceFigures.completed($0.mounts) }
    filesFailed = spread { ServiceFigures.failedFiles($0.mounts) }
    firstFailingMount = spread { ServiceFigures.firstFailing($0.mounts) }
    compactionStalls = spread { $0.observations.growth(of: ReclaimCounters.compactionStalls) }
    allocationStalls = spread { $0.observations.growth(of: ReclaimCounters.allocationStalls) }
  }

  /// One for each scheme, in the order of the runs; nil where the services have no work.
  static func all(_ runs: [ModelRun]) -> [SchemeServices]? {
    guard runs.contains(where: { ServiceFigures.haveWork($0.mounts) }) else { return nil }
    var schemes: [String] = []
    for run in runs where !schemes.contains(run.scheme) { schemes.append(run.scheme) }
    return schemes.map { scheme in SchemeServices(scheme, runs.filter { $0.scheme == scheme }) }
  }
}
