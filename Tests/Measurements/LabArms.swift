import Analysis
import ArgumentParser
import Experiment
import RecordFiles

/// The table of `scripts/bench-division --parts lab`.
struct LabArmsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab-arms", abstract: "Tell what became of the failovers in guests, a line for each arm.")

  @Argument(help: ArgumentHelp("Holds a directory ARM/NUMBER for each run.", valueName: "folder")) var folder: String

  func run() throws { print(try LabArms(reading: folder).text, terminator: "") }
}

/// Runs in guests, by arm. Of what an emulator makes of them only counts and bytes mean anything: there are no times here.
struct LabArms {
  /// One failover.
  struct Run {
    let mounts: [MountRecord]
    /// False where the failover itself was cut off: what was counted is not the whole of it.
    let isWhole: Bool
    let pinnedBytes: UInt64?
    let usableLargeBytes: UInt64?
    /// In blocks of 64 kB or more, by zone.
    let largeBytesBefore: [String: UInt64]
    let largeBytesAfter: [String: UInt64]
    let stalls: (allocation: UInt64?, compaction: UInt64?)
  }

  let arms: [(name: String, runs: [Run])]

  /// - Parameter folder: holds a directory for each arm, and in it one for each run.
  /// - Throws: ``MeasurementError`` where there is no run.
  init(reading folder: String) throws {
    arms = try TextFile.names(in: folder).compactMap { name in
      guard TextFile.isDirectory("\(folder)/\(name)") else { return nil }
      let paths = try TextFile.names(in: "\(folder)/\(name)").map { "\(folder)/\(name)/\($0)" }
      // A guest that did not come to its end leaves a folder of another kind, as the programs do.
      let runs = try paths.filter { try TextFile.isDirectory($0) && TextFile.names(in: $0).contains("run.json") }.map(
        Run.init)
      return runs.isEmpty ? nil : (name, runs)
    }
    guard !arms.isEmpty else { throw MeasurementError("\(folder) holds no run of scripts/bench-division --parts lab") }
  }

  /// As Markdown; figures are medians over the arm, with the least and the most where they differ.
  var text: String {
    let head = [
      "arm", "failovers complete", "pinned", "usable in 64 kB+ before", "free in 64 kB+, before → after",
      "services that lost files", "services that never mounted", "first stall or loss at service",
      "allocation, compaction stalls a run", "services with a stall",
    ]
    let lines = [head, head.map { _ in "---" }] + arms.map { [$0.name] + Self.cells($0.runs) }
    return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }

  private static func cells(_ runs: [Run]) -> [String] {
    let whole = runs.filter(\.isWhole)
    let mounts = runs.flatMap(\.mounts)
    let filesLost = mounts.compactMap { mount -> UInt64? in
      if case .degraded(let failed, _, _) = mount.outcome { failed } else { nil }
    }
    let zones = runs[0].largeBytesBefore.keys.sorted()
    return [
      "\(runs.count { $0.isWhole && $0.mounts.allSatisfy(\.outcome.isInService) }) of \(runs.count)",
      mebibytes(runs.map(\.pinnedBytes)),
      mebibytes(runs.map(\.usableLargeBytes)),
      zones.map { zone in
        "\(zone) \(mebibytes(runs.map { $0.largeBytesBefore[zone] })) → \(mebibytes(whole.map { $0.largeBytesAfter[zone] }))"
      }.joined(separator: ", "),
      "\(filesLost.count) of \(mounts.count): \(filesLost.reduce(0, +)) files",
      "\(mounts.count { !$0.outcome.isMounted })",
      whole.contains { $0.stalledServices == nil } ? "unknown" : range(whole.compactMap(\.firstTrouble)),
      "\(spread(whole.map(\.stalls.allocation))), \(spread(whole.map(\.stalls.compaction)))",
      spread(whole.map(\.stalledServices)),
    ]
  }

  private static func mebibytes(_ bytes: [UInt64?]) -> String {
    median(bytes).map { "\(Int(($0 / 1_048_576).rounded())) MiB" } ?? "unknown"
  }

  /// nil where one of them is not known.
  private static func median(_ values: [UInt64?]) -> Double? {
    values.contains(nil) ? nil : Quantile.linear(of: values.compactMap { $0.map { Double($0) } }, at: 0.5)
  }

  private static func spread(_ values: [UInt64?]) -> String {
    guard let median = median(values) else { return "unknown" }
    let known = values.compactMap { $0 }
    guard let least = known.min(), let most = known.max(), least < most else { return "\(known[0])" }
    return "\(Int(median.rounded())) (\(least) - \(most))"
  }

  private static func range(_ values: [Int]) -> String {
    guard let least = values.min(), let most = values.max() else { return "-" }
    return least == most ? "\(least)" : "\(least) - \(most)"
  }
}

extension LabArms.Run {
  init(reading path: String) throws {
    let run: RecordedRun
    do throws(RecordFileError) { run = try RunDirectoryReader.read(path) } catch { throw MeasurementError("\(error)") }
    let summary = RunSummary(of: run.record, observations: run.observations)
    mounts = run.record.mounts
    isWhole = run.record.status == .complete
    pinnedBytes = run.record.pinnedBytes
    usableLargeBytes = summary.usableLargeFreeBytesBefore
    largeBytesBefore = run.observations.stateBefore.map(Self.largeBytes) ?? [:]
    largeBytesAfter = run.observations.stateAfter.map(Self.largeBytes) ?? [:]
    stalls = (summary.allocationStalls, summary.compactionStalls)
  }

  /// Without ZONE_DMA, which protects more than it has.
  private static func largeBytes(_ state: MemoryState) -> [String: UInt64] {
    let zones = state.zones.filter { $0.name != "DMA" }
    return Dictionary(
      zones.map { ($0.name, $0.freePages(fromOrder: state.largeBlockOrder) * state.pageBytes) }, uniquingKeysWith: +)
  }

  private static func stalls(_ mount: MountRecord) -> UInt64? {
    guard let allocation = ReclaimCounters.allocationStalls(mount.counterDeltas),
      let compaction = ReclaimCounters.compactionStalls(mount.counterDeltas)
    else { return nil }
    return allocation + compaction
  }

  /// nil where the kernel does not count.
  var stalledServices: UInt64? {
    let stalls = mounts.map(Self.stalls)
    return stalls.contains(nil) ? nil : UInt64(stalls.count { $0 != 0 })
  }

  /// The first service that stalled or lost something; nil where none did.
  var firstTrouble: Int? { mounts.first { Self.stalls($0) != 0 || !$0.outcome.isInService }?.number }
}
