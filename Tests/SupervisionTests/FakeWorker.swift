import Experiment
import HostJournal
import LinuxSystem
import RecordFiles
import SystemPackage
import Testing

@testable import Supervision

/// A shell in place of the worker, with a directory of its own, and what everybody does in the order in which it is
/// done.
///
/// The script appends a word to the diary for each thing that it hears or does; so does the restore.
final class FakeWorker: WorkerListener {
  private let root: String
  private(set) var events: [RunEvent] = []
  private(set) var results: [String] = []
  var refusesResults = false
  /// What the restores report, one after another; those behind find nothing to do.
  var reports: [RestoreReport] = []

  init() throws {
    root = "/tmp/supervision-test-\(UInt64.random(in: 0 ... .max))"
    try FileSystem.makeDirectory(root)
    for name in ["diary", "lock"] { try write("", name) }
  }

  deinit {
    for folder in ["state", "work"] {
      for name in (try? Directory.names(in: "\(root)/\(folder)")) ?? [] {
        try? FileSystem.removeFile("\(root)/\(folder)/\(name)")
      }
      try? FileSystem.removeDirectory("\(root)/\(folder)")
    }
    for name in ["diary", "lock"] { try? FileSystem.removeFile("\(root)/\(name)") }
    try? FileSystem.removeDirectory(root)
  }

  private func write(_ text: String, _ name: String) throws {
    let file = try Descriptor(opening: "\(root)/\(name)", .readWrite, [.create, .append])
    try file.write(Array(text.utf8))
    try file.close()
  }

  var diary: [String] {
    get throws { try KernelFile.read("\(root)/diary").split(separator: "\n").map(String.init) }
  }

  /// Hears the job, sends these lines and waits for a word, which it answers by ending.
  static func script(sending lines: [String]) -> String {
    """
    read -r job <&3; echo "$job" >> "$0/diary"
    \(lines.map { "printf '%s\\n' '\($0)' >&3" }.joined(separator: "\n"))
    read -r word <&3 || word=nothing; echo "$word" >> "$0/diary"
    echo ended >> "$0/diary"
    """
  }

  /// Has the script write the head of the failover's log (`FailoverLog`), as the worker does: each number is below 8.
  static func logging(startedAt: Int, underWay: Int = 0, since: Int = 0, committed: Int = 0) -> String {
    [(1, startedAt), (2, since), (3, underWay), (4, committed)].map { word, value in
      "printf '\\\(value)\\0\\0\\0\\0\\0\\0\\0' | dd of=/proc/self/fd/6 bs=8 seek=\(word) conv=notrunc status=none"
    }.joined(separator: "; ")
  }

  static func line(_ event: RunEvent) throws -> String { try EventCoding.line(event) }

  /// Supervises a worker that does what the script says.
  ///
  /// - Parameter word: the job is not sent before this stands in the diary.
  func supervise(
    _ script: String, timeouts: WorkerTimeouts = .profile, sendingJobAfter word: String? = nil
  ) throws -> SupervisedEnd {
    let plan = SupervisionPlan(
      name: "test", runID: "0123456789ab", stateDirectory: root + "/state", workDirectory: root + "/work",
      executable: "/bin/sh",
      arguments: ["-c", script, root], role: "test",
      failover: FailoverPlan(mounts: 3, demand: .none), timeouts: timeouts,
      job: { [self] _ in
        while let word, try !diary.contains(word) { _ = Poll.readable([], withinNanoseconds: 1_000_000) }
        return "job"
      })
    let lock = try HostLock.acquire(stateDirectory: FilePath(root + "/state"), lockFile: FilePath(root + "/lock"))
    let supervisor = WorkerSupervisor(plan, listener: self) { [self] _, _ in
      try? write("restored\n", "diary")
      return reports.isEmpty ? RestoreReport() : reports.removeFirst()
    }
    let end = try supervisor.run(lock: lock)
    try lock.release()
    return end
  }

  func received(_ event: RunEvent) { events.append(event) }

  struct Refusal: Error, CustomStringConvertible { let description = "not a result" }

  func received(result: String) throws {
    if refusesResults { throw Refusal() }
    results.append(result)
  }

  func receivedSignal(isFirst: Bool) {}
}
