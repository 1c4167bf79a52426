import Experiment
import KernelText
import LinuxSystem

/// The CPU time of those who work for a mount without being its thread: kswapd, kcompactd, kworkers, the whole machine.
struct BackgroundClock {
  /// One reading; nil where the system does not show it (another PID namespace hides the kernel's threads).
  struct Reading {
    var kswapd: UInt64?
    var kcompactd: UInt64?
    /// By process number: kworkers come and go.
    var kworkers: [Int: UInt64]?
    var machine: UInt64?
  }

  private let nanosecondsPerTick: UInt64
  /// The parent of all kernel threads.
  private static let kthreadd = 2
  private let hasSchedulerStatistics: Bool

  private enum Kind { case kswapd, kcompactd, kworker, other }
  /// What each process number was when it was first seen: to open some 200 files before and after each mount took longer than
  /// the mount, and gave kswapd time that it does not have when mounts follow each other.
  private var kinds: [Int: Kind] = [:]

  init() {
    nanosecondsPerTick = 1_000_000_000 / Machine.clockTicksPerSecond
    hasSchedulerStatistics = KernelFile.trimmed("/proc/2/schedstat") != nil
  }

  var hasKernelThreads: Bool { KernelFile.trimmed("/proc/2/comm") == "kthreadd" }

  mutating func read() -> Reading {
    var reading = Reading()
    if let text = try? KernelFile.read("/proc/stat"), let times = try? CPUTimes.parse(procStat: text) {
      reading.machine = times.busyTicks * nanosecondsPerTick
    }
    guard hasKernelThreads, let names = try? Directory.names(in: "/proc") else { return reading }
    for name in names {
      guard let number = Int(name) else { continue }
      let kind = kinds[number] ?? self.kind(of: number)
      kinds[number] = kind
      guard kind != .other, let time = time(of: number) else { continue }
      switch kind {
      case .kswapd: reading.kswapd = (reading.kswapd ?? 0) + time
      case .kcompactd: reading.kcompactd = (reading.kcompactd ?? 0) + time
      case .kworker:
        reading.kworkers = reading.kworkers ?? [:]
        reading.kworkers![number] = time
      case .other: break
      }
    }
    return reading
  }

  private func kind(of number: Int) -> Kind {
    guard let text = try? KernelFile.read("/proc/\(number)/stat"), let task = try? TaskStat.parse(text),
      task.parent == Self.kthreadd
    else { return .other }
    if task.command.hasPrefix("kswapd") { return .kswapd }
    if task.command.hasPrefix("kcompactd") { return .kcompactd }
    return task.command.hasPrefix("kworker") ? .kworker : .other
  }

  /// What passed between two readings. The time of a kworker that ended in between is lost: that figure is a lower bound.
  func difference(from before: Reading, to after: Reading) -> BackgroundCPU {
    func grown(_ from: UInt64?, _ to: UInt64?) -> UInt64? {
      guard let from, let to, to >= from else { return nil }
      return to - from
    }
    var kworkers: UInt64?
    if let old = before.kworkers, let new = after.kworkers {
      kworkers = new.reduce(0) { sum, entry in
        // A number that was used again starts below the old time.
        let earlier = old[entry.key] ?? 0
        return sum + (entry.value >= earlier ? entry.value - earlier : entry.value)
      }
    }
    return BackgroundCPU(
      kswapdNanoseconds: grown(before.kswapd, after.kswapd),
      kcompactdNanoseconds: grown(before.kcompactd, after.kcompactd),
      kworkerNanoseconds: kworkers, machineNanoseconds: grown(before.machine, after.machine))
  }

  /// /proc/PID/schedstat counts nanoseconds, /proc/PID/stat ticks of 10 ms: a mount takes about one of these.
  private func time(of number: Int) -> UInt64? {
    if hasSchedulerStatistics {
      guard let text = KernelFile.trimmed("/proc/\(number)/schedstat"), let running = text.split(separator: " ").first
      else {
        return nil
      }
      return UInt64(running)
    }
    guard let text = try? KernelFile.read("/proc/\(number)/stat"), let task = try? TaskStat.parse(text) else {
      return nil
    }
    return (task.userTicks + task.systemTicks) * nanosecondsPerTick
  }
}
