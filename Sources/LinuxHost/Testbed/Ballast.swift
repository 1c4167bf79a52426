import Experiment
import KernelText
import LinuxSystem
import SystemPackage

/// Memory held back by huge pages, so that a large machine behaves like a small one.
///
/// vm.nr_hugepages takes whole blocks out of the buddy lists at once (19 GB in 0.05 s, where touching and locking as much
/// anonymous memory took 66 s), and nothing reclaims them. Watermarks and zone sizes stay those of the large machine.
struct Ballast {
  static let key = RunSetting.hugePages.key

  let hugePageBytes: UInt64
  let totalBytes: UInt64
  /// Pages in the pool before the run; they are held back already.
  let presentPages: UInt64

  init() throws(TestbedFailure) {
    let text = try attempting("look at the memory") { () throws(SystemError) in try KernelFile.read("/proc/meminfo") }
    guard let memory = try? MemInfo.parse(text), let total = memory.bytes("MemTotal"),
      let size = memory.bytes("Hugepagesize"), size > 0, let present = memory.count("HugePages_Total")
    else {
      throw TestbedFailure(
        .environment, operation: "hold memory back", reason: "the kernel has no huge pages",
        advice: "run with --memory none, or on a kernel with CONFIG_HUGETLBFS")
    }
    (hugePageBytes, totalBytes, presentPages) = (size, total, present)
  }

  /// Pages of the whole pool that leave `memoryBytes` of the machine.
  func pages(leaving memoryBytes: UInt64) -> UInt64 {
    guard totalBytes > memoryBytes else { return presentPages }
    return max(presentPages, (totalBytes - memoryBytes) / hugePageBytes)
  }

  /// How many pages the pool holds now.
  static func poolPages() -> UInt64? { KernelFile.trimmed(Sysctl.path(key)).flatMap { UInt64($0) } }
}
