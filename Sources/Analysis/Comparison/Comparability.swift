public import Experiment

/// One side of a comparison: repeats of one scenario with one tuning.
public struct ComparisonSide: Equatable, Sendable {
  /// What the user named: a results directory, or one that holds several.
  public let path: String
  /// Those that came to their end, a stopped service included.
  public let runs: [ComparedRun]
  /// Results directories of runs that were cut off: their figures are of less than the experiment, and none of them is used.
  public let leftOut: [String]

  public init(path: String, runs: [ComparedRun]) {
    self.path = path
    self.runs = runs.filter { $0.record.status == .complete }
    leftOut = runs.filter { $0.record.status != .complete }.map(\.path)
  }
}

/// Whether two sides can be compared at all: what stands between them must be the tuning and nothing else.
public enum Comparability {
  /// How far the medians of a quantity of the start may lie apart, in per cent of the base's.
  public static let defaultTolerancePercent = 5.0

  /// Everything that forbids it, one line each; empty when nothing does. Both sides have a run.
  ///
  /// - Parameters:
  ///   - studied: keys of the scenario that are themselves what is compared.
  ///   - isPooled: each side holds all settings of other knobs, the same ones on both.
  public static func barriers(
    _ base: ComparisonSide, _ new: ComparisonSide, tolerancePercent: Double = defaultTolerancePercent, studied: Set<ScenarioKey> = [], isPooled: Bool = false
  ) -> [String] {
    scenarios(base, new, studied) + (isPooled ? [] : tunings(base) + tunings(new)) + repeated(base.runs + new.runs)
      + starts(base.runs, new.runs, tolerancePercent)
  }

  /// Tuning and seed are left out, and so are the name and the summary, which change nothing.
  private static func scenarios(_ base: ComparisonSide, _ new: ComparisonSide, _ studied: Set<ScenarioKey>) -> [String] {
    let runs = base.runs + new.runs
    guard let reference = runs.first else { return [] }
    return ScenarioKey.allCases.filter { ![.sysctl, .set, .seed].contains($0) && !studied.contains($0) }.compactMap { key in
      func text(_ run: ComparedRun) -> String { run.record.scenario.texts(of: key).joined(separator: ",") }
      guard let other = runs.first(where: { text($0) != text(reference) }) else { return nil }
      let values = [reference, other].map { SingleLine.text(text($0), limit: 60) }
      return "\(key.rawValue) of the scenario is \(values[0]) in \(name(reference)) and \(values[1]) in \(name(other))"
    }
  }

  /// Repeats of a side are repeats of one thing. The order of settings does not matter, but the last word of each key.
  private static func tunings(_ side: ComparisonSide) -> [String] {
    guard let first = side.runs.first else { return [] }
    func settings(_ run: ComparedRun) -> Set<String> {
      Set(run.record.scenario.sysctls.map(\.text) + run.record.scenario.modelSettings.map(\.text))
    }
    guard let other = side.runs.first(where: { settings($0) != settings(first) }) else { return [] }
    return ["the runs of \(SingleLine.text(side.path)) have not all the same settings: \(name(first)) and \(name(other)) differ"]
  }

  /// A run counted twice would be taken for two that agree.
  private static func repeated(_ runs: [ComparedRun]) -> [String] {
    var seen: [String: ComparedRun] = [:]
    for run in runs {
      if let earlier = seen[run.record.runID] { return ["\(name(earlier)) and \(name(run)) are the same run"] }
      seen[run.record.runID] = run
    }
    return []
  }

  private static func starts(_ base: [ComparedRun], _ new: [ComparedRun], _ tolerancePercent: Double) -> [String] {
    if let run = (base + new).first(where: { $0.record.start == nil }) { return ["the start state of \(name(run)) is not known"] }
    let tunesWatermarks = !watermarkSettings(base).isSubset(of: watermarkSettings(new))
      || !watermarkSettings(new).isSubset(of: watermarkSettings(base))
    return StartQuantity.allCases.compactMap { quantity in
      if quantity == .watermarks && tunesWatermarks { return nil }
      let medians = [base, new].map { Quantile.linear(of: $0.compactMap { $0.record.start.map(quantity.bytes) }, at: 0.5) ?? 0 }
      guard abs(medians[1] - medians[0]) > tolerancePercent / 100 * medians[0] else { return nil }
      let texts = medians.map { ByteSize.humanText(UInt64($0)) }
      return "\(quantity.rawValue) at the start: \(texts[0]) and \(texts[1]) differ by more than \(trimmed(tolerancePercent)) %"
    }
  }

  /// Settings in force before the start is read that move the watermarks (mm/page_alloc.c, __setup_per_zone_wmarks): where these are
  /// what is compared, watermarks that differ are no sign of another machine.
  private static func watermarkSettings(_ runs: [ComparedRun]) -> Set<String> {
    let keys: Set<String> = ["vm.min_free_kbytes", "vm.watermark_scale_factor"]
    return Set(runs.flatMap { $0.record.scenario.sysctls }.filter { $0.stage == .start && keys.contains($0.key) }.map(\.text))
  }

  private static func name(_ run: ComparedRun) -> String { SingleLine.text(run.path) }

  private static func trimmed(_ percent: Double) -> String { percent == percent.rounded() ? "\(Int(percent))" : "\(percent)" }

  private enum StartQuantity: String, CaseIterable {
    case memory = "memory less ballast"
    case free = "free memory"
    case largeFree = "free memory in blocks of 64 kB or more"
    case watermarks = "the sum of the low watermarks"

    func bytes(_ start: StartState) -> Double {
      switch self {
      case .memory: max(0, Double(start.totalBytes) - Double(start.ballastBytes))
      case .free: Double(start.state.freeBytes)
      case .largeFree: Double(start.state.freeBytes(fromOrder: start.state.largeBlockOrder))
      case .watermarks: start.watermarks.reduce(0) { $0 + Double($1.lowPages) } * Double(start.state.pageBytes)
      }
    }
  }
}
