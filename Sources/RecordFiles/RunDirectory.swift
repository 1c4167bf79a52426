public import Experiment
import SystemPackage
public import LinuxSystem

/// The results of one run on disk, written as the run goes:
///
/// - `run.json`: the whole record, replaced atomically at the end of each phase;
/// - `mounts.csv`, `observations.ndjson`: one line for each mount and observation, each written at once;
/// - `latency-populate.csv`, `latency-rewrite.csv`: the latencies of the file operations;
/// - `proc/LABEL/NAME`: texts of the kernel around each phase;
/// - `kernel.log`: the kernel's log of the run.
///
/// A run that is killed at any moment leaves files that ``RunDirectoryReader`` reads. Every name is resolved against the open
/// directory and no symbolic link is followed: a run is root's, while the directory may belong to the user.
public struct RunDirectory: ~Copyable {
  private let directory: ResultFile
  private let owner: FileOwner?
  private var mounts: ResultFile?
  private var observations: ResultFile?

  public var path: String { directory.path }

  /// `parent/20051103T101500Z-quick`, parents and all. `owner` is the user behind sudo (SUDO_UID, SUDO_GID), to whom all of it
  /// then belongs.
  public static func make(
    in parent: String = "results", scenario: String, startedAtUnixNanoseconds: UInt64, owner: FileOwner? = nil
  ) throws(RecordFileError) -> RunDirectory {
    let name = UTCTime.basicText(unixNanoseconds: startedAtUnixNanoseconds) + "-" + SafeName.made(of: scenario)
    return RunDirectory(try NewDirectory.make(in: parent, name: name, owner: owner), owner: owner)
  }

  /// `path` itself. Refuses a directory with anything in it, a symbolic link, a file.
  public static func make(at path: String, owner: FileOwner? = nil) throws(RecordFileError) -> RunDirectory {
    RunDirectory(try NewDirectory.make(at: path, owner: owner), owner: owner)
  }

  /// Refuses what ``make(at:owner:)`` would refuse for its name alone, before anything is done.
  public static func checkName(_ path: String) throws(RecordFileError) {
    try RecordFileError.checkName(path, operation: "make")
  }

  private init(_ directory: consuming ResultFile, owner: FileOwner?) {
    self.directory = directory
    self.owner = owner
  }

  /// Replaces `run.json`. Whoever reads it sees the old record or the new one, also after a crash of the machine.
  public borrowing func write(_ record: RunRecord) throws(RecordFileError) {
    let text: String
    do { text = try PrettyJSON.text(record) } catch {
      throw RecordFileError(.invalid, operation: "write", path: "\(path)/run.json", reason: "\(error)")
    }
    try replace("run.json", with: Array(text.utf8))
  }

  /// Appends one line of `mounts.csv`; both lines with their line feeds.
  public mutating func appendMount(row: String, header: String) throws(RecordFileError) {
    if mounts == nil {
      mounts = try openForLines("mounts.csv")
      try mounts!.appendLine(Array(header.utf8))
    }
    try mounts!.appendLine(Array(row.utf8))
  }

  /// Appends one line of `observations.ndjson`.
  public mutating func append(_ observation: Observation) throws(RecordFileError) {
    let line: [UInt8]
    do { line = try RecordCoding.line(observation) } catch {
      throw RecordFileError(.invalid, operation: "write", path: "\(path)/observations.ndjson", reason: "\(error)")
    }
    if observations == nil { observations = try openForLines("observations.ndjson") }
    try observations!.appendLine(line)
  }

  /// `latency-PHASE.csv`: each latency with how often it came.
  public borrowing func write(_ latency: LatencyHistogram, of phase: Phase) throws(RecordFileError) {
    var text = "value_ns,count\n"
    for bucket in latency.buckets { text += "\(bucket.nanoseconds),\(bucket.count)\n" }
    try replace("latency-\(phase.rawValue).csv", with: Array(text.utf8))
  }

  /// `proc/LABEL/NAME` for each text.
  public borrowing func writeKernelTexts(_ label: String, _ texts: [String: String]) throws(RecordFileError) {
    for name in [label] + texts.keys.sorted() where !SafeName.isSafe(name) {
      throw RecordFileError(
        .badName, operation: "write", path: "\(path)/proc", reason: "'\(name)' cannot be a file's name",
        advice: "expected \(SafeName.allowed)")
    }
    let parent = try directory.folder("proc", owner: owner)
    let target = try parent.folder(label, owner: owner)
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      // One may be there of an earlier look at the same label, or a FIFO that somebody put there to hold the run up.
      target.remove(name)
      let file = try target.open(name, .writeOnly, [.create, .exclusiveCreate])
      try file.write(Array(text.utf8))
      try file.give(to: owner)
    }
  }

  /// A table or report beside the record.
  public borrowing func write(text: String, named name: String) throws(RecordFileError) {
    try replace(name, with: Array(text.utf8))
  }

  public borrowing func writeKernelLog(_ text: String) throws(RecordFileError) {
    try replace("kernel.log", with: Array(text.utf8))
  }

  /// Has the disk keep what was appended. Not done for each line: it would disturb the memory that is measured.
  public borrowing func synchronize() throws(RecordFileError) {
    if mounts != nil { try mounts!.synchronize() }
    if observations != nil { try observations!.synchronize() }
    try directory.synchronize()
  }

  private borrowing func openForLines(_ name: String) throws(RecordFileError) -> ResultFile {
    let file = try directory.open(name, .writeOnly, [.create, .exclusiveCreate, .append])
    try file.give(to: owner)
    return file
  }

  private borrowing func replace(_ name: String, with bytes: [UInt8]) throws(RecordFileError) {
    try directory.replaceFile(name, with: bytes, owner: owner)
  }
}
