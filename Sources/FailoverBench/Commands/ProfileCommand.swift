import ArgumentParser
import Experiment
import HostJournal
import LinuxHost
import LinuxSystem
import RecordFiles
import Report
import Supervision
import SystemPackage

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Trace what one mount asks of the kernel's page allocator.",
    discussion: """
      Needs root. Mounts some empty file systems one after another and traces, of the mounting thread alone, every block that it \
      asks the page allocator for, by size, migratetype and flags, and the time that it spends in direct reclaim and compaction. \
      The file that --output writes can be given to `run` and `model` as --mount-demand profile:FILE: the mean of the mounts, \
      rounded up, without movable blocks, which are page cache and memory of programs.
      """)

  @Option(
    help: ArgumentHelp("Type of the file systems: xfs, ext4 or btrfs.", valueName: "name"),
    completion: .list(VolumeFileSystem.allCases.map(\.rawValue)))
  var fileSystem = "xfs"
  @Option(help: ArgumentHelp("Number of mounts, 1 to 128.", valueName: "n"))
  var mounts = 8
  @Option(help: ArgumentHelp("Size of each file system, from 300MiB to 1TiB.", valueName: "size"))
  var filesystemSize = "300MiB"
  @Option(
    help: ArgumentHelp("Write the profile into this new file.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var output: String?
  @Flag(help: "Print the profile as JSON.") var json = false
  @OptionGroup(title: "Host") var hostOptions: HostOptions
  @Option(help: ArgumentHelp("Show progress: auto, always or never.", valueName: "mode"))
  var progress: ProgressPrinter.Mode = .auto

  func run() throws {
    let kind = try checkedKind()
    guard (1...128).contains(mounts) else {
      throw CommandFailure(invalid: "\(mounts)", for: "--mounts", expected: "1 to 128")
    }
    guard let bytes = ByteSize.parse(filesystemSize), (300 << 20...1 << 40).contains(bytes) else {
      throw CommandFailure(invalid: filesystemSize, for: "--filesystem-size", expected: "300MiB to 1TiB")
    }
    if let output {
      do throws(RecordFileError) { try ProfileFile.checkFree(output, owner: FileOwner.behindSudo) } catch {
        throw CommandFailure(.usage, "output: \(error)")
      }
    }
    let work = try hostOptions.absoluteWorkDirectory()
    try checkHost(work)
    guard let ownPath = Programs.ownPath() else {
      throw CommandFailure(.environment, "this program cannot find its own executable: mount /proc")
    }
    guard let mkfsPath = Programs.find(kind.mkfsName) else {
      throw CommandFailure(
        .environment, "\(kind.mkfsName) is not installed; on Debian: apt-get install \(kind.packageName)")
    }
    let runID = RunID.random()
    let configuration = MountProfiler.Configuration(
      fileSystem: kind, fileSystemBytes: bytes, mounts: mounts, runID: runID,
      workDirectory: work + "/failover-bench-" + runID,
      mkfsPath: mkfsPath)
    let started = Clock.unixNanoseconds()
    let measurement = try measure(configuration, ownPath: ownPath)
    let profile = AllocationProfile(
      tool: FailoverBenchCommand.tool, startedAtUnixNanoseconds: started,
      host: .ofThisMachine(imageDirectory: work), fileSystem: kind.rawValue, fileSystemBytes: bytes,
      mkfsVersion: kind.mkfsVersion(path: mkfsPath), mounts: measurement.mounts, unavailable: measurement.unavailable)
    try tell(profile)
  }

  private func tell(_ profile: AllocationProfile) throws {
    if let output {
      do throws(RecordFileError) { try ProfileFile.write(profile, to: output, owner: FileOwner.behindSudo) } catch {
        throw CommandFailure(.broken, "output: \(error)")
      }
    }
    if profile.lostEvents > 0 {
      StandardError.write(
        "failover-bench: warning: the kernel lost \(profile.lostEvents) events: all counts are too low\n")
    }
    if json {
      print(try PrettyJSON.text(profile), terminator: "")
    } else {
      print(AllocationProfileTable.text(profile, path: output, terminalWidth: Terminal.width), terminator: "")
    }
  }

  /// The kind that was asked for, where this kernel has it.
  private func checkedKind() throws -> VolumeFileSystem {
    let there = VolumeFileSystem.ofThisKernel()
    let names =
      there.map { $0.isEmpty ? "none of them" : $0.map(\.rawValue).joined(separator: ", ") } ?? "not known: mount /proc"
    guard let kind = VolumeFileSystem(rawValue: fileSystem) else {
      throw CommandFailure(
        invalid: fileSystem, for: "--file-system",
        expected: "\(VolumeFileSystem.allCases.map(\.rawValue).joined(separator: ", ")); this kernel has: \(names)")
    }
    guard there?.contains(kind) ?? false else {
      throw CommandFailure(
        invalid: fileSystem, for: "--file-system",
        expected: "one that is in this kernel (\(names)); its module may not be loaded (modprobe \(kind.rawValue))")
    }
    return kind
  }

  /// What a profile needs of the machine, in one line where it is not there.
  private func checkHost(_ workDirectory: String) throws {
    guard User.isRoot else {
      throw CommandFailure(.environment, "profile needs root, to mount and to trace: run with sudo")
    }
    var scenario = Scenario(name: "profile")
    (scenario.fileSystems, scenario.files, scenario.rewrites, scenario.pinBytes) = (mounts, 0, 0, 0)
    let checks = Preflight(
      scenario: scenario, workDirectory: workDirectory, stateDirectory: try hostOptions.absoluteStateDirectory(),
      helperPath: Programs.expectedHelperPath(), mkfsPath: nil
    ).checks()
    let needed = [
      "capability.sys_admin", "capability.dac_override", "loop.", "work-dir", "state-dir", "disk", "active-run",
      "leftovers",
    ]
    if let problem = checks.first(where: { check in
      check.status == .problem && needed.contains { check.name.hasPrefix($0) }
    }) {
      throw CommandFailure(.environment, "\(problem.detail)" + (problem.fix.isEmpty ? "" : "; \(problem.fix)"))
    }
  }

  private func measure(_ configuration: MountProfiler.Configuration, ownPath: String) throws
    -> MountProfiler.Measurement
  {
    let state = try hostOptions.absoluteStateDirectory()
    let lock: HostLock
    do throws(JournalError) { lock = try HostLock.acquire(stateDirectory: FilePath(state)) } catch {
      throw CommandFailure(.environment, "\(error)")
    }
    let printer = CountPrinter(progress, what: "profile", unit: "mounts")
    let supervisor = ProfileSupervisor(configuration: configuration, stateDirectory: state, ownPath: ownPath) {
      printer.show($0, of: $1)
    }
    let outcome: ProfileSupervisor.Outcome
    do { outcome = try supervisor.run(lock: lock) } catch { throw CommandFailure(.environment, "\(error)") }
    printer.end()
    for warning in outcome.warnings { StandardError.write("failover-bench: warning: \(warning)\n") }
    let measurement = try outcome.measurement.get()
    do throws(JournalError) { try lock.release() } catch { StandardError.write("failover-bench: warning: \(error)\n") }
    return measurement
  }
}
