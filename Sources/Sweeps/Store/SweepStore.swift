import Experiment
public import RecordFiles

/// The sweep's directory, to write to.
public struct SweepStore: ~Copyable {
  private let folder: ResultsFolder

  public var path: String { folder.path }

  /// Writes the plan into a directory of its own.
  public init(new folder: consuming ResultsFolder, plan: SweepPlan) throws(RecordFileError) {
    self.folder = folder
    let runs = try self.folder.folder("runs")
    for setting in plan.settings { _ = try runs.folder(setting.name) }
    _ = try self.folder.folder("points")
    try write(plan, named: "plan.json")
  }

  /// One that has its plan.
  public init(existing folder: consuming ResultsFolder) { self.folder = folder }

  /// Writes what the runs of a setting do; see ``SweepFolder/scenario(_:_:)``.
  public borrowing func writeScenario(_ yaml: String, of setting: SweepPlan.Setting) throws(RecordFileError) {
    let runs = try folder.folder("runs")
    let own = try runs.folder(setting.name)
    try own.write(yaml, named: SweepFolder.scenarioName)
  }

  public borrowing func write(_ outcome: SweepFolder.Outcome) throws(RecordFileError) {
    let points = try folder.folder("points")
    try points.write(try text(outcome), named: SweepFolder.fileName(outcome.point))
  }

  public borrowing func write(_ text: String, named name: String) throws(RecordFileError) {
    try folder.write(text, named: name)
  }

  private borrowing func write(_ plan: SweepPlan, named name: String) throws(RecordFileError) {
    try folder.write(try text(plan), named: name)
  }

  private borrowing func text(_ value: some Encodable) throws(RecordFileError) -> String {
    do { return try PrettyJSON.text(value) } catch {
      throw RecordFileError(.invalid, operation: "write", path: folder.path, reason: "\(error)")
    }
  }
}
