public import Experiment

/// One side of a comparison: repeats of one scenario with the same tuning.
public struct ComparisonSide: Equatable, Sendable {
  /// What the user named: a results directory, or one that holds several.
  public let path: String
  /// Those that completed; a stopped service does not make a run incomplete.
  public let runs: [ComparedRun]
  /// Runs that broke or were cut off: they have no figures, and count as failovers that were lost.
  public let broken: [ComparedRun]
  /// Runs that broke without a record.
  public let brokenWithoutRecord: Int

  /// Where the runs are a setting of a sweep: of which one, and in which of its rounds each was made.
  public struct OfSweep: Equatable, Sendable {
    /// The sweep's directory, under one name for all its settings.
    public let sweep: String
    /// What it varies.
    public let studied: Set<ScenarioKey>
    /// One run for each round that was completed.
    public let rounds: [Int: ComparedRun]
    /// The rounds in which it broke.
    public let broken: Set<Int>

    public init(sweep: String, studied: Set<ScenarioKey>, rounds: [Int: ComparedRun], broken: Set<Int> = []) {
      (self.sweep, self.studied, self.rounds, self.broken) = (sweep, studied, rounds, broken)
    }
  }

  /// nil for runs that belong to no sweep, which has a plan of its own.
  public let ofSweep: OfSweep?

  /// - Parameter runs: of any status.
  public init(path: String, runs: [ComparedRun], brokenWithoutRecord: Int = 0, ofSweep: OfSweep? = nil) {
    self.ofSweep = ofSweep
    self.path = path
    self.runs = runs.filter { $0.record.status == .complete }
    broken = runs.filter { $0.record.status != .complete }
    self.brokenWithoutRecord = brokenWithoutRecord
  }

  /// Results directories of runs that were cut off.
  public var leftOut: [String] { broken.map(\.path) }

  var all: [ComparedRun] { runs + broken }

  /// Failovers whose services all came up.
  public var complete: Proportion {
    Proportion(runs.count(where: \.isComplete), of: all.count + brokenWithoutRecord)
  }
}

/// Whether two sides can be compared at all: nothing but the tuning may differ.
public enum Comparability {
  /// How far the medians of a start quantity may lie apart, in per cent of the base's median.
  public static let defaultTolerancePercent = 5.0

  /// Every reason not to compare them, one line each; empty when there is none. Both sides must have a run.
  ///
  /// - Parameters:
  ///   - studied: scenario keys that are themselves under comparison.
  public static func barriers(
    _ base: ComparisonSide, _ new: ComparisonSide, tolerancePercent: Double = defaultTolerancePercent,
    studied: Set<ScenarioKey> = []
  ) -> [String] {
    // A side of broken runs alone differs from nothing.
    guard !base.runs.isEmpty, !new.runs.isEmpty else { return [] }
    return scenarios(base, new, studied) + tunings(base) + tunings(new) + repeated(base.runs + new.runs)
      + inodePressures(base.runs + new.runs) + starts(base.runs, new.runs, tolerancePercent, studied)
  }

  /// Tuning and seed may differ; name and summary change nothing, nor does what kernel is asked for: which one there was is among the facts.
  private static func scenarios(_ base: ComparisonSide, _ new: ComparisonSide, _ studied: Set<ScenarioKey>) -> [String]
  {
    let runs = base.runs + new.runs
    guard let reference = runs.first else { return [] }
    // The same as a whole is the same in every key.
    let others = runs.filter { $0.record.scenario != reference.record.scenario }
    guard !others.isEmpty else { return [] }
    return ScenarioKey.allCases.filter { ![.sysctl, .set, .seed, .machine].contains($0) && !studied.contains($0) }
      .compactMap {
        key in
        func text(_ run: ComparedRun) -> String { run.record.scenario.texts(of: key).joined(separator: ",") }
        guard let other = others.first(where: { text($0) != text(reference) }) else { return nil }
        let values = [reference, other].map { SingleLine.text(text($0), limit: 60) }
        return
          "the scenarios differ: \(key.rawValue) is \(values[0]) in \(name(reference)) and \(values[1]) in \(name(other))"
      }
  }

  /// All runs of a side must have the same settings, in any order.
  private static func tunings(_ side: ComparisonSide) -> [String] {
    guard let first = side.runs.first else { return [] }
    func settings(_ run: ComparedRun) -> Set<String> {
      Set(run.record.scenario.sysctls.map(\.text) + run.record.scenario.modelSettings.map(\.text))
    }
    guard let other = side.runs.first(where: { settings($0) != settings(first) }) else { return [] }
    return [
      "the runs in \(SingleLine.text(side.path)) do not all have the same settings: \(name(first)) and \(name(other)) differ"
    ]
  }

  /// The same word of a scenario has not always meant the same: inodes were once to be resident by a pressure of 1, which keeps none.
  private static func inodePressures(_ runs: [ComparedRun]) -> [String] {
    let key = RunSetting.inodePressure.key
    let resident = runs.compactMap { run -> (run: ComparedRun, pressure: String)? in
      guard run.record.scenario.inodeResident, !run.record.scenario.sysctls.contains(where: { $0.key == key }) else {
        return nil
      }
      return run.record.sysctls.first { $0.key == key }.map { (run, $0.duringRun) }
    }
    guard let first = resident.first, let other = resident.first(where: { $0.pressure != first.pressure }) else {
      return []
    }
    return [
      "inode-resident meant \(key) \(SingleLine.text(first.pressure, limit: 20)) in \(name(first.run)) and "
        + "\(SingleLine.text(other.pressure, limit: 20)) in \(name(other.run))"
    ]
  }

  /// Which run stands twice among these, in words: it would look like two that agree. Empty when none does.
  public static func repeated(_ runs: [ComparedRun]) -> [String] {
    var seen: [String: ComparedRun] = [:]
    for run in runs {
      if let earlier = seen[run.record.runID] { return ["\(name(earlier)) and \(name(run)) are the same run"] }
      seen[run.record.runID] = run
    }
    return []
  }

  private static func starts(
    _ base: [ComparedRun], _ new: [ComparedRun], _ tolerancePercent: Double, _ studied: Set<ScenarioKey>
  ) -> [String] {
    if let run = (base + new).first(where: { $0.record.start == nil }) {
      return ["\(name(run)) did not record its start state"]
    }
    // Zones of another size have other watermarks.
    let tunesWatermarks =
      watermarkSettings(base) != watermarkSettings(new) || !studied.isDisjoint(with: [.memoryDivision, .memoryMethod])
    return StartQuantity.allCases.compactMap { quantity in
      if quantity == .watermarks && tunesWatermarks { return nil }
      let medians = [base, new].map {
        Quantile.linear(of: $0.compactMap { $0.record.start.map(quantity.bytes) }, at: 0.5) ?? 0
      }
      guard abs(medians[1] - medians[0]) > tolerancePercent / 100 * medians[0] else { return nil }
      let texts = medians.map { ByteSize.humanText(UInt64($0)) }
      return
        "\(quantity.rawValue) at the start: \(texts[0]) and \(texts[1]) differ by more than \(trimmed(tolerancePercent)) %"
    }
  }

  /// Settings that move the watermarks and are in force when those of the start are read (mm/page_alloc.c, __setup_per_zone_wmarks). Where they
  /// are under comparison, different watermarks do not mean a different machine.
  private static func watermarkSettings(_ runs: [ComparedRun]) -> Set<String> {
    let keys: Set<String> = ["vm.min_free_kbytes", "vm.watermark_scale_factor"]
    return Set(
      runs.flatMap { $0.record.scenario.sysctls }.filter { $0.stage == .start && keys.contains($0.key) }.map(\.text))
  }

  private static func name(_ run: ComparedRun) -> String { SingleLine.text(run.path) }

  private static func trimmed(_ percent: Double) -> String {
    percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
  }

  private enum StartQuantity: String, CaseIterable {
    case memory = "memory without the ballast"
    case free = "free memory"
    case largeFree = "free memory in blocks of 64 kB or more"
    case watermarks = "the sum of the low watermarks"

    func bytes(_ start: StartState) -> Double {
      switch self {
      case .memory: max(0, Double(start.totalBytes) - Double(start.ballastBytes))
      case .free: Double(start.state.listedFreeBytes)
      case .largeFree: Double(start.state.freeBytes(fromOrder: start.state.largeBlockOrder))
      case .watermarks: start.watermarks.reduce(0) { $0 + Double($1.lowPages) } * Double(start.state.pageBytes)
      }
    }
  }
}
