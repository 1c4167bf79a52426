public import Analysis
public import Experiment
public import RecordFiles

/// A sweep on disk: `plan.json`, `points/NNNN.json` for what each point came to, `runs/SETTING/scenario.yaml` for what the runs of a
/// setting do, `runs/SETTING/NN` for their results.
public enum SweepFolder {
  /// What a point came to. Without one it is still to be done, whatever lies in its results directory.
  public struct Outcome: Equatable, Sendable, Codable {
    public enum Status: String, Sendable, Codable {
      /// The experiment came to its end, be it with a stopped service.
      case done
      /// It broke.
      case failed
    }

    public static let currentSchema = 1

    public private(set) var schema = Self.currentSchema
    public let point: Int
    public let status: Status
    /// Of `failover-bench run`; 0 for the model.
    public let exitStatus: Int32
    /// Results, below the sweep's directory.
    public let results: String
    /// Why it broke.
    public let reason: String?
    /// For the time that the rest will take.
    public let durationNanoseconds: UInt64
  }

  private static let advice = "name the directory of a sweep of failover-bench"
  static let planFormat = VersionedJSON<SweepPlan>(
    "a sweep's plan", newest: SweepPlan.currentSchema, advice: advice, anew: "plan again", flaw: flaw)
  private static let outcomeFormat = VersionedJSON<Outcome>(
    "the outcome of a sweep's point", newest: Outcome.currentSchema, advice: advice,
    anew: "remove it, and the point is run again")

  public static func isSweep(_ path: String) -> Bool { RunCollection.hasFile("plan.json", in: path) }

  /// - Throws: there is none that can be read.
  public static func plan(_ path: String) throws(RecordFileError) -> SweepPlan {
    try planFormat.read(path + "/plan.json")
  }

  /// What a plan cannot have been made with.
  private static func flaw(_ plan: SweepPlan) -> String? {
    if plan.knobs.isEmpty || plan.references.count != plan.knobs.count
      || plan.referenceIsDefault.count != plan.knobs.count
    {
      return "knobs and references do not match"
    }
    for (knob, reference) in zip(plan.knobs, plan.references) where !knob.values.indices.contains(reference) {
      return "reference \(reference) of \(knob.name) is not one of its values"
    }
    if plan.settings.contains(where: { $0.values.count != plan.knobs.count || !SafeName.isSafe($0.name) }) {
      return "a setting has no name, or not one value for each knob"
    }
    if plan.looks.map({ LookSchedule($0)?.last != plan.repeats }) == true {
      return "its looks do not end with its rounds"
    }
    if plan.points.count > SweepPlan.pointLimit { return "more than \(SweepPlan.pointLimit) points" }
    for (index, point) in plan.points.enumerated()
    where point.number != index + 1 || !plan.settings.indices.contains(point.setting) || point.repetition < 1 {
      return "point \(index + 1) is out of order"
    }
    return nil
  }

  static let scenarioName = "scenario.yaml"

  /// What `failover-bench run --scenario` is given for the runs of a setting.
  public static func scenarioPath(_ path: String, _ setting: SweepPlan.Setting) -> String {
    "\(path)/runs/\(setting.name)/\(scenarioName)"
  }

  /// What the runs of a setting do, without the seed of a repetition.
  /// - Throws: the file cannot be read, or is no scenario.
  public static func scenario(_ path: String, _ setting: SweepPlan.Setting) throws(ScenarioFileError) -> Scenario {
    try ScenarioFile.read(path: scenarioPath(path, setting))
  }

  static func fileName(_ point: Int) -> String {
    let digits = "\(point)"
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".json"
  }

  /// What was told of the points so far, by number.
  public static func outcomes(_ path: String, _ plan: SweepPlan) throws(RecordFileError) -> [Int: Outcome] {
    var outcomes: [Int: Outcome] = [:]
    for point in plan.points where RunCollection.hasFile(fileName(point.number), in: path + "/points") {
      let file = "\(path)/points/\(fileName(point.number))"
      let outcome = try outcomeFormat.read(file)
      guard outcome.point == point.number else {
        throw RecordFileError(
          .invalid, operation: "read", path: file, reason: "it belongs to point \(outcome.point)",
          advice: "remove it, and the point is run again")
      }
      outcomes[point.number] = outcome
    }
    return outcomes
  }

  /// Where the results of a point go: `runs/SETTING/03`, with a number appended for each attempt that was cut off before.
  public static func resultsPath(_ path: String, _ plan: SweepPlan, _ point: SweepPlan.Point) -> String {
    let base = firstResultsPath(plan, point)
    var attempt = 1
    while RunCollection.hasFile(attempt == 1 ? base : "\(base)-\(attempt)", in: path) { attempt += 1 }
    return attempt == 1 ? base : "\(base)-\(attempt)"
  }

  private static func firstResultsPath(_ plan: SweepPlan, _ point: SweepPlan.Point) -> String {
    "runs/\(plan.settings[point.setting].name)/" + (point.repetition < 10 ? "0" : "") + "\(point.repetition)"
  }

  /// What became of each setting's runs.
  public static func arms(_ path: String, _ plan: SweepPlan) throws(RecordFileError) -> [SweepSummary.Arm] {
    let outcomes = try outcomes(path, plan)
    var arms: [SweepSummary.Arm] = []
    for index in plan.settings.indices { arms.append(try arm(path, plan, index, outcomes)) }
    return arms
  }

  private static func arm(
    _ path: String, _ plan: SweepPlan, _ index: Int, _ outcomes: [Int: Outcome]
  ) throws(RecordFileError) -> SweepSummary.Arm {
    var arm = SweepSummary.Arm(values: plan.settings[index].values)
    for point in plan.points where point.setting == index {
      guard let outcome = outcomes[point.number] else {
        arm.missing += 1
        continue
      }
      if outcome.status == .failed {
        arm.broken.append(point.repetition)
        continue
      }
      let run = try RunDirectoryReader.read("\(path)/\(outcome.results)")
      arm.runs[point.repetition] = ComparedRun(path: run.path, record: run.record, observations: run.observations)
    }
    return arm
  }

  /// Each setting with runs as one side of a comparison. Two sweeps have a setting in common when its knobs and values are the same.
  public static func sides(_ path: String) throws(RecordFileError) -> [(setting: [String], side: ComparisonSide)] {
    let plan = try plan(path)
    return try zip(plan.settings, arms(path, plan)).compactMap { setting, arm in
      let side = ComparisonSide(
        path: "\(path)/runs/\(setting.name)", runs: arm.runs.sorted { $0.key < $1.key }.map(\.value),
        brokenWithoutRecord: arm.broken.count)
      return arm.runs.isEmpty && arm.broken.isEmpty ? nil : (plan.texts(of: setting), side)
    }
  }

  /// One setting of a sweep by its directory, `SWEEP/runs/SETTING`; nil where it is none.
  /// - Throws: the sweep, or a run of the setting, cannot be read.
  public static func side(ofSetting path: String) throws(RecordFileError) -> ComparisonSide? {
    let parts = RunCollection.canonical(path).split(separator: "/").map(String.init)
    guard parts.count > 2, parts[parts.count - 2] == "runs" else { return nil }
    let sweep = "/" + parts.dropLast(2).joined(separator: "/")
    // A plan that is none of ours is somebody else's file.
    guard isSweep(sweep), let plan = try? plan(sweep),
      let index = plan.settings.firstIndex(where: { $0.name == parts[parts.count - 1] })
    else { return nil }
    let arm = try arm(sweep, plan, index, outcomes(sweep, plan))
    return ComparisonSide(
      path: path, runs: arm.runs.sorted { $0.key < $1.key }.map(\.value), brokenWithoutRecord: arm.broken.count,
      ofSweep: .init(sweep: sweep, studied: plan.studied, rounds: arm.runs, broken: Set(arm.broken)))
  }

  /// Settings, their effects and what to do, from what is done so far.
  ///
  /// - Parameter marginPercent: nil for that of the plan; another one makes it exploratory.
  public static func collect(
    _ path: String, marginPercent: Double? = nil, tolerancePercent: Double = Comparability.defaultTolerancePercent
  ) throws(RecordFileError) -> SweepSummary {
    let plan = try plan(path)
    let knobs = plan.knobs.indices.map { index in
      SweepSummary.Knob(
        name: plan.knobs[index].name, values: plan.knobs[index].values,
        reference: plan.knobs[index].values[plan.references[index]],
        referenceIsDefault: plan.referenceIsDefault[index],
        scenarioKey: plan.knobs[index].kind == .scenario ? ScenarioKey(rawValue: plan.knobs[index].key) : nil)
    }
    var deviation = plan.deviation(marginPercent: marginPercent, tolerancePercent: tolerancePercent)
    if deviation == nil { deviation = try madeAgain(path, plan) }
    return SweepSummary(
      knobs: knobs, arms: try arms(path, plan), reference: plan.referenceSetting, looks: plan.lookSchedule,
      marginPercent: marginPercent ?? plan.marginPercent ?? VerdictRules.defaultMarginPercent, exploratory: deviation,
      tolerancePercent: tolerancePercent)
  }

  /// Points of which more than one attempt came to its end, or to none: the first may have been the failover that was lost. Attempts that were
  /// stopped by hand count as none.
  private static func madeAgain(_ path: String, _ plan: SweepPlan) throws(RecordFileError) -> String? {
    var again = 0
    for (number, outcome) in try outcomes(path, plan) {
      let first = firstResultsPath(plan, plan.points[number - 1])
      guard outcome.results != first else { continue }
      // A first attempt that is no longer there may have been anything.
      let record = try? RunDirectoryReader.read("\(path)/\(first)").record
      if record?.wasStoppedByHand != true { again += 1 }
    }
    return again == 0
      ? nil
      : "\(again) \(again == 1 ? "run was" : "runs were") repeated after one that had broken or finished; the first may be the one that counts"
  }
}
