import CLinux
import Experiment
import Foundation
import HostJournal
import LinuxSystem
import SystemPackage
import Testing

/// A small real run in its own directories, watched from outside, and the host before it.
struct RunningCommand: ~Copyable {
  let root: String
  let process: ChildProcess
  let before: HostSnapshot
  private let log: String

  static let keys = RunSetting.keysWithValue + ["vm.stat_interval"]

  /// - Parameter arguments: beside those that make it small.
  static func start(_ arguments: [String] = []) throws -> RunningCommand {
    let path = try #require(Command.path, "the executable is not built")
    let root = "/var/tmp/fb-test-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(root)
    try Directory.make(root + "/work")
    let before = try snapshot()
    let log = root + "/log"
    let output = try Descriptor(opening: log, .readWrite, .create)
    let process = try ChildProcess(
      spawning: path,
      [
        "run", "--scenario", "quick", "--filesystems", "4", "--files", "6000", "--rewrites", "12000", "--pin", "16MiB",
        "--sysctl", "vm.stat_interval=3", "--work-dir", root + "/work", "--state-dir", root + "/state", "--output",
        root + "/results",
      ] + arguments, output: output.rawValue)
    return RunningCommand(root: root, process: process, before: before, log: log)
  }

  static func snapshot() throws -> HostSnapshot {
    var snapshot = try HostSnapshot.take(sysctls: keys)
    snapshot.mounts = snapshot.mounts.filter { $0.contains("fb-test-") }
    // Others may use loop devices meanwhile; theirs are not ours to judge.
    snapshot.loopBindings = snapshot.loopBindings.filter { $0.value.contains("fb-test-") }
    return snapshot
  }

  var text: String { (try? KernelFile.read(log)) ?? "" }

  /// Waits until `phase` runs: the line of the one before it has come.
  func waitUntil(_ phase: String) throws {
    let order = ["prepare", "settle", "populate", "rewrite", "pin", "failover", "teardown"]
    let index = try #require(order.firstIndex(of: phase))
    for _ in 0..<12_000 {
      if index == 0
        ? children().count == 2 : text.contains("\n\(order[index - 1]) ") || text.hasPrefix("\(order[index - 1]) ")
      {
        return
      }
      if process.hasEnded(withinNanoseconds: 5_000_000) { break }
    }
    Issue.record("\(phase) has not come: \(text)")
  }

  /// The testbed's process and the helper, by their role.
  func children() -> [String: Int32] {
    var result: [String: Int32] = [:]
    for pid in Self.children(of: process.processID) {
      guard let command = try? KernelFile.read("/proc/\(pid)/cmdline") else { continue }
      if command.contains("testbed-process") { result["testbed"] = pid }
      if command.contains("failover-bench-pressure") { result["helper"] = pid }
    }
    return result
  }

  static func children(of parent: Int32) -> [Int32] {
    ((try? Directory.names(in: "/proc")) ?? []).compactMap(Int32.init).filter {
      (try? KernelFile.read("/proc/\($0)/status"))?.contains("\nPPid:\t\(parent)\n") == true
    }
  }

  /// What the run's record says of itself.
  func status() throws -> (status: String, reason: String?) {
    let data = try Data(contentsOf: URL(fileURLWithPath: root + "/results/run.json"))
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return (try #require(json["status"] as? String), json["incompleteReason"] as? String)
  }

  /// Everything but the results must be as it was once nobody of the run lives any more. (What the kernel still takes back then, a
  /// loop device that unbinds itself at its last close, is waited for too.)
  static func expectAsBefore(_ root: String, _ before: HostSnapshot, _ text: String) throws {
    // Who survives a killed supervisor works on after the test has seen it die. The bound is for a run that hangs, not for a busy machine.
    var difference = ["not looked yet"]
    var deadline = Clock.monotonicNanoseconds() + 900_000_000_000
    var someoneLives = true
    while Clock.monotonicNanoseconds() < deadline {
      if someoneLives, processes(of: root).isEmpty {
        someoneLives = false
        deadline = Clock.monotonicNanoseconds() + 60_000_000_000
      }
      var after = try snapshot()
      after.loopNodes = after.loopNodes.filter { before.loopNodes.contains($0) || !foreignDevices().contains($0) }
        .union(before.loopNodes)
      difference = after.difference(from: before)
      difference += ((try? Directory.names(in: root + "/work")) ?? []).map { "\($0) in the work directory" }
      difference += ((try? Directory.names(in: root + "/state")) ?? []).map { "\($0) in the state directory" }
      difference += processes(of: root)
      if difference.isEmpty { break }
      Clock.sleep(nanoseconds: 100_000_000)
    }
    #expect(difference == [], "\(text)")
  }

  /// Loop devices bound to files of others.
  private static func foreignDevices() -> Set<Int> {
    let bindings = (try? HostSnapshot.take())?.loopBindings ?? [:]
    return Set(bindings.filter { !$0.value.contains("fb-test-") }.keys)
  }

  private static func processes(of root: String) -> [String] {
    ((try? Directory.names(in: "/proc")) ?? []).compactMap { name in
      guard Int(name) != nil, let command = try? KernelFile.read("/proc/\(name)/cmdline"),
        command.contains(root) || command.contains("testbed-process") || command.contains("profile-process")
      else { return nil }
      return "process \(name): \(command)"
    }
  }
}
