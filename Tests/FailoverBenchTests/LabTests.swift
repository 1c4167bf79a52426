import CLinux
import Experiment
import Foundation
import LinuxSystem
import RecordFiles
import Testing

/// What scripts/lab needs. `scripts/lab --prepare 6.1` fetches it.
private enum Lab {
  static let kernel = "6.1"

  static let script: String? = {
    guard let program = Command.path, let end = program.range(of: "/.build")?.lowerBound else { return nil }
    let path = program[..<end] + "/scripts/lab"
    return isExecutable(String(path)) ? String(path) : nil
  }()

  /// Why the test cannot run here; nil when it can.
  static let obstacle: String? = {
    if !User.isRoot { return "needs root, whose files the guest reads; run `sudo scripts/test`" }
    if EnvironmentVariable.value("FAILOVER_BENCH_SKIP_ROOT_TESTS") == "1" { return "FAILOVER_BENCH_SKIP_ROOT_TESTS=1 is set" }
    guard script != nil else { return "scripts/lab is not there: the tests were not built in a checkout" }
    guard ["/usr/bin/qemu-system-x86_64", "/usr/bin/busybox"].allSatisfy(isExecutable) else {
      return "QEMU or busybox is missing; get them with: scripts/lab --prepare \(kernel)"
    }
    let home = EnvironmentVariable.value("XDG_CACHE_HOME") ?? (EnvironmentVariable.value("HOME") ?? "") + "/.cache"
    let names = ((try? Directory.names(in: home + "/failover-bench/lab")) ?? []) + ((try? Directory.names(in: home + "/failover-bench/lab/kernels")) ?? [])
    guard names.contains(where: { $0.hasPrefix("virtme-ng-") }) else { return "virtme-ng is missing; get it with: scripts/lab --prepare \(kernel)" }
    guard names.contains(where: { $0.hasPrefix("\(kernel).") }) else { return "there is no kernel \(kernel); get it with: scripts/lab --prepare \(kernel)" }
    return nil
  }()

  static var reason: Comment { Comment(rawValue: obstacle ?? "") }
}

/// Of a run.json only what the test is about.
private struct PinOfRun: Decodable {
  var pin: PinRecord?
}

/// The experiment on Debian's kernel, in a virtual machine.
@Suite(.enabled(if: Lab.obstacle == nil, Lab.reason))
struct LabTests {
  /// Calls scripts/lab; its output, and whether it ended with 0. How long it takes is not what is tested, but a guest that stands still
  /// must not hold up everything behind it.
  private static func lab(_ arguments: [String], in directory: String) throws -> (text: String, isGood: Bool) {
    let output = try OwnedDescriptor(opening: directory + "/log", O_RDWR | O_CREAT)
    let child = try ChildProcess(
      spawning: "/usr/bin/env",
      ["FAILOVER_BENCH_CONFIGURATION=debug", try #require(Lab.script), "--results", directory + "/results"] + arguments, output: output.rawValue)
    let ended = child.hasEnded(withinNanoseconds: 600_000_000_000)
    if !ended { child.signal(SIGTERM) }
    let ending = child.wait()
    return (try KernelFile.read(directory + "/log"), ended && ending == .exited(0))
  }

  private static func withDirectory(_ body: (String) throws -> Void) throws {
    let path = "/var/tmp/fb-test-lab-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test("quick in a guest with Linux 6.1: 16 mounts, results brought out, the guest's exit code")
  func quick() throws {
    try Self.withDirectory { directory in
      let answer = try Self.lab(
        [
          Lab.kernel, "run", "--scenario", "quick", "--memory", "none", "--files", "2000", "--rewrites", "2000", "--no-model", "--no-report",
        ], in: directory)
      #expect(answer.isGood, "\(answer.text)")
      let record = try RunDirectoryReader.read(directory + "/results").record
      #expect(record.status == .complete)
      #expect(record.host.kernelRelease.hasPrefix("\(Lab.kernel)."), "\(record.host.kernelRelease)")
      #expect(record.mounts.count == 16 && record.mounts.allSatisfy { $0.outcome == .mounted })
      #expect(record.leftovers?.items == [])
    }
  }

  @Test("every process killed while a snapshot of the device mapper pins: one cleanup removes its devices; two pages for each MiB written")
  func killedSnapshot() throws {
    try Self.withDirectory { directory in
      let guest = String(try #require(Lab.script)) + "-faults.guest"
      let answer = try Self.lab(["--disk", "1G", "--guest", guest, Lab.kernel, "dm-snapshot"], in: directory)
      #expect(answer.isGood && answer.text.contains("dm-snapshot: ok"), "\(answer.text)")
      // An exception of 32 bytes for each chunk of 4 kB; other caches of that size may have had room left, or take some.
      let pin = try #require(try JSONDecoder().decode(PinOfRun.self, from: Data(KernelFile.read(directory + "/results/run.json").utf8)).pin)
      let mebibytes = Double(try #require(pin.originBytesWritten)) / 1_048_576
      #expect(pin.backend == .dmSnapshot && pin.requestedPages == 512 && (512..<544).contains(pin.pinnedPages))
      #expect((1.8...2.2).contains(Double(pin.pinnedPages) / mebibytes), "\(pin)")
    }
  }
}
