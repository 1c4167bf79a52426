import BasicContainers
public import Experiment
public import HostJournal
import KernelText
import LinuxSystem
import SystemPackage

/// Mounts some file systems of one kind and traces what each mount asks of the page allocator.
///
/// Must live in a process of its own whose mount namespace is its own (``MountNamespace``), as ``LinuxTestbed`` must.
public struct MountProfiler: ~Copyable {
  public struct Configuration: Sendable, Codable {
    public var fileSystem: VolumeFileSystem
    public var fileSystemBytes: UInt64
    public var mounts: Int
    public var runID: String
    /// An empty directory, mode 0700, journaled and removed by whoever made it.
    public var workDirectory: String
    public var mkfsPath: String

    public init(
      fileSystem: VolumeFileSystem, fileSystemBytes: UInt64, mounts: Int, runID: String, workDirectory: String,
      mkfsPath: String
    ) {
      (self.fileSystem, self.fileSystemBytes, self.mounts, self.runID) = (fileSystem, fileSystemBytes, mounts, runID)
      (self.workDirectory, self.mkfsPath) = (workDirectory, mkfsPath)
    }
  }

  /// What was measured.
  public struct Measurement: Sendable, Codable {
    public var mounts: [MountProfile]
    /// What this kernel does not tell, and why.
    public var unavailable: [Capabilities.Unavailable]
  }

  /// What became of a profile.
  public struct Outcome: Sendable {
    public var measurement: Result<Measurement, TestbedFailure>
    /// Mounts and devices that could not be let go; they end with this process.
    public var leftovers: Leftovers
  }

  /// For each processor: room for some 20,000 events, where a mount makes a few thousand.
  private static let bufferKilobytes = 2048

  private let configuration: Configuration
  private var journal: RunJournal
  private var loopControl: LoopControl
  // The order matters: file systems are unmounted before their devices are let go.
  private var mounts = UniqueArray<MountedFileSystem>()
  private var devices = UniqueArray<LoopDevice>()

  /// Takes over the journal. Whatever happens, the file systems are unmounted and the devices let go; what else is left is put
  /// back from the journal.
  public static func measure(
    _ configuration: Configuration, journal: consuming Journal, _ context: some RunContext
  ) -> Outcome {
    let control: LoopControl
    do throws(SystemError) { control = try LoopControl() } catch {
      let failure = TestbedFailure(
        error, doing: "reach the loop devices", advice: "`failover-bench doctor` says what is wrong with them")
      return Outcome(measurement: .failure(failure), leftovers: Leftovers())
    }
    var profiler = MountProfiler(configuration: configuration, journal: RunJournal(journal), loopControl: control)
    let measurement: Result<Measurement, TestbedFailure>
    do throws(TestbedFailure) { measurement = .success(try profiler.run(context)) } catch {
      measurement = .failure(error)
    }
    return Outcome(measurement: measurement, leftovers: release(&profiler.mounts, &profiler.devices))
  }

  private init(configuration: Configuration, journal: consuming RunJournal, loopControl: consuming LoopControl) {
    self.configuration = configuration
    self.journal = journal
    self.loopControl = loopControl
  }

  private mutating func run(_ context: some RunContext) throws(TestbedFailure) -> Measurement {
    try makeVolumes(context)
    let instance: TraceInstance
    do throws(SystemError) {
      instance = try TraceInstance.make(
        runID: configuration.runID, events: TraceEventName.ofProfile, bufferKilobytes: Self.bufferKilobytes,
        journal: &journal)
    } catch { throw TraceInstance.failure(error) }
    return try trace(instance, context)
  }

  private mutating func makeVolumes(_ context: some RunContext) throws(TestbedFailure) {
    let images = configuration.workDirectory + "/images"
    try attempting("set up the work directory") { () throws(SystemError) in
      try Directory.make(images)
      try Directory.make(configuration.workDirectory + "/mnt")
    }
    let maker = ImageMaker(mkfsPath: configuration.mkfsPath, directory: images, runID: configuration.runID, seed: 1)
    for number in 1...configuration.mounts {
      try context.checkpoint()
      let volume = try maker.make(
        empty: "volume-\(number)", number: number, bytes: configuration.fileSystemBytes, configuration.fileSystem,
        journal: &journal)
      do throws(SystemError) { devices.append(try loopControl.attach(volume.path, journal: &journal)) } catch {
        throw TestbedFailure(
          error, doing: "attach the image", advice: "`failover-bench doctor` says what is wrong with the loop devices")
      }
      try attempting("make the mount point") { () throws(SystemError) in try Directory.make(mountPoint(number)) }
    }
  }

  private func mountPoint(_ number: Int) -> String { configuration.workDirectory + "/mnt/\(number)" }

  private mutating func trace(_ instance: borrowing TraceInstance, _ context: some RunContext) throws(TestbedFailure)
    -> Measurement
  {
    guard instance.events.contains(.allocation) else {
      throw TestbedFailure(
        .environment, operation: "trace", subject: TraceEventName.allocation.rawValue,
        reason: "this kernel does not have the event",
        advice: "a kernel with CONFIG_EVENT_TRACING is needed")
    }
    let thread: Int
    do throws(SystemError) {
      thread = try instance.ownThread()
      try instance.follow(thread: thread)
      try instance.enable()
    } catch { throw TestbedFailure(error, doing: "set up the trace instance") }
    // The library's own first call: pages of the program that it touches would be counted with the first mount.
    _ = try? FakeMount.medianNanoseconds(rounds: 1)
    let names = MigrateTypes.names()
    var profiles: [MountProfile] = []
    for number in 1...configuration.mounts {
      try context.checkpoint()
      profiles.append(try mount(number, instance, thread, names))
      context.progress(done: UInt64(number), total: UInt64(configuration.mounts))
    }
    return Measurement(mounts: profiles, unavailable: Self.unavailable(instance.events, names))
  }

  private mutating func mount(
    _ number: Int, _ instance: borrowing TraceInstance, _ thread: Int, _ names: [String]
  ) throws(TestbedFailure) -> MountProfile {
    let target = mountPoint(number)
    let duration: UInt64
    var tally = AllocationTally(pid: thread, migrateTypeNames: names)
    let lost: UInt64
    do throws(SystemError) {
      let command = try MountCommand(
        source: devices[number - 1].path, target: target, fileSystem: configuration.fileSystem.rawValue)
      try instance.clear()
      try instance.resume()
      let began = Clock.monotonicNanoseconds()
      let mounted: MountedFileSystem
      do throws(SystemError) { mounted = try command.run() } catch {
        try? instance.pause()
        throw error
      }
      duration = Clock.monotonicNanoseconds() - began
      mounts.append(mounted)
      try instance.pause()
    } catch { throw TestbedFailure(error, doing: "trace mount \(number)") }
    do throws(TraceReadError) {
      try instance.read { line throws(KernelTextError) in try tally.take(line: line) }
      lost = try instance.lostEvents()
    } catch { throw error.failure(doing: "trace of mount \(number)") }
    return tally.profile(number: number, durationNanoseconds: duration, lostEvents: lost, traced: instance.events)
  }

  private static func unavailable(_ events: Set<TraceEventName>, _ names: [String]) -> [Capabilities.Unavailable] {
    var list: [Capabilities.Unavailable] = []
    if !events.isSuperset(of: TraceEventName.reclaim) {
      list.append(
        .init(
          what: "direct reclaim", reason: "this kernel has no events vmscan:mm_vmscan_direct_reclaim_begin and _end"))
    }
    if !events.isSuperset(of: TraceEventName.compaction) {
      list.append(
        .init(what: "compaction", reason: "this kernel has no events compaction:mm_compaction_begin and _end"))
    }
    if names.isEmpty { list.append(.init(what: "names of migratetypes", reason: "/proc/pagetypeinfo cannot be read")) }
    return list
  }
}
