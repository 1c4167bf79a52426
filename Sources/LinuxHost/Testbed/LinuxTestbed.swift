import BasicContainers
public import Experiment
public import HostJournal
import LinuxSystem
import PressureProtocol
import SystemPackage

/// The real testbed: loop devices, XFS, mount(2), the pressure helper, /proc.
///
/// Must live in a process of its own whose mount namespace is its own (``MountNamespace``): when that process dies, however it
/// dies, the kernel unmounts everything and autoclear unbinds the devices.
public struct LinuxTestbed: Testbed, ~Copyable {
  /// What the testbed is told about its surroundings.
  public struct Configuration: Sendable {
    public var runID: String
    /// An empty directory, mode 0700, journaled and removed by whoever made it.
    public var workDirectory: String
    public var mkfs: MkfsPrograms
    /// The testbed's end of the helper's control socket; the testbed takes it over.
    public var helperDescriptor: Int32
    /// The log of the failover, which the testbed maps and takes over.
    public var logDescriptor: Int32
    /// The kernel module of the backend `snapmeta`; nil for where it is installed.
    public var pinModulePath: String?
    /// A shell command for just before the failover. It gets the directory of the mount points and then the devices, number 1 first.
    public var beforeFailover: String?
    /// Whether it is traced what the mounts and the services ask of the page allocator.
    public var tracesFailover: Bool

    public init(
      runID: String, workDirectory: String, mkfs: MkfsPrograms, helperDescriptor: Int32, logDescriptor: Int32,
      pinModulePath: String? = nil, beforeFailover: String? = nil, tracesFailover: Bool = false
    ) {
      (self.beforeFailover, self.pinModulePath, self.runID) = (beforeFailover, pinModulePath, runID)
      (self.workDirectory, self.mkfs, self.helperDescriptor) = (workDirectory, mkfs, helperDescriptor)
      (self.logDescriptor, self.tracesFailover) = (logDescriptor, tracesFailover)
    }
  }

  let scenario: Scenario
  let configuration: Configuration
  /// Once `prepare` has given the machine its size.
  var observer: MemoryObserver?
  var log: FailoverLog
  var failoverClock: FailoverClock?
  /// Where the failover is traced, once the machine has its size.
  var failoverTrace: FailoverTrace?
  var journal: RunJournal
  var pressure: PressureClient
  var settings = HostSettings()
  var volumes: [VolumeImage] = []
  var devices = UniqueArray<LoopDevice>()
  /// In the order in which they were mounted.
  var mounts = UniqueArray<MountedFileSystem>()
  var loopControl: LoopControl?
  var workload: FileWorkload?
  var snapshotDevices: SnapshotDevices?
  var services: ServiceWorker
  var ballastBytes: UInt64 = 0
  /// Blocks that become ZONE_MOVABLE, and what they hold while they are offline.
  var movableBlocks: [Int] = []
  var asideBytes: UInt64 = 0
  /// vm.min_free_kbytes as it was before blocks were taken, where the divided machine is to have it as well.
  var keptMinimumFree: String?
  var toolProcesses = ToolProcesses()
  var failoverStartNanoseconds: UInt64 = 0
  public internal(set) var capabilities = Capabilities()

  /// Takes over the journal, the helper's socket and the log.
  public init(scenario: Scenario, configuration: Configuration, journal: consuming Journal) throws(TestbedFailure) {
    // What may fail first: a struct of noncopyable parts cannot be left half made.
    let pressure = try PressureClient(adopting: configuration.helperDescriptor)
    let log: FailoverLog
    do throws(SystemError) { log = try FailoverLog(adopting: configuration.logDescriptor) } catch {
      throw TestbedFailure(error, doing: "keep a log of the failover")
    }
    services = ServiceWorker(scenario.service, seed: scenario.seed)
    self.scenario = scenario
    self.configuration = configuration
    self.journal = RunJournal(journal)
    self.pressure = pressure
    self.log = log
  }

  var imageDirectory: String { configuration.workDirectory + "/images" }
  func mountPoint(_ number: Int) -> String { configuration.workDirectory + "/mnt/\(number)" }
  var workloadMountPoint: String { configuration.workDirectory + "/workload" }

  public borrowing func kernelTexts() -> [String: String] { KernelTexts.read() }

  public mutating func toolCost() -> ToolCost? {
    toolProcesses.cost(helper: pressure.helper, supervisor: ProcessNumber.parent)
  }

  public mutating func settle(_ context: some RunContext) throws(TestbedFailure) -> StartState {
    try context.checkpoint()
    try pressure.checkAlive()
    FileSystem.synchronizeAll()
    try withShortPerCPULists(context) { _ throws(TestbedFailure) in
      try attempting("settle the memory") { () throws(SystemError) in
        try Sysctl.write(RunSetting.dropCaches.key, "3")
        try Sysctl.write(RunSetting.compactMemory.key, "1")
      }
    }
    // Its own value: the watermarks are recomputed, without the boost that what was before the run may have left, and which kswapd
    // takes away at some later time (mm/page_alloc.c, __setup_per_zone_wmarks; 62 MB were seen). Linux 4.6 was the first to have it.
    let scale = RunSetting.watermarkScale.key
    if let factor = try? Sysctl.read(scale) { try? Sysctl.write(scale, factor) }
    // Before the settings under study: what they change of the memory is their effect, not another start.
    let (state, memory) = (try observer!.observe(), HostMemory.startMemory())
    // Not before the caches were dropped: those of inodes would not be.
    if scenario.inodeResident { try set(RunSetting.inodePressure.key, RunSetting.keptInodes, context) }
    try apply(.start, context)
    return StartState(
      state: state, watermarks: try HostMemory.watermarks(), totalBytes: try HostMemory.totalBytes(),
      ballastBytes: ballastBytes, memory: memory)
  }

  public mutating func populate(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try withWorkload(context) { workload, context throws(TestbedFailure) in try workload.populate(context) }
  }

  public mutating func rewrite(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    let count = scenario.rewrites
    return try withWorkload(context) { workload, context throws(TestbedFailure) in
      try workload.rewrite(count: count, context)
    }
  }

  private mutating func withWorkload<Context: RunContext>(
    _ context: Context, _ body: (inout FileWorkload, Context) throws(TestbedFailure) -> WorkloadRecord
  ) throws(TestbedFailure) -> WorkloadRecord {
    try pressure.checkAlive()
    guard var workload = workload.take() else {
      return WorkloadRecord(operations: 0, durationNanoseconds: 0, latency: LatencyHistogram(buckets: []))
    }
    let record: WorkloadRecord
    do throws(TestbedFailure) { record = try body(&workload, context) } catch {
      self.workload = consume workload
      throw error
    }
    self.workload = consume workload
    try pressure.checkAlive()
    return record
  }

  public mutating func inject(_ context: some RunContext) throws(TestbedFailure) -> InjectRecord {
    guard let pattern = scenario.pattern else { preconditionFailure("inject without a pattern") }
    // The pattern ends where the free lists are empty, and what the processors keep then would come back as large blocks.
    let injection = try withShortPerCPULists(context) { testbed throws(TestbedFailure) in
      let scenario = testbed.scenario
      return try testbed.pressure.inject(
        pattern, maximumPages: scenario.injectPages, dose: .init(share: scenario.doseShare, seed: scenario.seed),
        transient: scenario.transientBackend, context)
    }
    if let wanted = scenario.injectPages, injection.stop == .watermarks {
      context.report(
        .warning(
          "\(injection.pinnedPages + injection.transientPages) of \(wanted) pages were injected: reclaim would have begun"
        ))
    }
    return InjectRecord(
      pinnedPages: injection.pinnedPages, transientPages: injection.transientPages,
      durationNanoseconds: injection.fillNanoseconds + injection.releaseNanoseconds)
  }

  /// Settings of the scenario that come into force at `stage`.
  mutating func apply(_ stage: SysctlSetting.Stage, _ context: some RunContext) throws(TestbedFailure) {
    for setting in scenario.sysctls where setting.stage == stage { try set(setting.key, setting.value, context) }
  }

  mutating func set(
    _ key: String, _ value: String, again: Bool = false, _ context: some RunContext, advice: String = ""
  ) throws(TestbedFailure) {
    let (before, after) = try settings.set(key, value, again: again, journal: &journal, advice: advice)
    context.report(.sysctl(key: key, before: before, after: after))
  }
}
