import Experiment
import Foundation
import HostJournal
import LinuxSystem
import RecordFiles
import TestSupport
import SystemPackage
import Testing

/// Real profiles of this machine's kernel.
@Suite("profiles on the real host", .serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct ProfileTests {
  init() throws { try Privilege.require() }

  private static func root() throws -> String {
    let root = "/var/tmp/fb-test-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(root)
    try Directory.make(root + "/work")
    return root
  }

  @Test("a mount of XFS asks for contiguous blocks; the file is read back, and is a demand for run and model")
  func profile() throws {
    let root = try Self.root()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let before = try RunningCommand.snapshot()
    let file = root + "/p.json"
    let answer = try Command.run(
      ["profile", "--mounts", "2", "--output", file, "--work-dir", root + "/work", "--state-dir", root + "/state"])
    #expect(answer.exitCode == 0 && answer.error == "", "\(answer.error)")
    try RunningCommand.expectAsBefore(root, before, answer.error)
    let profile = try ProfileFile.read(file)
    #expect(profile.mounts.count == 2 && profile.lostEvents == 0 && profile.fileSystem == "xfs")
    #expect(profile.mounts.allSatisfy { !$0.allocations.isEmpty && $0.durationNanoseconds > 0 })
    let demand = try #require(profile.mountDemand)
    #expect(answer.output.contains(demand))
    let scenario = try Command.run(["run", "--print-scenario", "--mount-demand", "profile:" + file])
    #expect(scenario.exitCode == 0 && scenario.output.contains(demand), "\(scenario.error)")
  }

  @Test(
    "whoever is killed, the others put the host back; when all are, cleanup does",
    arguments: ["supervisor", "profile", "both"])
  func killed(_ victim: String) throws {
    let root = try Self.root()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let before = try RunningCommand.snapshot()
    let path = try #require(Command.path, "the executable is not built")
    let output = try Descriptor(opening: root + "/log", .readWrite, .create)
    let process = try ChildProcess(
      spawning: path, ["profile", "--mounts", "64", "--work-dir", root + "/work", "--state-dir", root + "/state"],
      output: output.rawValue)
    // The journal names the instance before it is made, so it is the kernel that says when there is one to lose.
    func isTraced() throws -> Bool { try RunningCommand.snapshot().traceInstances != before.traceInstances }
    while try !isTraced(), !process.hasEnded(withinNanoseconds: 5_000_000) {}
    // Its only child. It stands still until all who are to be killed are: neither may be done meanwhile.
    let child = try #require(
      RunningCommand.children(of: process.processID).first, "\((try? KernelFile.read(root + "/log")) ?? "")")
    let identity = try ProcessIdentity.of(pid: child)
    #expect(kill(child, SIGSTOP) == 0)
    #expect(try isTraced(), "the profile was done before it could be stopped")
    if victim != "supervisor" { #expect(kill(child, SIGKILL) == 0) }
    if victim != "profile" { process.signal(SignalDescriptor.kill) }
    let ending = process.wait()
    #expect(ending == (victim == "profile" ? .exited(70) : .signaled(SIGKILL)))
    if victim == "supervisor" { #expect(kill(child, SIGCONT) == 0) }
    if victim == "both" {
      // It has the lock of the host for as long as it dies.
      let deadline = Clock.monotonicNanoseconds() + 60_000_000_000
      while identity.isAlive, Clock.monotonicNanoseconds() < deadline { Clock.sleep(nanoseconds: 5_000_000) }
      let answer = try Command.run(["cleanup", "--state-dir", root + "/state"])
      #expect(
        answer.exitCode == 0 && answer.output.contains("restored: trace instance"), "\(answer.output)\(answer.error)")
    }
    try RunningCommand.expectAsBefore(root, before, (try? KernelFile.read(root + "/log")) ?? "")
  }
}
