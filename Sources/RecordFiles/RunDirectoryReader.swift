public import Experiment
import Foundation
import SystemPackage

/// A run as it was read back.
public struct RecordedRun: Sendable {
  /// As given: the directory, or its run.json.
  public let path: String
  public let record: RunRecord
  /// Ascending by mount; ends early when the run was cut off.
  public let observations: [Observation]
  /// What was wrong without being fatal, such as a last line torn by a crash.
  public let notes: [String]
}

/// `model.csv` as it was read back: the mounts of the model beside those of the run.
public struct ModelTable: Sendable {
  /// The whole table, checked: a cell for each column in each line.
  public let text: String
  /// Free memory after the model's last mount, and what of it lies in blocks of 64 kB or more; nil where the table does not say.
  public let memoryAfter: (freeBytes: UInt64, largeFreeBytes: UInt64)?
}

/// Reads results back. What is truncated, foreign, of a later version or not possible gets one line: which file, what is
/// wrong, what to do.
public enum RunDirectoryReader {
  /// A run of 4,096 file systems with all its counters takes some 10 MB; an observation some 3 kB.
  private static let limit = 256 << 20

  /// Reads the results directory `path` (or the directory of the run.json `path`).
  public static func read(_ path: String) throws(RecordFileError) -> RecordedRun {
    let directory = directory(of: path)
    let record = try format.read(directory + "/run.json")
    let (observations, notes) = try readObservations(directory, fileSystems: record.scenario.fileSystems)
    return RecordedRun(path: path, record: record, observations: observations, notes: notes)
  }

  /// A text of the kernel as it stood at `label` ("settle-after"); nil where the run has none.
  public static func kernelText(_ run: RecordedRun, _ label: String, _ name: String) -> String? {
    let path = "\(directory(of: run))/proc/\(label)/\(name)"
    guard let bytes = try? BoundedFile.read(path, limit: limit) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The results directory itself, where its run.json was named.
  public static func directory(of run: RecordedRun) -> String { directory(of: run.path) }

  private static func directory(of path: String) -> String {
    path.hasSuffix("/run.json") ? String(path.dropLast("/run.json".count)) : path
  }

  /// `model.csv`, checked: the columns of mounts.csv, a line for each mount, each with a cell for each column. nil where the model was not played.
  public static func modelTable(_ run: RecordedRun) throws(RecordFileError) -> ModelTable? {
    let path = directory(of: run) + "/model.csv"
    let bytes: [UInt8]
    do throws(RecordFileError) { bytes = try BoundedFile.read(path, limit: limit) } catch {
      if error.kind == .missing { return nil }
      throw error
    }
    return try modelTable(bytes, path: path, fileSystems: run.record.scenario.fileSystems)
  }

  /// `model.csv`, checked.
  static func modelTable(_ bytes: [UInt8], path: String, fileSystems: Int) throws(RecordFileError) -> ModelTable {
    func failure(_ kind: RecordFileError.Kind, _ reason: String) -> RecordFileError {
      RecordFileError(
        kind, operation: "read", path: path, reason: reason,
        advice: "remove it, or run the model again with `model --beside`")
    }
    guard let text = String(validating: bytes, as: UTF8.self), text.hasPrefix("number,outcome,") else {
      throw failure(.foreign, "it is not a table of mounts")
    }
    guard text.hasSuffix("\n") else { throw failure(.truncated, "it is cut off in the middle") }
    let lines = text.split(separator: "\n")
    let names = cells(lines[0])
    guard lines.count - 1 <= fileSystems else { throw failure(.invalid, "it has more lines than there are mounts") }
    for (index, line) in lines.enumerated() where cells(line).count != names.count {
      throw failure(.invalid, "line \(index + 1) has \(cells(line).count) cells, and there are \(names.count) columns")
    }
    let last = lines.count > 1 ? cells(lines[lines.count - 1]) : []
    func lastValue(_ column: String) -> UInt64? {
      names.firstIndex(of: column[...]).flatMap { last.indices.contains($0) ? UInt64(last[$0]) : nil }
    }
    var memory: (freeBytes: UInt64, largeFreeBytes: UInt64)?
    if let free = lastValue("free_bytes"), let large = lastValue("free_64k_bytes") { memory = (free, large) }
    return ModelTable(text: text, memoryAfter: memory)
  }

  /// Commas inside of quotes separate nothing.
  private static func cells(_ line: Substring) -> [Substring] {
    var isQuoted = false
    var cells: [Substring] = []
    var start = line.startIndex
    for index in line.utf8.indices {
      if line.utf8[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
      guard line.utf8[index] == UInt8(ascii: ","), !isQuoted else { continue }
      cells.append(line[start..<index])
      start = line.utf8.index(after: index)
    }
    return cells + [line[start...]]
  }

  private static let format = VersionedJSON<RunRecord>(
    "a record of failover-bench", newest: RunRecord.currentSchema,
    advice: "name a results directory of `failover-bench run`", anew: "run again", limitBytes: limit,
    flaw: RecordValidation.flaw(in:))

  /// `run.json`, decoded and checked.
  static func record(_ bytes: [UInt8], path: String) throws(RecordFileError) -> RunRecord {
    try format.value(bytes, path: path)
  }

  /// A run that is killed may leave its last line torn: that one is left out, and said so.
  private static func readObservations(
    _ directory: String, fileSystems: Int
  ) throws(RecordFileError) -> ([Observation], [String]) {
    let path = directory + "/observations.ndjson"
    let bytes: [UInt8]
    do throws(RecordFileError) { bytes = try BoundedFile.read(path, limit: limit) } catch {
      // A run may end before there is anything to observe.
      if error.kind == .missing { return ([], []) }
      throw error
    }
    return try observations(bytes, path: path, fileSystems: fileSystems)
  }

  /// `observations.ndjson`, decoded and checked.
  static func observations(_ bytes: [UInt8], path: String, fileSystems: Int) throws(RecordFileError) -> (
    [Observation], [String]
  ) {
    var observations: [Observation] = []
    var notes: [String] = []
    let decoder = JSONDecoder()
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if index == lines.count - 1 {
        if !line.isEmpty { notes.append("\(path): the last line is incomplete and was ignored") }
        break
      }
      func failure(_ reason: String) -> RecordFileError {
        RecordFileError(
          .invalid, operation: "read", path: path, reason: "line \(index + 1): \(reason)",
          advice: "it was changed after the run; run again")
      }
      let observation: Observation
      do { observation = try decoder.decode(Observation.self, from: Data(line)) } catch {
        throw failure(JSONFlaw.text(error))
      }
      guard (0...fileSystems).contains(observation.afterMount),
        observation.afterMount > observations.last?.afterMount ?? -1
      else { throw failure("afterMount \(observation.afterMount) is out of order") }
      if let flaw = RecordValidation.flaw(in: observation.state) { throw failure("state: \(flaw)") }
      observations.append(observation)
    }
    return (observations, notes)
  }
}
