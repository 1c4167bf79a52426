import CLinux
import Experiment
import HostJournal
@testable import LinuxHost
import LinuxSystem
import SystemPackage
import Testing

/// A context that keeps what it is told.
final class RecordingContext: RunContext {
  var events: [RunEvent] = []
  /// Cancels when it returns true; asked at each checkpoint.
  var isCancelled: () -> Bool = { false }

  func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }
  func checkpoint() throws(TestbedFailure) { if isCancelled() { throw .cancelled } }
  func progress(done: UInt64, total: UInt64) {}
  func report(_ event: RunEvent) { events.append(event) }

  /// What was measured, in the order of the log.
  var mounts: [MountRecord] { events.compactMap { if case .mount(let record) = $0 { record } else { nil } } }
}

/// Runs a test on the real testbed with its helper, its journal and a work directory, in the mount namespace of the calling
/// thread, and then holds the host against what it was.
enum RealHost {
  static let keys = RunSetting.keysWithValue + ["vm.stat_interval", "vm.dirty_expire_centisecs"]

  /// Gives the testbed and the helper's process number to `body`, which must tear the testbed down. `context` is told what the log of
  /// the failover has then.
  static func run(
    _ scenario: Scenario, _ context: RecordingContext = RecordingContext(),
    _ body: (consuming LinuxTestbed, Int32) throws -> Void
  ) throws {
    let helperPath = try #require(Executables.path("failover-bench-pressure"), "the helper's executable is not built")
    let mkfs = try #require(Programs.find("mkfs.xfs"), "mkfs.xfs is missing: install xfsprogs")
    let volumes = try #require(Programs.find(scenario.volumes.fileSystem.mkfsName))
    let before = try snapshot()
    let runID = "test\(UInt32.random(in: 0 ... .max))"
    let state = "/tmp/failover-bench-test-state-\(runID)"
    let work = FilePath("/var/tmp/failover-bench-\(runID)")
    var journal = try Journal.create(in: FilePath(state), header: .current(scenario: "test"))
    let path = journal.path
    _ = try journal.makeDirectory(work)
    let (own, helperEnd) = try LineChannel.pair()
    let (ownLife, helperLife) = try LineChannel.pair()
    let helper = try PressureHelperProcess.start(
      path: helperPath, control: helperEnd, lifeline: helperLife, lock: nil, journal: path.string)
    DescriptorSet([helperEnd, helperLife]).closeAll()
    var lifeline = try LineChannel(adopting: ownLife)
    var log = try FailoverLog(mounts: scenario.fileSystems)
    let host = try LinuxTestbed(
      scenario: scenario,
      configuration: .init(
        runID: runID, workDirectory: work.string, mkfs: .init(volumes: volumes, workload: mkfs), helperDescriptor: own,
        logDescriptor: dup(log.descriptor)),
      journal: journal)
    try body(host, helper.processID)
    for event in log.events(after: 0, demand: scenario.mountDemand) { context.report(event) }
    // A helper that its testbed has told to end, or that was killed, may be gone already.
    do { try lifeline.send("") } catch { guard error.errno == .brokenPipe else { throw error } }
    let helperHasEnded = helper.hasEnded(withinNanoseconds: 20_000_000_000)
    #expect(helperHasEnded, "the helper has not ended with its testbed")
    _ = helper.wait()
    let report = JournalRestorer(LinuxHostOperations()).restore(journal: path, timeout: .seconds(20))
    #expect(report.isClean, "\(report.lines)")
    rmdir(state)
    #expect(try snapshot().difference(from: before) == [])
    #expect(access(work.string, F_OK) != 0, "the work directory is still there")
  }

  private static func snapshot() throws -> HostSnapshot {
    var snapshot = try HostSnapshot.take(sysctls: keys)
    snapshot.mounts = snapshot.mounts.filter { $0.contains("failover-bench") }
    return snapshot
  }
}

/// The executables of this build, found from the test bundle upwards.
enum Executables {
  static func path(_ name: String) -> String? {
    let starts = [FileLink.target(of: "/proc/self/exe")].compactMap { $0 } + CommandLine.arguments
    for start in starts where start.hasPrefix("/") {
      var components = start.split(separator: "/")
      while components.popLast() != nil, !components.isEmpty {
        let candidate = "/" + components.joined(separator: "/") + "/" + name
        if FileSystem.isExecutable(candidate) && candidate.contains(".build") { return candidate }
      }
    }
    return nil
  }
}
