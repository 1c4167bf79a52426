import KernelText
import LinuxSystem

/// The kernel's names for the migratetypes that a trace has as numbers.
enum MigrateTypes {
  /// By the kernel's number: /proc/pagetypeinfo lists them in its order. Empty where it cannot be read.
  static func names() -> [String] {
    guard let info = (try? KernelFile.read("/proc/pagetypeinfo")).flatMap({ try? PageTypeInfo.parse($0) }),
      let first = info.free.first
    else { return [] }
    return info.free.filter { $0.node == first.node && $0.zone == first.zone }.map(\.migrateType)
  }
}
