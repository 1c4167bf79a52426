import CLinux
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
  private let kthreadd = 2

  init() {
    let ticks = sysconf(Int32(_SC_CLK_TCK))
    nanosecondsPerTick = 1_000_000_000 / UInt64(ticks > 0 ? ticks : 100)
  }

  var hasKernelThreads: Bool { KernelFile.trimmed("/proc/2/comm") == "kthreadd" }

  func read() -> Reading {
    var reading = Reading()
    if let text = try? KernelFile.read("/proc/stat"), let times = try? CPUTimes.parse(procStat: text) {
      reading.machine = times.busyTicks * nanosecondsPerTick
    }
    guard hasKernelThreads, let names = try? Directory.names(in: "/proc") else { return reading }
    for name in names where name.first?.isNumber == true {
      guard let text = try? KernelFile.read("/proc/\(name)/stat"), let task = try? TaskStat.parse(text),
        task.parent == kthreadd
      else { continue }
      if task.command.hasPrefix("kswapd") {
        reading.kswapd = (reading.kswapd ?? 0) + time(of: name, task)
      } else if task.command.hasPrefix("kcompactd") {
        reading.kcompactd = (reading.kcompactd ?? 0) + time(of: name, task)
      } else if task.command.hasPrefix("kworker") {
        reading.kworkers = reading.kworkers ?? [:]
        reading.kworkers![task.pid] = time(of: name, task)
      }
    }
    return reading
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
      kswapdNanoseconds: grown(before.kswapd, after.kswapd), kcompactdNanoseconds: grown(before.kcompactd, after.kcompactd),
      kworkerNanoseconds: kworkers, machineNanoseconds: grown(before.machine, after.machine))
  }

  /// /proc/PID/schedstat counts nanoseconds, /proc/PID/stat ticks of 10 ms: a mount takes about one of these.
  private func time(of name: String, _ task: TaskStat) -> UInt64 {
    if let text = KernelFile.trimmed("/proc/\(name)/schedstat"),
      let running = text.split(separator: " ").first.flatMap({ UInt64($0) })
    {
      return running
    }
    return (task.userTicks + task.systemTicks) * nanosecondsPerTick
  }
}
