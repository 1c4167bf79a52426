public import Experiment

/// One run of a comparison. The unit is the run, never the mount: mounts of one run are done on one memory, one after another, and
/// tell nothing of how another run would have gone.
public struct ComparedRun: Equatable, Sendable {
  /// Its results directory, as given.
  public let path: String
  public let record: RunRecord
  public let observations: [Observation]
  /// Computed anew; what the record says of itself is not relied on.
  public let summary: RunSummary

  public init(path: String, record: RunRecord, observations: [Observation]) {
    self.path = path
    self.record = record
    self.observations = observations
    summary = RunSummary(of: record, observations: observations)
  }

  /// How many services came up before the first that did not.
  public var consecutiveServices: Int {
    record.mounts.firstIndex { !$0.outcome.isInService } ?? record.mounts.count
  }

  /// The figures as they would be had the failover ended after its first `count` mounts. Two runs that stopped at different mounts can
  /// be held against each other up to the earlier one only: the mounts behind it are those on the fullest memory.
  func summary(ofFirst count: Int) -> RunSummary {
    var shortened = record
    shortened.mounts = Array(record.mounts.prefix(count))
    return RunSummary(of: shortened, observations: observations.filter { $0.afterMount <= count })
  }

  /// CPU nanoseconds of the mounting thread in mount(2), summed over the first `count` mounts; nil where the time of one is not known: a
  /// sum without it would look like less work.
  func threadCPUNanoseconds(ofFirst count: Int) -> UInt64? {
    let known = record.mounts.prefix(count).compactMap(\.threadCPUNanoseconds)
    return count == 0 || known.count < count ? nil : known.reduce(0, +)
  }
}
