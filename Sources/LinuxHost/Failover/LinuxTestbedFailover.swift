import BasicContainers
public import Experiment
import LinuxSystem
import SystemPackage

extension LinuxTestbed {
  public mutating func prepareFailover(_ context: some RunContext) throws(TestbedFailure) {
    if scenario.flushesBeforeFailover { try flush(context) }
    try apply(.failover, context)
    try failoverTrace?.enable()
    if let command = configuration.beforeFailover { try run(command, context) }
    // The settings may have moved them.
    context.report(.failoverWatermarks(try HostMemory.watermarks()))
  }

  /// What it prints goes where messages go.
  private mutating func run(_ command: String, _ context: some RunContext) throws(TestbedFailure) {
    var devicePaths: [String] = []
    for number in 0..<scenario.fileSystems { devicePaths.append(devices[number].path) }
    let arguments = ["-c", command, "sh", configuration.workDirectory + "/mnt"] + devicePaths
    let ending: ChildProcess.Ending
    // Not through `attempting`: a closure that returns a noncopyable value crashes the optimizer of Swift 6.3.1.
    do throws(SystemError) {
      let process = try ChildProcess(spawning: "/bin/sh", arguments, output: 2)
      try journal.withChild(process, role: "the command before the failover") {
        while !$0.hasEnded(withinNanoseconds: 100_000_000) {
          // A sign of life; and whoever asks the run to stop means this as well.
          context.progress(done: 0, total: 0)
          do throws(TestbedFailure) { try context.checkpoint() } catch { $0.signal(SignalDescriptor.kill) }
        }
      }
      ending = process.wait()
    } catch {
      throw TestbedFailure(error, doing: "run the command before the failover")
    }
    try context.checkpoint()
    guard ending.isSuccess else {
      throw TestbedFailure(.fault, operation: "run the command before the failover", reason: "it \(ending)")
    }
  }

  /// Writes out what is dirty. The workload leaves some 150 MB, and were they written while the mounts run, in some runs and not in others,
  /// a mount would take half as long again.
  private func flush(_ context: some RunContext) throws(TestbedFailure) {
    let deadline = Clock.monotonicNanoseconds() + 60_000_000_000
    while Clock.monotonicNanoseconds() < deadline {
      try context.checkpoint()
      context.progress(done: 0, total: 0)
      FileSystem.synchronizeAll()
      let state = try observer!.observe()
      guard let dirty = state.dirtyBytes, let writeback = state.writebackBytes else { return }
      if dirty + writeback <= 1 << 20 { return }
      Clock.sleep(nanoseconds: 100_000_000)
    }
    context.report(
      .warning("others keep writing files: some data is still dirty and will be written during the mounts"))
  }

  public mutating func beginFailover(_ context: some RunContext) throws(TestbedFailure) {
    try log.begin(observer!.layout)
    // What grows with each mount has its room now.
    mounts.reserveCapacity(mounts.count + scenario.fileSystems)
    try failoverTrace?.begin()
    failoverClock = FailoverClock(helper: pressure.helper, supervisor: ProcessNumber.parent)
    try observer!.observe(into: log.observationWords(after: 0))
    log.commit(0)
    failoverStartNanoseconds = Clock.monotonicNanoseconds()
    log.started(at: failoverStartNanoseconds)
  }

  public mutating func mountNext(number: Int, _ context: some RunContext) throws(TestbedFailure) -> FailoverStep {
    precondition((1...volumes.count).contains(number), "there is no file system \(number)")
    if number > 1, let pause = scenario.mountPauseNanoseconds { try wait(pause, context) }
    try pressure.checkAlive()
    let target = mountPoint(number)
    // All that is not the mount is done before the clock starts.
    let command = try attempting("prepare the mount") { () throws(SystemError) in
      try MountCommand(source: devices[number - 1].path, target: target, scenario.volumes)
    }
    var measured = MountMeasurement()
    let began = Clock.monotonicNanoseconds()
    log.began(number, at: began)
    measured.startedAtNanoseconds = began - failoverStartNanoseconds
    var helperFailure: TestbedFailure?
    do throws(TestbedFailure) { try demand(&measured, context) } catch {
      guard error == PressureClient.gone else { throw error }
      helperFailure = error
      measured.demand = DemandRecord(
        demanded: scenario.mountDemand.blocks, isMet: false, heldBlocks: 0,
        durationNanoseconds: Clock.monotonicNanoseconds() - began, retries: 0)
    }
    if helperFailure == nil, measured.outcome == .mounted { mount(command, number, &measured, context) }
    measured.elapsedNanoseconds = Clock.monotonicNanoseconds() - failoverStartNanoseconds
    try observer!.observe(into: log.observationWords(after: number))
    if hasMetOOMKiller(in: number) {
      // The helper is its first victim, whoever has asked for the memory; without it nothing fragments the memory any more.
      do throws(TestbedFailure) { try pressure.checkAlive() } catch { measured.outcome = .oomKilled }
    }
    // Whoever else has killed the helper has ended the run.
    if let helperFailure, measured.outcome != .oomKilled { throw helperFailure }
    measured.store(in: log.mountWords(number))
    log.commit(number)
    switch measured.outcome {
    case .mounted: return .mounted
    case .oomKilled: return .over
    default: return .stopped
    }
  }

  /// In pieces, so that a run can be stopped meanwhile.
  private func wait(_ nanoseconds: UInt64, _ context: some RunContext) throws(TestbedFailure) {
    let end = Clock.monotonicNanoseconds() + nanoseconds
    while true {
      let now = Clock.monotonicNanoseconds()
      if now >= end { return }
      Clock.sleep(nanoseconds: min(end - now, 100_000_000))
      try context.checkpoint()
    }
  }

  /// Whether the kernel has killed a process for want of memory from the observation before this mount to the one after it.
  private func hasMetOOMKiller(in number: Int) -> Bool {
    guard let word = observer!.oomKillWord else { return false }
    return log.observationWords(after: number)[word] > log.observationWords(after: number - 1)[word]
  }

  public mutating func endFailover(_ context: some RunContext) throws(TestbedFailure) {
    try failoverTrace?.end()
    if let work = services.record { context.report(.served(work)) }
    if let failoverClock { context.report(.failoverCPU(failoverClock.end())) }
  }

  public mutating func concludeFailover(_ context: some RunContext) throws(TestbedFailure) {
    guard failoverTrace != nil else { return }
    var windows = FailoverWindows()
    for number in 1..<log.committed {
      windows.add(number, words: UnsafeBufferPointer(log.mountWords(number)), start: failoverStartNanoseconds)
    }
    do throws(TestbedFailure) { context.report(.allocations(try failoverTrace!.read(windows))) } catch {
      // What was measured of the mounts is whole without it.
      context.report(.warning("what was asked of the page allocator is not known: \(error)"))
    }
  }

  /// Has the helper hold the blocks that this mount demands.
  private mutating func demand(_ measured: inout MountMeasurement, _ context: some RunContext) throws(TestbedFailure) {
    guard !scenario.mountDemand.blocks.isEmpty else { return }
    let result = try pressure.hold(
      scenario.mountDemand, timeoutNanoseconds: scenario.mountTimeoutNanoseconds, retry: scenario.demandRetry, context)
    switch result {
    case .met(let record): measured.demand = record
    case .notMet(let record, let order):
      measured.demand = record
      (measured.outcome, measured.outcomeDetail) = (.demandNotMet, UInt64(order))
    case .marginReached(let record, let available):
      measured.demand = record
      (measured.outcome, measured.outcomeDetail) = (.marginReached, available)
    }
  }

  /// Mounts, reads the sentinel and has the service do its work.
  private mutating func mount(
    _ command: borrowing MountCommand, _ number: Int, _ measured: inout MountMeasurement, _ context: some RunContext
  ) {
    let cpuBefore = Clock.threadCPUNanoseconds()
    let began = Clock.monotonicNanoseconds()
    measured.mountStartedAtNanoseconds = began - failoverStartNanoseconds
    do throws(SystemError) {
      let mounted = try command.run()
      let ended = Clock.monotonicNanoseconds()
      measured.threadCPUNanoseconds = Clock.threadCPUNanoseconds() - cpuBefore
      measured.mountNanoseconds = ended - began
      mounts.append(mounted)
      (measured.outcome, measured.outcomeDetail) = checkSentinel(of: volumes[number - 1], at: mountPoint(number))
      measured.sentinelNanoseconds = Clock.monotonicNanoseconds() - ended
      if measured.outcome == .sentinelUnreadable, services.hasWork {
        // It is mounted: that its first file cannot be had is what its service is there to show.
        measured.service = services.withoutSentinel(Errno(rawValue: Int32(measured.outcomeDetail)))
        (measured.outcome, measured.outcomeDetail) = (.mounted, 0)
      } else if measured.outcome == .mounted, services.hasWork {
        log.serviceBegan(at: Clock.monotonicNanoseconds())
        measured.service = services.serve(mountPoint(number), volume: number) {
          do throws(TestbedFailure) { try context.checkpoint() } catch { return true }
          return false
        }
      }
    } catch {
      measured.mountNanoseconds = Clock.monotonicNanoseconds() - began
      measured.threadCPUNanoseconds = Clock.threadCPUNanoseconds() - cpuBefore
      (measured.outcome, measured.outcomeDetail) = (.mountFailed, UInt64(error.errno.rawValue))
    }
    // A mount that came back too late is one that did not come back: those who waited for it have given up.
    if measured.mountNanoseconds! > scenario.mountTimeoutNanoseconds, measured.outcome == .mounted {
      measured.outcome = .timedOut
    }
  }

  private func checkSentinel(of volume: VolumeImage, at target: String) -> (MountMeasurement.Outcome, UInt64) {
    do throws(SystemError) {
      let text = try KernelFile.read("\(target)/\(VolumeImage.sentinelName)")
      return (text == volume.sentinel ? .mounted : .sentinelDiffers, 0)
    } catch {
      return (.sentinelUnreadable, UInt64(error.errno.rawValue))
    }
  }
}
