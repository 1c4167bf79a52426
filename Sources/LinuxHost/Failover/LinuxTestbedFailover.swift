import BasicContainers
public import Experiment
import LinuxSystem
import SystemPackage

extension LinuxTestbed {
  public mutating func prepareFailover(_ context: some RunContext) throws(TestbedFailure) {
    try apply(.failover, context)
  }

  public mutating func beginFailover(_ context: some RunContext) throws(TestbedFailure) {
    try log.begin(observer!.layout)
    // What grows with each mount has its room now.
    mounts.reserveCapacity(mounts.count + scenario.fileSystems)
    failoverClock = FailoverClock(helper: pressure.helper, supervisor: ProcessNumber.parent)
    try observer!.observe(into: log.observationWords(after: 0))
    log.commit(0)
    failoverStartNanoseconds = Clock.monotonicNanoseconds()
    log.started(at: failoverStartNanoseconds)
  }

  public mutating func mountNext(number: Int, _ context: some RunContext) throws(TestbedFailure) -> Bool {
    precondition((1...volumes.count).contains(number), "there is no file system \(number)")
    try pressure.checkAlive()
    let target = mountPoint(number)
    // All that is not the mount is done before the clock starts.
    let command = try attempting("prepare the mount") { () throws(SystemError) in
      try MountCommand(source: devices[number - 1].path, target: target, fileSystem: "xfs")
    }
    var measured = MountMeasurement()
    let began = Clock.monotonicNanoseconds()
    log.began(number, at: began)
    measured.startedAtNanoseconds = began - failoverStartNanoseconds
    try demand(&measured, context)
    if measured.outcome == .mounted { mount(command, number, &measured) }
    measured.elapsedNanoseconds = Clock.monotonicNanoseconds() - failoverStartNanoseconds
    measured.store(in: log.mountWords(number))
    try observer!.observe(into: log.observationWords(after: number))
    log.commit(number)
    return measured.outcome == .mounted
  }

  public mutating func endFailover(_ context: some RunContext) throws(TestbedFailure) {
    if let failoverClock { context.report(.failoverCPU(failoverClock.end())) }
  }

  /// Has the helper hold the blocks that this mount demands.
  private mutating func demand(_ measured: inout MountMeasurement, _ context: some RunContext) throws(TestbedFailure) {
    guard !scenario.mountDemand.blocks.isEmpty else { return }
    let (record, failedOrder, _) = try pressure.hold(
      scenario.mountDemand, timeoutNanoseconds: scenario.mountTimeoutNanoseconds, retry: scenario.demandRetry, context)
    measured.demand = record
    if !record.isMet {
      measured.outcome = .demandNotMet
      measured.outcomeDetail = UInt64(failedOrder ?? 0)
    }
  }

  /// Mounts, and reads the sentinel.
  private mutating func mount(_ command: borrowing MountCommand, _ number: Int, _ measured: inout MountMeasurement) {
    let cpuBefore = Clock.threadCPUNanoseconds()
    let began = Clock.monotonicNanoseconds()
    do throws(SystemError) {
      let mounted = try command.run()
      let ended = Clock.monotonicNanoseconds()
      measured.threadCPUNanoseconds = Clock.threadCPUNanoseconds() - cpuBefore
      measured.mountNanoseconds = ended - began
      mounts.append(mounted)
      (measured.outcome, measured.outcomeDetail) = checkSentinel(of: volumes[number - 1], at: mountPoint(number))
      measured.sentinelNanoseconds = Clock.monotonicNanoseconds() - ended
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
