import KernelText
import LinuxSystem

/// The kernel's threads that work for a mount without being its thread.
struct KernelThreads {
  private(set) var kswapd: [Int32] = []
  private(set) var kcompactd: [Int32] = []
  private(set) var kworkers: [Int32] = []

  /// The parent of all kernel threads.
  private static let kthreadd = 2

  /// Whether this PID namespace shows them: a container's own does not.
  static var areVisible: Bool { KernelFile.trimmed("/proc/\(kthreadd)/comm") == "kthreadd" }

  /// Looks through all of /proc: some milliseconds, so never between two mounts.
  init() {
    guard Self.areVisible, let names = try? Directory.names(in: "/proc") else { return }
    for number in names.compactMap(Int32.init) {
      guard let text = try? KernelFile.read("/proc/\(number)/stat"), let task = try? TaskStat.parse(text),
        task.parent == Self.kthreadd
      else { continue }
      if task.command.hasPrefix("kswapd") { kswapd.append(number) }
      if task.command.hasPrefix("kcompactd") { kcompactd.append(number) }
      if task.command.hasPrefix("kworker") { kworkers.append(number) }
    }
  }

  /// The CPU time of all these; nil where there is none of them, or one has ended.
  static func cpuNanoseconds(_ threads: [Int32]) -> UInt64? {
    var sum: UInt64?
    for thread in threads {
      guard let time = Clock.processCPUNanoseconds(thread) else { return nil }
      sum = (sum ?? 0) + time
    }
    return sum
  }
}
