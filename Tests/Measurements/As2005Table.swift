import Analysis
import Experiment
import Foundation
import RecordFiles
import Report

/// The runs of `scripts/bench-2005`: the paper's failure on a real kernel, beside the model of the same machine.
struct As2005Table {
  /// One run in a guest.
  struct Run {
    /// `xfs-two`, `grouping` …: what was run, without the seed.
    let name: String
    let seed: Int
    let mountsCompleted: Int
    let mountsRequested: Int
    /// Of the model with the quantities of this run, `conventional`, or `linux-6` where pages are grouped; nil where it was not played.
    let modelCompleted: UInt64?
    /// Outside ZONE_DMA, which protects more than it has (the paper's machine had 8.8 MB free, 8.3 of it in 64 kB or more).
    let freeBytesBefore: (all: UInt64, large: UInt64)?
    /// The same of the model, which has the run's ZONE_DMA and as much free in it.
    let modelFreeBytesBefore: (all: UInt64, large: UInt64)?
    /// The data cache and the inodes before the first mount and after it.
    let cacheBytes: (before: UInt64?, afterFirst: UInt64?)
    let inodeBytes: (before: UInt64?, afterFirst: UInt64?)
    /// The first mount after which less than a twentieth of the data cache was left: the paper's threshold 2 is where it is gone.
    let cacheGoneAfter: Int?
    let thresholds: (first: Int?, second: Int?)
    /// Stalls in direct reclaim, of all mounts, and of those that came up: the one that does not, tries for its whole timeout.
    let stalls: (all: UInt64?, inService: UInt64?)
    let medianNanoseconds: UInt64?
  }

  /// What each name stands for, in the order of the table.
  static let cases: [(name: String, text: String)] = [
    ("xfs-two", "XFS, 2 x 64 and 8 x 4 kB a mount"), ("xfs-one", "XFS, the demand `paper` (1 x 64 kB)"),
    ("ext4-two", "ext4, 2 x 64 and 8 x 4 kB"), ("ext4-one", "ext4, the demand `paper`"),
    ("grouping-ext4", "ext4-one, but grouping by mobility on"),
    ("protection-ext4", "ext4-one, but nothing of DMA32 protected"),
    ("grouping", "xfs-two, but grouping by mobility on"), ("slabs", "xfs-two, but slabs of the usual order"),
    ("pressure", "xfs-two, but inodes can be reclaimed"), ("pins", "xfs-two, but nothing pinned"),
    ("watermarks", "xfs-two, but watermarks of the kernel's own choice"),
    ("compaction", "xfs-two, but compaction in the background as is usual"),
    ("direct-compaction", "xfs-two, but a mount compacts memory itself as is usual"),
  ]

  let folder: String
  let runs: [Run]

  /// - Parameter folder: holds a directory NAME-SEED for each run.
  /// - Throws: ``MeasurementError`` where there is no such run.
  init(reading folder: String) throws {
    self.folder = folder
    var found: [Run] = []
    for (name, _) in Self.cases {
      for directory in try TextFile.names(in: folder) where directory.hasPrefix("\(name)-") {
        guard let seed = Int(directory.dropFirst(name.count + 1)) else { continue }
        found.append(try Run(name: name, seed: seed, reading: "\(folder)/\(directory)"))
      }
    }
    guard !found.isEmpty else { throw MeasurementError("\(folder) holds no run of scripts/bench-2005") }
    // In the order of the cases already; of each the seeds in theirs.
    runs = Self.cases.flatMap { name, _ in
      found.filter { $0.name == name }.sorted { $0.seed < $1.seed }
    }
  }

  /// As Markdown.
  var text: String {
    var lines = [
      "| what | seed | mounts | model | within 10 mounts | free before outside ZONE_DMA, in 64 kB+ | data cache before, after mount 1 | gone after mount | inodes before, after mount 1 | thresholds | reclaim stalls, of them by mounts that came up | median mount |",
      "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for run in runs {
      lines.append("| \(Self.cells(run).joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func cells(_ run: Run) -> [String] {
    func number(_ value: Int?) -> String { value.map(String.init) ?? "-" }
    func pair(_ one: UInt64?, _ other: UInt64?) -> String { "\(mebibytes(one)), \(mebibytes(other)) MiB" }
    var cells: [String] = []
    cells.append(cases.first { $0.name == run.name }?.text ?? run.name)
    cells.append("\(run.seed)")
    cells.append("\(run.mountsCompleted) of \(run.mountsRequested)")
    cells.append(run.modelCompleted.map { "\($0)" } ?? "-")
    cells.append(run.isModelNear.map { $0 ? "yes" : "no" } ?? "-")
    cells.append(pair(run.freeBytesBefore?.all, run.freeBytesBefore?.large))
    cells.append(pair(run.cacheBytes.before, run.cacheBytes.afterFirst))
    cells.append(number(run.cacheGoneAfter))
    cells.append(pair(run.inodeBytes.before, run.inodeBytes.afterFirst))
    cells.append("\(number(run.thresholds.first)), \(number(run.thresholds.second))")
    cells.append(
      [run.stalls.all, run.stalls.inService].map { $0.map { HumanNumber.grouped($0) } ?? "-" }.joined(separator: "; "))
    cells.append(run.medianNanoseconds.map { String(format: "%.0f ms", Double($0) / 1e6) } ?? "-")
    return cells
  }

  private static func mebibytes(_ bytes: UInt64?) -> String {
    guard let bytes else { return "unknown" }
    return String(format: bytes < 100 << 20 ? "%.1f" : "%.0f", Double(bytes) / 1_048_576)
  }
}

extension As2005Table.Run {
  /// Of `model --json`, as much as is needed.
  private struct Model: Decodable {
    struct Pair: Decodable { let model: UInt64? }
    let mountsCompleted: Pair
    let freeBytesBefore: Pair?
    let largeFreeBytesBefore: Pair?
  }

  /// Whether the model's failover ended within 10 mounts of the real one.
  var isModelNear: Bool? { modelCompleted.map { abs(Int($0) - mountsCompleted) <= 10 } }

  init(name: String, seed: Int, reading path: String) throws {
    let run: RecordedRun
    do throws(RecordFileError) { run = try RunDirectoryReader.read(path) } catch { throw MeasurementError("\(error)") }
    (self.name, self.seed) = (name, seed)
    let summary = RunSummary(of: run.record, observations: run.observations)
    (mountsCompleted, mountsRequested) = (summary.mountsCompleted, summary.mountsRequested)
    let model = try? JSONDecoder().decode([Model].self, from: Data(TextFile.read("\(path)/model.json").utf8))
    modelCompleted = model?.first?.mountsCompleted.model
    let states = run.observations.statesByMount
    func free(_ isWanted: (MemoryState.Zone) -> Bool) -> (all: UInt64, large: UInt64)? {
      states[0].map { state in
        let zones = state.zones.filter(isWanted)
        func bytes(fromOrder order: Int) -> UInt64 {
          zones.reduce(0) { $0 + $1.freePages(fromOrder: order) } * state.pageBytes
        }
        return (bytes(fromOrder: 0), bytes(fromOrder: state.largeBlockOrder))
      }
    }
    freeBytesBefore = free { $0.name != "DMA" }
    if let all = model?.first?.freeBytesBefore?.model, let large = model?.first?.largeFreeBytesBefore?.model,
      let low = free({ $0.name == "DMA" })
    {
      modelFreeBytesBefore = (all - min(all, low.all), large - min(large, low.large))
    } else {
      modelFreeBytesBefore = nil
    }
    cacheBytes = (states[0]?.dataCacheBytes, states[1]?.dataCacheBytes)
    inodeBytes = (states[0]?.inodeSlabBytes, states[1]?.inodeSlabBytes)
    let before = states[0]?.dataCacheBytes
    cacheGoneAfter = before.flatMap { before in
      states.filter { ($0.value.dataCacheBytes ?? .max) < before / 20 }.keys.min()
    }
    let found = Thresholds(of: MountCurve(of: run.record.mounts))
    thresholds = (found.first, found.second)
    let inService = run.record.mounts.filter(\.outcome.isInService).map {
      ReclaimCounters.allocationStalls($0.counterDeltas)
    }
    stalls = (summary.allocationStalls, inService.contains(nil) ? nil : inService.compactMap { $0 }.reduce(0, +))
    medianNanoseconds = summary.medianNanoseconds
  }
}
