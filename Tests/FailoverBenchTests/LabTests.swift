import CLinux
import Experiment
import Foundation
import LinuxSystem
import RecordFiles
import TestSupport
import SystemPackage
import Testing

/// The experiment on Debian's kernel, in virtual machines that scripts/lab boots. `scripts/test --lab` prepares what they need, and without
/// it leaves them out.
@Suite(
  .enabled(
    if: EnvironmentVariable.value("FAILOVER_BENCH_LAB_TESTS") == "1",
    "boots virtual machines: run `sudo scripts/test --lab`"))
struct LabTests {
  private static let kernel = "6.1"

  /// Where this test has its files: results, output, guest scripts.
  private let directory: String
  private let script: String

  init() throws {
    try #require(User.isRoot, "needs root, whose files the guest reads; run `sudo scripts/test --lab`")
    script = Checkout.path + "/scripts/lab"
    directory = "/var/tmp/fb-test-lab-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(directory)
  }

  private func removeFiles() { try? FileManager.default.removeItem(atPath: directory) }

  /// A call of scripts/lab that is under way; `name` tells its files apart.
  private struct Call: ~Copyable {
    let process: ChildProcess
    let output: String
    let results: String

    /// What it printed, and its exit code. How long it takes is not what is tested, but a guest that stands still must not hold up
    /// everything behind it.
    consuming func end() throws -> (text: String, ending: ChildProcess.Ending) {
      if !process.hasEnded(withinNanoseconds: 600_000_000_000) { process.signal(SIGTERM) }
      let ending = process.wait()
      return (try KernelFile.read(output), ending)
    }
  }

  private func start(_ name: String, _ arguments: [String]) throws -> Call {
    let (output, results) = ("\(directory)/\(name).log", "\(directory)/\(name)")
    let file = try Descriptor(opening: output, .readWrite, .create)
    return Call(
      process: try ChildProcess(spawning: script, ["--results", results] + arguments, output: file.rawValue),
      output: output, results: results)
  }

  private func guest(_ name: String, _ text: String) throws -> String {
    let path = "\(directory)/\(name).guest"
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  @Test("quick in a guest with Linux 6.1: 16 mounts, results brought out, the guest's exit code")
  func quick() throws {
    defer { removeFiles() }
    let call = try start(
      "quick",
      [
        Self.kernel, "run", "--scenario", "quick", "--memory", "none", "--files", "2000", "--rewrites", "2000",
        "--no-model", "--no-report",
      ])
    let results = call.results
    let (text, ending) = try call.end()
    #expect(ending == .exited(0), "\(text)")
    // The program's own words in the guest, those on standard error too.
    #expect(text.contains("mounts completed            16 of 16") && text.contains("\nteardown "), "\(text)")
    let record = try RunDirectoryReader.read(results).record
    #expect(record.status == .complete)
    #expect(record.host.kernelRelease.hasPrefix("\(Self.kernel)."), "\(record.host.kernelRelease)")
    #expect(record.mounts.count == 16 && record.mounts.allSatisfy { $0.outcome == .mounted })
    #expect(record.leftovers?.items == [])
    // Else the emulator holds up whoever clears certain pages.
    if record.host.cpuModel?.contains("TCG") == true {
      #expect(record.host.kernelCommandLine.contains("norandmaps"), "\(record.host.kernelCommandLine)")
    }
  }

  @Test(
    "every process killed while a snapshot of the device mapper pins: one cleanup removes its devices; two pages for each MiB written"
  )
  func killedSnapshot() throws {
    defer { removeFiles() }
    let call = try start("snapshot", ["--disk", "1G", "--guest", script + "-faults.guest", Self.kernel, "dm-snapshot"])
    let results = call.results
    let (text, ending) = try call.end()
    #expect(ending == .exited(0) && text.contains("dm-snapshot: ok"), "\(text)")
    // An exception of 32 bytes for each chunk of 4 kB; other caches of that size may have had room left, or take some.
    let pin = try #require(
      try JSONDecoder().decode(PinOfRun.self, from: Data(KernelFile.read(results + "/run.json").utf8)).pin)
    let mebibytes = Double(try #require(pin.originBytesWritten)) / 1_048_576
    #expect(pin.backend == .dmSnapshot && pin.requestedPages == 512 && (512..<544).contains(pin.pinnedPages))
    #expect((1.8...2.2).contains(Double(pin.pinnedPages) / mebibytes), "\(pin)")
  }

  @Test(
    "memory blocks outlive all processes of a run and one cleanup takes them back; the machine of 2005, and a zone that was there at boot"
  )
  func memoryOfAnotherKind() throws {
    defer { removeFiles() }
    let faults = try start(
      "faults", ["--disk", "1G", "--guest", script + "-faults.guest", Self.kernel, "division"])
    // What stays behind once the run has put the setting back is the kernel's default.
    let small = """
      quick='--files 2000 --rewrites 2000 --filesystems 4 --pin 4MiB --memory none --no-model --no-report'
      own="--work-dir $scratch/work --state-dir $scratch/state"
      "$program" run --scenario paper-2005 $quick $own --output "$results/2005" || return
      cat /proc/sys/vm/vfs_cache_pressure
      "$program" run --scenario quick $quick $own --memory-division 512MiB --output "$results/divided"

      """
    let machine = try start(
      "machine", ["--as-2005", "--append", "movablecore=512M", "--guest", try guest("machine", small), Self.kernel])
    let results = machine.results
    let (faultsText, faultsEnding) = try faults.end()
    #expect(
      faultsEnding == .exited(0) && faultsText.contains("division: ok"), "\(faultsText)")
    let (text, ending) = try machine.end()
    #expect(ending == .exited(0) && text.split(separator: "\n").contains("100"), "\(text)")
    let record = try RunDirectoryReader.read(results + "/2005").record
    #expect(record.status == .complete && record.leftovers?.items == [])
    let settings = record.host.settings
    #expect(
      settings["page_group_by_mobility"] == "off" && settings["slab.xfs_inode.order"] == "0", "\(settings)")
    #expect(record.sysctls.first { $0.key == "vm.vfs_cache_pressure" }?.duringRun == "0")
    // Used as it is, and said: by the run, and in what it was measured on.
    #expect(text.contains("already: it is used, whatever memory-division says"), "\(text)")
    #expect(text.contains(" in a movable zone, 1 processor"), "\(text)")
    let divided = try RunDirectoryReader.read(results + "/divided").record
    #expect(divided.status == .complete && divided.movableBytes > 300 << 20, "\(divided.movableBytes)")
  }

  @Test(
    "a guest that panics is ended with the panic's first line, one that falls silent with its last lines; what they printed has come out"
  )
  func brokenGuests() throws {
    defer { removeFiles() }
    let words = "echo words\necho warnings >&2\n"
    let panic = try start(
      "panic",
      [
        "--guest", try guest("panic", words + "echo 1 >/proc/sys/kernel/sysrq\necho c >/proc/sysrq-trigger\n"),
        Self.kernel,
      ])
    // Its sign of life ended, as that of a kernel that does nothing any more.
    let silence = try start(
      "silence",
      ["--silence", "45", "--guest", try guest("silence", words + "kill \"$pulse\"\nsleep 100000\n"), Self.kernel])
    let (panicText, panicEnding) = try panic.end()
    let (silenceText, silenceEnding) = try silence.end()
    #expect(
      panicEnding == .exited(70) && panicText.contains("Kernel panic - not syncing: sysrq triggered crash\n"),
      "\(panicText)")
    #expect(silenceEnding == .exited(70) && silenceText.contains("no sign of life for 45 s"), "\(silenceText)")
    for text in [panicText, silenceText] {
      let lines = text.split(separator: "\n")
      #expect(lines.contains("words") && lines.contains("warnings"), "\(text)")
    }
  }

  @Test("a guest whose disk stands still is ended, whatever signs of life it gives")
  func brokenDisk() throws {
    defer { removeFiles() }
    // Says what the kernel says of a journal that waits for good, and writes nothing any more.
    let text = """
      cd /
      mount -o remount,ro "$scratch"
      echo '<3>INFO: task jbd2/vda-8:1 blocked for more than 120 seconds.' >/dev/kmsg
      sleep 100000

      """
    let call = try start("disk", ["--silence", "45", "--guest", try guest("disk", text), Self.kernel])
    let (output, ending) = try call.end()
    #expect(ending == .exited(70) && output.contains("the guest's disk stands still"), "\(output)")
  }
}

/// Of a run.json only what the test is about.
private struct PinOfRun: Decodable {
  var pin: PinRecord?
}
