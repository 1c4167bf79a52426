import CLinux
import Experiment
import HostJournal
import LinuxSystem
import SystemPackage
import RecordFiles

/// Where a round's run has its things.
struct RoundPaths {
  let root: String
  var work: String
  var results: String
  var state: String { root + "/state" }
  var log: String { root + "/log" }

  init(root: String) {
    self.root = root
    work = root + "/work"
    results = root + "/results"
  }
}

/// A run under way.
struct CampaignRun: ~Copyable {
  let paths: RoundPaths
  let process: ChildProcess

  private let phases: [Phase]

  static func arguments(_ paths: RoundPaths, _ run: SmallRun = .second, memory: MachineSizes) -> [String] {
    ["run"] + run.arguments(memory) + [
      "--filesystems", "4", "--mount-demand", "64kB*4", "--mount-timeout", "5s", "--sysctl", "vm.stat_interval=3",
      "--no-model", "--no-report",
      "--work-dir", paths.work, "--state-dir", paths.state, "--output", paths.results,
    ]
  }

  init(_ program: String, _ paths: RoundPaths, _ run: SmallRun = .second, memory: MachineSizes) throws {
    self.paths = paths
    phases = run.phases
    let output = try Descriptor(opening: paths.log, .readWrite, .create)
    process = try ChildProcess(spawning: program, Self.arguments(paths, run, memory: memory), output: output.rawValue)
  }

  var text: String { (try? KernelFile.read(paths.log)) ?? "" }

  /// Whether `phase` is over: its line has come.
  func hasEnded(_ phase: Phase) -> Bool { text.split(separator: "\n").contains { $0.hasPrefix(phase.rawValue + " ") } }

  /// Waits until `phase` has begun. False when the run ended before.
  borrowing func waitUntil(_ phase: Phase) -> Bool {
    let index = phases.firstIndex(of: phase)!
    while true {
      if index == 0 ? children.count == 2 : hasEnded(phases[index - 1]) { return true }
      if process.hasEnded(withinNanoseconds: 1_000_000) { return false }
    }
  }

  enum Role { case testbed, helper }

  /// The two other processes, while they live.
  var children: [Role: ProcessIdentity] {
    var result: [Role: ProcessIdentity] = [:]
    // The kernel's own list; /proc would be long to go through.
    let text = (try? KernelFile.read("/proc/\(process.processID)/task/\(process.processID)/children")) ?? ""
    for word in text.split(separator: " ") {
      guard let pid = Int32(word), let command = try? KernelFile.read("/proc/\(pid)/cmdline"),
        let identity = try? ProcessIdentity.of(pid: pid)
      else { continue }
      if command.contains("testbed-process") { result[.testbed] = identity }
      if command.contains("failover-bench-pressure") { result[.helper] = identity }
    }
    return result
  }

  consuming func wait() -> ChildProcess.Ending { process.wait() }
}

/// Runs the program to its end, for its exit code and all it says.
struct Answer {
  let ending: ChildProcess.Ending
  let text: String

  init(_ program: String, _ arguments: [String], log: String) throws {
    unlink(log)
    let output = try Descriptor(opening: log, .readWrite, .create)
    ending = try ChildProcess(spawning: program, arguments, output: output.rawValue).wait()
    text = try KernelFile.read(log)
  }
}
