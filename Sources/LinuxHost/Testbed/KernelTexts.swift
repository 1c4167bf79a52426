import LinuxSystem

/// The texts of the kernel that are kept around each phase.
public enum KernelTexts {
  private static let names = [
    "buddyinfo", "pagetypeinfo", "zoneinfo", "vmstat", "meminfo", "slabinfo", "stat", "pressure/memory",
  ]

  /// Those that can be read, by name; a slash in a name becomes a hyphen.
  public static func read() -> [String: String] {
    var texts: [String: String] = [:]
    for name in names {
      guard let text = try? KernelFile.read("/proc/\(name)") else { continue }
      texts[String(name.map { $0 == "/" ? "-" : $0 })] = text
    }
    return texts
  }
}
