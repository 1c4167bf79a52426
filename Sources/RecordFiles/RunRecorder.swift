public import Experiment

/// Turns the events of a run into its record and its results directory, as they come.
///
/// The record takes an event in before anything is written, so it is whole even when the disk is full. What cannot be written does not stop
/// the run: it is kept as ``failure``, and the record is not complete then.
public struct RunRecorder: ~Copyable {
  /// How a mount becomes a line of `mounts.csv`; given from outside because this module knows files, not reports.
  public struct MountTable: Sendable {
    /// With its line feed.
    public let header: String
    /// From the mount, what the mounts up to it and the start state add, and the observations around it.
    public let row: @Sendable (MountRecord, MountContext, _ before: Observation?, _ after: Observation?) -> String

    public init(
      header: String, row: @escaping @Sendable (MountRecord, MountContext, Observation?, Observation?) -> String
    ) {
      self.header = header
      self.row = row
    }
  }

  public var record: RunRecord
  public private(set) var observations: [Observation] = []
  /// Why the results are not whole: what went wrong first. nil when they are.
  public private(set) var failure: RecordFileError?
  private var directory: RunDirectory
  private let mountTable: MountTable
  /// The last mount, as long as the observation after it is awaited.
  private var pending: MountRecord?
  private var mountContext = MountContext()

  public var path: String { directory.path }

  /// Takes over the directory, and writes the record as it is: from now on there are results.
  /// - Throws: the record could not be written.
  public init(
    record: RunRecord, directory: consuming RunDirectory, mountTable: MountTable
  ) throws(RecordFileError) {
    self.record = record
    self.directory = directory
    self.mountTable = mountTable
    try self.directory.write(record)
  }

  /// Takes in one event.
  public mutating func take(_ event: RunEvent) {
    record.apply(event)
    do throws(RecordFileError) { try write(event) } catch { note(error) }
  }

  private mutating func note(_ error: RecordFileError) { failure = failure ?? error }

  private mutating func write(_ event: RunEvent) throws(RecordFileError) {
    switch event {
    case .phaseEnded: try save()
    case .populated(let work): if let latency = work.latency { try directory.write(latency, of: .populate) }
    case .rewritten(let work): if let latency = work.latency { try directory.write(latency, of: .rewrite) }
    case .served(let work): if let latency = work.latency { try directory.write(latency, of: .failover) }
    case .rawTexts(let label, let texts): try directory.writeKernelTexts(label, texts)
    case .mount(let mount):
      // A mount that no observation followed.
      try writePending(after: nil)
      mountContext.watermarks = record.watermarks
      mountContext.add(mount)
      pending = mount
    case .observation(let observation):
      observations.append(observation)
      try directory.append(observation)
      if pending?.number == observation.afterMount { try writePending(after: observation) }
    case .ended:
      try writePending(after: nil)
      try save()
    case .phaseBegan, .toolCost, .progress, .capabilities, .warning, .sysctl, .started, .pinned, .injected,
      .failoverWatermarks, .failoverCPU, .allocations:
      break
    }
  }

  /// Replaces `run.json` by the record as it stands, as that of a run that is still going on: what follows the measurement may fail, on a
  /// disk that is full by then, and nothing could take back that the results are complete.
  /// - Throws: it could not be written.
  public borrowing func save() throws(RecordFileError) {
    var record = record
    record.status = .running
    try directory.write(record)
  }

  public mutating func write(text: String, named name: String) {
    do throws(RecordFileError) { try directory.write(text: text, named: name) } catch { note(error) }
  }

  public mutating func writeKernelLog(_ text: String) {
    do throws(RecordFileError) { try directory.writeKernelLog(text) } catch { note(error) }
  }

  /// Puts the summary into the record, writes what is left and has the disk keep all of it.
  public mutating func finish(_ summary: RunSummary) {
    record.summary = summary
    if let failure { record.cutOff("\(failure)") }
    do throws(RecordFileError) {
      try writePending(after: nil)
      try directory.write(record)
      try directory.synchronize()
    } catch { note(error) }
  }

  private mutating func writePending(after: Observation?) throws(RecordFileError) {
    guard let mount = pending else { return }
    pending = nil
    let before = observations.last { $0.afterMount == mount.number - 1 }
    try directory.appendMount(
      row: mountTable.row(mount, mountContext, before, after), header: mountTable.header)
  }
}
