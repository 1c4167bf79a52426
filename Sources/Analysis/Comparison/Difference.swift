public import Experiment

/// A fact that differs between the sides, as each side has it.
public struct Difference: Equatable, Sendable, Codable {
  /// Its name, for people: `kernel`, `vm.swappiness as found`.
  public let fact: String
  /// All values, separated by commas, where the runs of a side do not agree.
  public let base: String
  /// The same for the new side.
  public let new: String

  /// The facts about machine, kernel and program that differ. Memory sizes are compared as they are printed, so that a few pages make no difference.
  public static func environment(_ base: [ComparedRun], _ new: [ComparedRun]) -> [Difference] {
    typealias Fact = (name: String, value: (ComparedRun) -> String)
    let facts: [Fact] = [
      ("failover-bench", { $0.record.tool }), ("kernel", { $0.record.host.kernelRelease }),
      ("kernel build", { $0.record.host.kernelVersion }), ("architecture", { $0.record.host.architecture }),
      ("kernel command line", { options($0.record.host.kernelCommandLine) }),
      ("distribution", { $0.record.host.distribution ?? unknown }),
      ("cpu", { $0.record.host.cpuModel ?? unknown }), ("cpus", { "\($0.record.host.cpuCount)" }),
      ("memory", { ByteSize.humanText($0.record.host.memoryTotalBytes) }),
      ("page size", { ByteSize.exactText($0.record.host.pageBytes) }),
      ("swap", { ByteSize.humanText($0.record.host.swapBytes) }),
      ("container", { $0.record.host.isContainer ? "yes" : "no" }),
      ("file system of the images", { $0.record.host.imageFileSystem ?? unknown }),
      ("the failover is traced", { $0.record.allocations == nil ? "no" : "yes" }),
    ]
    let settings: [Fact] = settings(base + new).map { key in
      ("\(key) as found", { $0.record.host.settings[key] ?? unknown })
    }
    return (facts + settings).compactMap { of($0.name, base.map($0.value), new.map($0.value)) } + pinned(base, new)
      + start(base, new)
  }

  /// Without where a guest of `scripts/lab`, which is started by virtme-ng, finds what it needs: the folder has another name in each.
  private static func options(_ commandLine: String) -> String {
    commandLine.split(separator: " ").filter { !$0.hasPrefix("virtme") && !$0.contains("/failover-bench-lab.") }
      .joined(separator: " ")
  }

  /// Settings that every run has on record. One that some do not have says more of the program that recorded them, or of the kernel, than
  /// of the setting.
  private static func settings(_ runs: [ComparedRun]) -> [String] {
    guard let first = runs.first else { return [] }
    return runs.dropFirst().reduce(into: Set(first.record.host.settings.keys)) { keys, run in
      keys.formIntersection(run.record.host.settings.keys)
    }.sorted()
  }

  /// How the free memory lay at the start, where the medians differ by more than a twentieth of what was free: it cannot be made equal, so it is
  /// said.
  private static func start(_ base: [ComparedRun], _ new: [ComparedRun]) -> [Difference] {
    let quantities: [(fact: String, bytes: (StartMemory) -> UInt64?)] = [
      ("free on unmovable lists at the start", { $0.freeBytes("Unmovable") }),
      ("free on reclaimable lists at the start", { $0.freeBytes("Reclaimable") }),
      ("free in blocks of order 9 and more at the start", { $0.wholeBlockBytes }),
    ]
    func median(_ runs: [ComparedRun], _ bytes: (StartMemory) -> UInt64?) -> UInt64? {
      Quantile.nanoseconds(of: runs.compactMap { $0.record.start?.memory.flatMap(bytes) }, at: 0.5)
    }
    guard let free = median(base, \.freeBytes) else { return [] }
    return quantities.compactMap { fact, bytes in
      guard let one = median(base, bytes), let other = median(new, bytes), max(one, other) - min(one, other) > free / 20
      else { return nil }
      return Difference(fact: fact, base: ByteSize.humanText(one), new: ByteSize.humanText(other))
    }
  }

  /// What was pinned, where the medians differ by more than a twentieth: an injection that goes on until reclaim would begin pins less in a zone
  /// that is smaller, or kept emptier.
  private static func pinned(_ base: [ComparedRun], _ new: [ComparedRun]) -> [Difference] {
    func median(_ runs: [ComparedRun]) -> UInt64? {
      Quantile.nanoseconds(of: runs.compactMap(\.record.pinnedBytes), at: 0.5)
    }
    // A control, which pins nothing on purpose, needs no such word.
    guard let one = median(base), let other = median(new), one > 0, other > 0,
      max(one, other) - min(one, other) > max(one, other) / 20
    else { return [] }
    return [Difference(fact: pinnedFact, base: ByteSize.humanText(one), new: ByteSize.humanText(other))]
  }

  /// What is under comparison: the settings that differ, of the kernel and of the model, and of the scenario what a sweep varies.
  public static func tuning(
    _ base: [ComparedRun], _ new: [ComparedRun], studied: Set<ScenarioKey> = []
  ) -> [Difference] {
    let keys = Set((base + new).flatMap { TuningKey.all($0.record.scenario) }).sorted { $0.text < $1.text }
    let settings = keys.compactMap { key in of(key.text, base.map(key.value), new.map(key.value)) }
    // Settings of kernel and model are keys of the scenario as well, and stand there already.
    let varied = ScenarioKey.allCases.filter { studied.contains($0) && ![.sysctl, .set].contains($0) }
    return settings
      + varied.compactMap { key in
        func values(_ runs: [ComparedRun]) -> [String] {
          runs.map { $0.record.scenario.texts(of: key).joined(separator: ",") }
        }
        return of(key.rawValue, values(base), values(new))
      }
  }

  static let unknown = "unknown"
  private static let pinnedFact = "pinned"

  /// Whether it is that one side was given less fragmentation than the other, though nobody asked for less.
  func isUnequalDose(_ tuning: [Difference]) -> Bool {
    let doses: [ScenarioKey] = [.dose, .pin, .pinBackend, .pattern, .injectUntil]
    return fact == Self.pinnedFact && !tuning.contains { change in doses.contains { $0.rawValue == change.fact } }
  }

  private static func of(_ fact: String, _ base: [String], _ new: [String]) -> Difference? {
    guard Set(base) != Set(new) else { return nil }
    func text(_ values: [String]) -> String { Set(values).sorted().map { SingleLine.text($0) }.joined(separator: ", ") }
    return Difference(fact: SingleLine.text(fact), base: text(base), new: text(new))
  }
}

/// A setting under comparison, without its value.
struct TuningKey: Hashable {
  let key: String
  /// nil for one of the model.
  let stage: SysctlSetting.Stage?

  static func all(_ scenario: Scenario) -> [TuningKey] {
    scenario.sysctls.map { TuningKey(key: $0.key, stage: $0.stage) }
      + scenario.modelSettings.map { TuningKey(key: $0.key, stage: nil) }
  }

  var text: String { stage == .failover ? "\(key)@failover" : key }

  /// The value that the run set, or the one that it found.
  func value(_ run: ComparedRun) -> String {
    let scenario = run.record.scenario
    guard let stage else { return scenario.modelSettings.first { $0.key == key }?.value ?? "the model's default" }
    if let setting = scenario.sysctls.first(where: { $0.key == key && $0.stage == stage }) { return setting.value }
    return run.record.host.settings[key].map { "\($0) (as found)" } ?? "as found"
  }
}
