import Analysis
import Experiment
import LinuxSystem
import RecordFiles
import Report
import Supervision

/// The record of the run and its files. A disk that fills up does not stop the run, but it is not complete then
/// (``RunRecorder/failure``): the host must be put back whatever happens to the results.
final class RunSession {
  private var recorder: RunRecorder
  /// /proc/pagetypeinfo after settle.
  private(set) var settledPageTypes: String?
  /// The model beside the run, once it was played.
  var comparison: ModelComparison?

  var record: RunRecord { recorder.record }
  var path: String { recorder.path }

  init(record: RunRecord, output: String?) throws {
    let owner = FileOwner.behindSudo
    let directory =
      if let output { try RunDirectory.make(at: output, owner: owner) } else {
        try RunDirectory.make(
          scenario: record.scenario.name, startedAtUnixNanoseconds: record.startedAtUnixNanoseconds, owner: owner)
      }
    recorder = try RunRecorder(
      record: record, directory: directory, mountTable: .mountsCSV)
  }

  var observations: [Observation] { recorder.observations }

  func handle(_ event: RunEvent) {
    if case .rawTexts("\(Phase.settle.rawValue)-after", let texts) = event { settledPageTypes = texts["pagetypeinfo"] }
    recorder.take(event)
    if case .allocations(let trace) = event { write(text: AllocationsCSV.text(trace), named: "allocations.csv") }
  }

  func warn(_ text: String) { handle(.warning(text)) }

  func write(text: String, named name: String) { recorder.write(text: text, named: name) }

  func writeKernelLog(_ text: String?) {
    guard let text else { return warn("the kernel's log could not be read") }
    recorder.writeKernelLog(text)
  }

  /// The run did not come to its end.
  func cutOff(_ reason: String) { recorder.record.cutOff(reason) }

  /// Takes in how the run has ended, with the settings as they are now that everything is put back, and writes what is left to write.
  ///
  /// - Returns: the exit status, and why the results are not whole where they are not.
  func conclude(_ conclusion: RunConclusion) -> (status: ExitStatus, problem: String?) {
    // As the host was found: in place of what the worker reported of itself.
    recorder.record.leftovers = Leftovers(items: conclusion.leftovers)
    for index in recorder.record.sysctls.indices {
      recorder.record.sysctls[index].after = try? Sysctl.read(recorder.record.sysctls[index].key)
    }
    switch conclusion.record {
    case .asReported: break
    case .complete: recorder.record.status = .complete
    case .cutOff(let reason): cutOff(reason)
    }
    let problem = finish()
    return (problem != nil && conclusion.exitStatus.isResult ? .broken : conclusion.exitStatus, problem)
  }

  /// Why the results are not whole; nil when they are.
  func finish() -> String? {
    recorder.finish(summary)
    return recorder.failure.map { "\($0)" }
  }

  private var summary: RunSummary { RunSummary(of: record, observations: recorder.observations) }

  func summaryText() -> String {
    SummaryTable.text(record, summary, resultsPath: path, terminalWidth: Terminal.width)
      + (comparison.map { "\n" + ModelComparisonTable.text($0) } ?? "")
  }

  private struct JSONSummary: Encodable {
    let schema = RunRecord.currentSchema
    let status: RunRecord.Status
    let incompleteReason: String?
    let exitStatus: Int32
    let results: String
    let warnings: [String]
    let leftovers: [String]
    let summary: RunSummary
    let allocations: AllocationTotals?
    let model: ModelComparison?
  }

  func summaryJSON(_ status: ExitStatus) throws -> String {
    try PrettyJSON.text(
      JSONSummary(
        status: record.status, incompleteReason: record.incompleteReason, exitStatus: status.rawValue, results: path,
        warnings: record.warnings, leftovers: record.leftovers?.items ?? [], summary: summary,
        allocations: record.allocations, model: comparison))
  }
}

extension RunRecorder.MountTable {
  static let mountsCSV = RunRecorder.MountTable(header: MountsCSV.header) { mount, context, before, after in
    MountsCSV.row(mount, context, before: before, after: after)
  }
}
