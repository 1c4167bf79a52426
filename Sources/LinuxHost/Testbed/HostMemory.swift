import Experiment
import KernelText
import LinuxSystem

/// What is asked of the host's memory outside of the failover, from texts that are opened anew each time.
enum HostMemory {
  /// Of the zones that have memory.
  static func watermarks() throws(TestbedFailure) -> [ZoneWatermarks] {
    let info = try parsed("/proc/zoneinfo") { text throws(KernelTextError) in try ZoneInfo.parse(text) }
    return info.zones.filter { $0.managedPages > 0 }.map { zone in
      ZoneWatermarks(
        node: zone.node, name: zone.name, managedPages: zone.managedPages, minPages: zone.minPages,
        lowPages: zone.lowPages, highPages: zone.highPages, protectionPages: zone.protectionPages,
        kernelProtectionPages: info.kernelProtectionPages(of: zone))
    }
  }

  /// nil where the kernel does not show it.
  static func startMemory() -> StartMemory? {
    guard let text = try? KernelFile.read("/proc/pagetypeinfo"), let info = try? PageTypeInfo.parse(text) else {
      return nil
    }
    return StartMemory(pageTypes: info, pageBytes: Machine.pageBytes)
  }

  static func totalBytes() throws(TestbedFailure) -> UInt64 { try memory("MemTotal") { $0.bytes("MemTotal") } }

  /// What can still be had by anybody.
  static func availableBytes() throws(TestbedFailure) -> UInt64 {
    try memory("MemAvailable") { $0.availableBytes(inodesStay: inodesStay) }
  }

  /// Of it what the kernel can have for itself.
  static func availableToKernelBytes() throws(TestbedFailure) -> UInt64 {
    let zones = try parsed("/proc/zoneinfo") { text throws(KernelTextError) in try ZoneInfo.parse(text) }
    return try memory("MemAvailable") { $0.availableToKernelBytes(inodesStay: inodesStay, zones) }
  }

  private static var inodesStay: Bool { (try? Sysctl.read(RunSetting.inodePressure.key)) == RunSetting.keptInodes }

  private static func memory(
    _ name: String, _ bytes: (MemInfo) -> UInt64?
  ) throws(TestbedFailure) -> UInt64 {
    let memory = try parsed("/proc/meminfo") { text throws(KernelTextError) in try MemInfo.parse(text) }
    guard let bytes = bytes(memory) else {
      throw TestbedFailure(.environment, operation: "read", subject: "/proc/meminfo", reason: "it has no \(name)")
    }
    return bytes
  }

  private static func parsed<Value>(
    _ path: String, _ parse: (String) throws(KernelTextError) -> Value
  ) throws(TestbedFailure) -> Value {
    let text = try attempting("look at the memory") { () throws(SystemError) in try KernelFile.read(path) }
    return try TestbedFailure.understanding(path) { () throws(KernelTextError) in try parse(text) }
  }
}

extension StartMemory {
  init(pageTypes: PageTypeInfo, pageBytes: UInt64) {
    self.init(
      lists: pageTypes.free.compactMap { list in
        func bytes(fromOrder least: Int) -> UInt64 {
          list.freeBlocks.enumerated().reduce(0) { sum, entry in
            entry.offset < least ? sum : sum + (entry.element.blocks << UInt64(entry.offset)) * pageBytes
          }
        }
        let free = bytes(fromOrder: 0)
        return free == 0
          ? nil
          : List(
            node: list.node, zone: list.zone, mobility: list.migrateType, freeBytes: free,
            wholeBlockBytes: bytes(fromOrder: 9), isLowerBound: list.freeBlocks.contains(where: \.isLowerBound))
      })
  }
}

extension TestbedFailure {
  /// Parses a text of the kernel, and says which when it is not understood.
  static func understanding<Value>(
    _ path: String, _ parse: () throws(KernelTextError) -> Value
  ) throws(TestbedFailure) -> Value {
    do throws(KernelTextError) { return try parse() } catch {
      throw TestbedFailure(
        .environment, operation: "understand", subject: path, reason: "\(error)",
        advice: "please report this as a bug, with the kernel's text")
    }
  }
}
