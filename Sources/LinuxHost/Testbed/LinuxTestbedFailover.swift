import BasicContainers
public import Experiment
import LinuxSystem
import SystemPackage

extension LinuxTestbed {
  public mutating func mountNext(number: Int, _ context: some RunContext) throws(TestbedFailure) -> MountRecord {
    precondition((1...volumes.count).contains(number), "there is no file system \(number)")
    try pressure.checkAlive()
    let target = mountPoint(number)
    // All that is not the mount is done before the clock starts.
    let command = try attempting("prepare the mount") { () throws(SystemError) in
      try MountCommand(source: devices[number - 1].path, target: target, fileSystem: "xfs")
    }
    let countersBefore = try observer.counters()
    let backgroundBefore = background.read()
    let startedAt = context.monotonicNanoseconds() - failoverStartNanoseconds

    var demand: DemandRecord?
    var outcome: MountOutcome?
    if !scenario.mountDemand.blocks.isEmpty {
      let (record, failedOrder, errorNumber) = try pressure.hold(
        scenario.mountDemand, timeoutNanoseconds: scenario.mountTimeoutNanoseconds, retry: scenario.demandRetry, context
      )
      demand = record
      if !record.isMet { outcome = .demandNotMet(order: failedOrder ?? 0, errorNumber: errorNumber) }
    }

    var mountDuration: UInt64?
    var threadCPU: UInt64?
    var sentinelDuration: UInt64?
    if outcome == nil {
      let cpuBefore = Clock.threadCPUNanoseconds()
      let began = Clock.monotonicNanoseconds()
      do throws(SystemError) {
        let mounted = try command.run()
        (mountDuration, threadCPU) = (Clock.monotonicNanoseconds() - began, Clock.threadCPUNanoseconds() - cpuBefore)
        mounts.append(mounted)
        let sentinelBegan = Clock.monotonicNanoseconds()
        outcome = checkSentinel(of: volumes[number - 1], at: target)
        sentinelDuration = Clock.monotonicNanoseconds() - sentinelBegan
      } catch {
        (mountDuration, threadCPU) = (Clock.monotonicNanoseconds() - began, Clock.threadCPUNanoseconds() - cpuBefore)
        outcome = .failed(operation: "mount", errorNumber: error.errno.rawValue, reason: "\(error.errno)")
      }
      // A mount that came back too late is one that did not come back: those who waited for it have given up.
      if let mountDuration, mountDuration > scenario.mountTimeoutNanoseconds, outcome == .mounted {
        outcome = .timedOut
      }
    }

    let backgroundAfter = background.read()
    let countersAfter = try observer.counters()
    return MountRecord(
      number: number, outcome: outcome!, startedAtNanoseconds: startedAt, mountDurationNanoseconds: mountDuration,
      threadCPUNanoseconds: threadCPU, sentinelDurationNanoseconds: sentinelDuration, demand: demand,
      background: background.difference(from: backgroundBefore, to: backgroundAfter),
      counterDeltas: countersAfter.reduce(into: [:]) { deltas, entry in
        let before = countersBefore[entry.key] ?? 0
        deltas[entry.key] = entry.value >= before ? entry.value - before : 0
      })
  }

  private func checkSentinel(of volume: VolumeImage, at target: String) -> MountOutcome {
    let path = "\(target)/\(VolumeImage.sentinelName)"
    do throws(SystemError) {
      let text = try KernelFile.read(path)
      return text == volume.sentinel
        ? .mounted : .sentinelWrong(reason: "the sentinel file does not hold what was written to it")
    } catch {
      return .sentinelWrong(reason: "the sentinel file cannot be read: \(error.errno)")
    }
  }
}
