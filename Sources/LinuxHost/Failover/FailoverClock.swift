import Experiment
import KernelText
import LinuxSystem

/// The CPU time of the whole failover: taken before its first mount and after its last, never between two of them.
///
/// What is read of the kernel's threads and of this program is read outside of the two readings of the machine, which would count the
/// reading along.
struct FailoverClock {
  private struct Reading {
    var kworkers: [Int32: UInt64] = [:]
    var kswapd: UInt64?
    var kcompactd: UInt64?
    var worker: UInt64
    var helper: UInt64?
    var supervisor: UInt64?
    var machine: UInt64?
    var at: UInt64
  }

  private let helper: Int32
  private let supervisor: Int32
  private let begin: Reading

  /// - Parameters:
  ///   - helper: its process.
  ///   - supervisor: its process.
  init(helper: Int32, supervisor: Int32) {
    (self.helper, self.supervisor) = (helper, supervisor)
    var kworkers: [Int32: UInt64] = [:]
    let threads = KernelThreads()
    for thread in threads.kworkers { kworkers[thread] = Clock.processCPUNanoseconds(thread) }
    begin = Reading(
      kworkers: kworkers, kswapd: KernelThreads.cpuNanoseconds(threads.kswapd),
      kcompactd: KernelThreads.cpuNanoseconds(threads.kcompactd), worker: Clock.threadCPUNanoseconds(),
      helper: Clock.processCPUNanoseconds(helper), supervisor: Clock.processCPUNanoseconds(supervisor),
      machine: Self.machineNanoseconds(), at: Clock.monotonicNanoseconds())
  }

  /// What has passed since.
  func end() -> FailoverCPU {
    let now = Clock.monotonicNanoseconds()
    let machine = Self.machineNanoseconds()
    var cpu = FailoverCPU(durationNanoseconds: now - begin.at)
    cpu.machineNanoseconds = Self.growth(begin.machine, machine)
    cpu.workerNanoseconds = Clock.threadCPUNanoseconds() - begin.worker
    cpu.helperNanoseconds = Self.growth(begin.helper, Clock.processCPUNanoseconds(helper))
    cpu.supervisorNanoseconds = Self.growth(begin.supervisor, Clock.processCPUNanoseconds(supervisor))
    let threads = KernelThreads()
    cpu.kswapdNanoseconds = Self.growth(begin.kswapd, KernelThreads.cpuNanoseconds(threads.kswapd))
    cpu.kcompactdNanoseconds = Self.growth(begin.kcompactd, KernelThreads.cpuNanoseconds(threads.kcompactd))
    if KernelThreads.areVisible {
      cpu.kworkersNanoseconds = threads.kworkers.reduce(0) { sum, thread in
        let time = Clock.processCPUNanoseconds(thread) ?? 0
        // A number that was used again starts below the old time.
        let before = begin.kworkers[thread] ?? 0
        return sum + (time >= before ? time - before : time)
      }
    }
    return cpu
  }

  private static func growth(_ before: UInt64?, _ after: UInt64?) -> UInt64? {
    guard let before, let after, after >= before else { return nil }
    return after - before
  }

  private static func machineNanoseconds() -> UInt64? {
    guard let text = try? KernelFile.read("/proc/stat"), let times = try? CPUTimes.parse(procStat: text) else {
      return nil
    }
    return times.busyTicks * (1_000_000_000 / Machine.clockTicksPerSecond)
  }
}
