import Analysis
import Experiment

/// The mounts of a run, one a line, with the columns that the charts show. `mounts.csv` has all of them.
enum MountTable {
  static func cells(_ record: RunRecord, _ observations: [Observation]) -> TableCells {
    let states = observations.statesByMount
    var cumulative: UInt64 = 0
    return TableCells(
      headings: [.init(title: "mount", isNumber: true), .init(title: "outcome")]
        + ["service", "demand", "cumulative", "free in 64 kB+", "data cache", "compaction stalls", "reclaim stalls"].map
      { .init(title: $0, isNumber: true) },
      rows: record.mounts.map { mount in
        cumulative += mount.serviceDurationNanoseconds
        let state = states[mount.number]
        return [
          "\(mount.number)",
          mount.outcome.explanation.isEmpty
            ? mount.outcome.word : "\(mount.outcome.word): \(mount.outcome.explanation)",
          HumanNumber.duration(mount.serviceDurationNanoseconds),
          mount.demand.map { HumanNumber.duration($0.durationNanoseconds) } ?? "-",
          HumanNumber.duration(cumulative),
          state.map { ByteSize.humanText($0.freeBytes(fromOrder: $0.largeBlockOrder)) } ?? "-",
          state?.dataCacheBytes.map(ByteSize.humanText) ?? "-",
          mount.counterDeltas["compact_stall"].map(HumanNumber.grouped) ?? "-",
          ReclaimCounters.allocationStalls(mount.counterDeltas).map(HumanNumber.grouped) ?? "-",
        ]
      })
  }
}
