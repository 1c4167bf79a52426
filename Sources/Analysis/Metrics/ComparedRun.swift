public import Experiment

/// One run of a comparison. The unit of statistics is the run, never the mount: the mounts of a run share one memory, one after another, and
/// say nothing about how another run would have gone.
public struct ComparedRun: Equatable, Sendable {
  /// Its results directory, as given.
  public let path: String
  /// What `run.json` holds.
  public let record: RunRecord
  /// Of memory: before the first mount, and after each.
  public let observations: [Observation]
  /// Computed from the mounts and observations; the summary in the record is not trusted.
  public let summary: RunSummary

  /// Computes ``summary`` from the rest.
  public init(path: String, record: RunRecord, observations: [Observation]) {
    (self.path, self.record, self.observations) = (path, record, observations)
    summary = RunSummary(of: record, observations: observations)
  }

  /// Whether the failover did what it is for.
  public var isComplete: Bool { summary.servicesCompleted == summary.mountsRequested }

  /// How many volumes were mounted before the first that was not.
  public var consecutiveServices: Int {
    record.mounts.firstIndex { !$0.outcome.isMounted } ?? record.mounts.count
  }

  /// The run as it would be had the failover ended after its first `count` mounts. Two runs that stopped at different mounts can be compared
  /// up to the earlier stop only: the mounts after it are the ones that find memory fullest.
  func shortened(toFirst count: Int) -> ComparedRun {
    var shortened = record
    shortened.mounts = Array(record.mounts.prefix(count))
    return ComparedRun(path: path, record: shortened, observations: observations.filter { $0.afterMount <= count })
  }

  /// CPU time of the mounting thread in mount(2), summed over all mounts; nil without a mount, and where the time of one is not known: a
  /// sum without it would look like less work.
  var threadCPUNanoseconds: UInt64? {
    let known = record.mounts.compactMap(\.threadCPUNanoseconds)
    return known.isEmpty || known.count < record.mounts.count ? nil : known.reduce(0, +)
  }
}
