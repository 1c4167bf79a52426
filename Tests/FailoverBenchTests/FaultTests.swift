import CLinux
import Foundation
import LinuxSystem
import TestSupport
import Testing

/// Real runs that are interrupted or whose processes are killed: afterwards the host is as before, by the doing of those who
/// survive. One after another: they share one host.
@Suite(.serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct FaultTests {
  init() throws { try Privilege.require() }

  static let phases = ["prepare", "populate", "rewrite", "pin", "failover"]

  @Test("a run comes to its end, its results are complete, and the host is as before")
  func undisturbed() throws {
    let run = try RunningCommand.start()
    let (root, before) = (run.root, run.before)
    let text = { (try? KernelFile.read(root + "/log")) ?? "" }
    defer { try? FileManager.default.removeItem(atPath: root) }
    let ending = run.process.wait()
    #expect(ending == .exited(0), "\(text())")
    try RunningCommand.expectAsBefore(root, before, text())
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: root + "/results/run.json")))
        as? [String: Any])
    #expect(json["status"] as? String == "complete")
    let sysctls = try #require(json["sysctls"] as? [[String: Any]])
    for entry in sysctls { #expect(entry["before"] as? String == entry["after"] as? String, "\(entry)") }
    #expect(sysctls.contains { $0["key"] as? String == "vm.stat_interval" && $0["duringRun"] as? String == "3" })
    let mounts = try String(contentsOfFile: root + "/results/mounts.csv", encoding: .utf8).split(separator: "\n")
    #expect(mounts.count == 5)
    #expect(mounts.dropFirst().allSatisfy { $0.contains(",mounted,") })
    for name in [
      "observations.ndjson", "latency-populate.csv", "latency-rewrite.csv", "kernel.log",
      "proc/failover-before/buddyinfo",
    ] {
      #expect(FileManager.default.fileExists(atPath: root + "/results/" + name), "\(name) is missing")
    }
    #expect(text().contains("mounts completed"))
  }

  @Test("an interrupted run keeps what it has and puts everything back", arguments: [SIGINT, SIGTERM], phases)
  func signalled(_ signal: Int32, _ phase: String) throws {
    let run = try RunningCommand.start()
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil(phase)
    run.process.signal(signal)
    let ending = run.process.wait()
    let text = (try? KernelFile.read(root + "/log")) ?? ""
    // The run may have been done by the time the signal came.
    #expect(ending == .exited(128 + signal) || (phase == "failover" && ending == .exited(0)), "\(text)")
    try RunningCommand.expectAsBefore(root, before, text)
    let json = try String(contentsOfFile: root + "/results/run.json", encoding: .utf8)
    #expect(json.contains(ending == .exited(0) ? "\"status\" : \"complete\"" : "\"status\" : \"incomplete\""))
  }

  @Test("whoever is killed, the others put everything back", arguments: ["testbed", "helper"], phases)
  func childKilled(_ victim: String, _ phase: String) throws {
    let run = try RunningCommand.start()
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil(phase)
    let pid = try #require(run.children()[victim], "there is no \(victim) to kill")
    kill(pid, SIGKILL)
    let ending = run.process.wait()
    let text = (try? KernelFile.read(root + "/log")) ?? ""
    #expect(ending == .exited(70) || (phase == "failover" && ending == .exited(0)), "\(text)")
    try RunningCommand.expectAsBefore(root, before, text)
    let json = try String(contentsOfFile: root + "/results/run.json", encoding: .utf8)
    if ending == .exited(70) {
      #expect(json.contains("\"status\" : \"incomplete\""))
      #expect(json.contains(victim == "helper" ? "pressure helper" : "testbed's process"))
    }
  }

  @Test("a testbed that is killed between two mounts leaves what it has measured")
  func measurementsOfTheDead() throws {
    let run = try RunningCommand.start(["--mount-pause", "60s"])
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil("failover")
    let testbed = try #require(run.children()["testbed"])
    // The second is tried in a minute; the first is in service and on record once the pause has begun, in which the process sleeps.
    while !((try? KernelFile.read("/proc/\(testbed)/mounts")) ?? "").contains("/mnt/1 ")
      || !((try? KernelFile.read("/proc/\(testbed)/stat")) ?? "").contains(") S ")
    {
      let hasEnded = run.process.hasEnded(withinNanoseconds: 5_000_000)
      try #require(!hasEnded)
    }
    kill(testbed, SIGKILL)
    let ending = run.process.wait()
    let text = (try? KernelFile.read(root + "/log")) ?? ""
    #expect(ending == .exited(70), "\(text)")
    try RunningCommand.expectAsBefore(root, before, text)
    let mounts = try String(contentsOfFile: root + "/results/mounts.csv", encoding: .utf8).split(separator: "\n")
    #expect(mounts.count == 2 && mounts.last?.hasPrefix("1,mounted,") == true, "\(mounts)")
    let looks = try String(contentsOfFile: root + "/results/observations.ndjson", encoding: .utf8)
    #expect(looks.split(separator: "\n").count == 2)
  }

  @Test("a killed supervisor is survived: the testbed tears itself down", arguments: phases + ["teardown"])
  func supervisorKilled(_ phase: String) throws {
    let run = try RunningCommand.start()
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil(phase)
    run.process.signal(SIGKILL)
    _ = run.process.wait()
    try RunningCommand.expectAsBefore(root, before, (try? KernelFile.read(root + "/log")) ?? "")
  }

  @Test("supervisor and testbed killed at once: the helper puts everything back", arguments: phases)
  func bothKilled(_ phase: String) throws {
    let run = try RunningCommand.start()
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil(phase)
    let testbed = try #require(run.children()["testbed"])
    run.process.signal(SIGKILL)
    kill(testbed, SIGKILL)
    _ = run.process.wait()
    try RunningCommand.expectAsBefore(root, before, (try? KernelFile.read(root + "/log")) ?? "")
  }

  /// As on a machine so busy that a process takes its time to die.
  @Test("a supervisor that is gone long after its testbed has the helper put everything back")
  func supervisorDiesLate() throws {
    let run = try RunningCommand.start()
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil("failover")
    let testbed = try #require(run.children()["testbed"])
    run.process.signal(SIGSTOP)
    kill(testbed, SIGKILL)
    Clock.sleep(nanoseconds: 2_000_000_000)
    run.process.signal(SIGKILL)
    _ = run.process.wait()
    try RunningCommand.expectAsBefore(root, before, (try? KernelFile.read(root + "/log")) ?? "")
  }

  @Test("all three killed: a second run says so, and one cleanup puts everything back", arguments: phases)
  func allKilled(_ phase: String) throws {
    let run = try RunningCommand.start()
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil(phase)
    let children = run.children()
    // The helper first: it is the last that could put anything back.
    for victim in ["helper", "testbed"] { kill(try #require(children[victim]), SIGKILL) }
    run.process.signal(SIGKILL)
    _ = run.process.wait()
    let second = try Command.run([
      "run", "--scenario", "quick", "--state-dir", root + "/state", "--work-dir", root + "/work",
    ])
    #expect(second.exitCode == 69)
    #expect(second.error.contains("failover-bench cleanup"), "\(second.error)")
    let cleanup = try Command.run(["cleanup", "--state-dir", root + "/state"])
    #expect(cleanup.exitCode == 0, "\(cleanup.output)\(cleanup.error)")
    try RunningCommand.expectAsBefore(root, before, cleanup.output)
    let again = try Command.run(["cleanup", "--state-dir", root + "/state"])
    #expect(again.output.contains("nothing to clean up"))
  }

  @Test("a mount that does not come back is a stopped service, and the run ends without it")
  func mountTimedOut() throws {
    let run = try RunningCommand.start(["--mount-timeout", "1s"])
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil("failover")
    // A helper that stands still never answers the demand: to the supervisor that is a mount that hangs.
    kill(try #require(run.children()["helper"]), SIGSTOP)
    let ending = run.process.wait()
    let text = (try? KernelFile.read(root + "/log")) ?? ""
    #expect(ending == .exited(1) || ending == .exited(0), "\(text)")
    let mounts = try String(contentsOfFile: root + "/results/mounts.csv", encoding: .utf8)
    if ending == .exited(1) {
      #expect(mounts.contains(",timed-out,"), "\(mounts)")
      #expect(text.contains("first stopped mount"))
    }
    try RunningCommand.expectAsBefore(root, before, text)
  }

  @Test("a reader who goes away does not end the run")
  func readerGone() throws {
    let root = "/var/tmp/fb-test-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(root)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try Directory.make(root + "/work")
    let before = try RunningCommand.snapshot()
    var ends: [Int32] = [0, 0]
    try #require(clinux_pipe(&ends, 0) == 0)
    let process = try ChildProcess(
      spawning: try #require(Command.path),
      [
        "run", "--scenario", "quick", "--filesystems", "2", "--files", "0", "--rewrites", "0", "--pin", "0B",
        "--work-dir",
        root + "/work", "--state-dir", root + "/state", "--output", root + "/results",
      ], output: ends[1])
    // Nobody reads a word of it.
    _ = clinux_close(ends[0])
    _ = clinux_close(ends[1])
    let ending = process.wait()
    #expect(ending == .exited(0))
    try RunningCommand.expectAsBefore(root, before, "")
    let json = try String(contentsOfFile: root + "/results/run.json", encoding: .utf8)
    #expect(json.contains("\"status\" : \"complete\""))
  }

  @Test("a disk without room for the results: the host is put back, and the exit code says that the run broke")
  func resultsDiskFull() throws {
    let full = "/var/tmp/fb-full-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(full)
    defer { rmdir(full) }
    // 64 kB are enough to begin and too little for the observations.
    try #require(mount("none", full, "tmpfs", 0, "size=64k") == 0)
    defer { umount(full) }
    let run = try RunningCommand.start(["--output", full + "/results"])
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let ending = run.process.wait()
    let text = (try? KernelFile.read(root + "/log")) ?? ""
    #expect(ending == .exited(70), "\(text)")
    #expect(text.contains("No space left"), "\(text)")
    try RunningCommand.expectAsBefore(root, before, text)
  }

  @Test("--keep leaves the images and says nothing else is left")
  func keep() throws {
    let run = try RunningCommand.start(["--keep"])
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let ending = run.process.wait()
    let text = (try? KernelFile.read(root + "/log")) ?? ""
    #expect(ending == .exited(0), "\(text)")
    let kept = try #require(try Directory.names(in: root + "/work").first, "nothing was kept")
    #expect(
      Set(try Directory.names(in: "\(root)/work/\(kept)/images")).isSuperset(of: (1...4).map { "volume-\($0).img" }))
    try FileManager.default.removeItem(atPath: "\(root)/work/\(kept)")
    try RunningCommand.expectAsBefore(root, before, text)
  }

  @Test("a second run beside a living one is refused and leaves it alone")
  func secondRun() throws {
    let run = try RunningCommand.start()
    let (root, before) = (run.root, run.before)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try run.waitUntil("populate")
    // Another state directory, as another container would have: the lock is the host's.
    let second = try Command.run([
      "run", "--scenario", "quick", "--state-dir", root + "/other", "--work-dir", root + "/work",
    ])
    #expect(second.exitCode == 69, "\(second.error)")
    #expect(second.error.contains("another"), "\(second.error)")
    // Nor is what the first does to the machine taken for the machine's own.
    let third = try Command.run([
      "run", "--scenario", "quick", "--state-dir", root + "/other", "--work-dir", "/nowhere",
    ])
    #expect(third.exitCode == 69 && third.error.contains("another failover-bench run is active"), "\(third.error)")
    let doctor = try Command.run(["doctor", "--state-dir", root + "/other", "--work-dir", "/nowhere"])
    #expect(
      doctor.exitCode == 69 && doctor.output.contains("active-run") && !doctor.output.contains("/nowhere"),
      "\(doctor.output)")
    let ending = run.process.wait()
    #expect(ending == .exited(0), "\((try? KernelFile.read(root + "/log")) ?? "")")
    try RunningCommand.expectAsBefore(root, before, "")
  }
}
