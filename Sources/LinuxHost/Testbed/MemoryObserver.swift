import Experiment
import KernelText
import LinuxSystem

/// Reads the memory's state from /proc.
struct MemoryObserver {
  let pageBytes: UInt64

  /// Counters of /proc/vmstat that a record keeps, by the beginning of their names.
  private static let counterPrefixes = [
    "allocstall", "compact_", "kcompactd_", "kswapd_", "oom_kill", "pageoutrun", "pgmajfault", "pgmigrate", "pgscan",
    "pgsteal",
    "workingset_refault",
  ]

  func observe() throws(TestbedFailure) -> MemoryState {
    let buddy = try parsed("/proc/buddyinfo") { text throws(KernelTextError) in try BuddyInfo.parse(text) }
    let memory = try parsed("/proc/meminfo") { text throws(KernelTextError) in try MemInfo.parse(text) }
    guard let free = memory.bytes("MemFree") else {
      throw TestbedFailure(.environment, operation: "read", subject: "/proc/meminfo", reason: "it has no MemFree")
    }
    let slabs = optional("/proc/slabinfo") { text throws(KernelTextError) in try SlabInfo.parse(text) }
    let pressure = optional("/proc/pressure/memory") { text throws(KernelTextError) in try Pressure.parse(text) }
    return MemoryState(
      takenAtNanoseconds: Clock.monotonicNanoseconds(), pageBytes: pageBytes,
      zones: buddy.zones.map { MemoryState.Zone(node: $0.node, name: $0.name, freeBlocks: $0.freeBlocks) },
      freeBytes: free,
      perCPUFreeBytes: (try? ZoneInfo.parse((try? KernelFile.read("/proc/zoneinfo")) ?? "")).flatMap {
        bytes(ofPages: $0.perCPUPages)
      },
      dataCacheBytes: Self.dataCache(memory),
      inodeSlabBytes: slabs?["xfs_inode"]?.bytes(pageSize: pageBytes),
      dentrySlabBytes: slabs?["dentry"]?.bytes(pageSize: pageBytes),
      reclaimableSlabBytes: memory.bytes("SReclaimable"), unreclaimableSlabBytes: memory.bytes("SUnreclaim"),
      pressure: pressure?.some.map {
        .init(someMicroseconds: $0.totalMicroseconds, fullMicroseconds: pressure?.full?.totalMicroseconds)
      },
      counters: try counters())
  }

  func counters() throws(TestbedFailure) -> [String: UInt64] {
    let all = try parsed("/proc/vmstat") { text throws(KernelTextError) in try VMStat.parse(text) }.counters
    return all.filter { name, _ in Self.counterPrefixes.contains { name.hasPrefix($0) } }
  }

  func watermarks() throws(TestbedFailure) -> [ZoneWatermarks] {
    try parsed("/proc/zoneinfo") { text throws(KernelTextError) in try ZoneInfo.parse(text) }.zones.filter {
      $0.managedPages > 0
    }
    .map {
      ZoneWatermarks(
        node: $0.node, name: $0.name, managedPages: $0.managedPages, minPages: $0.minPages, lowPages: $0.lowPages,
        highPages: $0.highPages, protectionPages: $0.protectionPages)
    }
  }

  func totalBytes() throws(TestbedFailure) -> UInt64 { try memory("MemTotal") }

  /// The kernel's own estimate of what can still be had (MemAvailable; mm/show_mem.c, `si_mem_available`).
  func availableBytes() throws(TestbedFailure) -> UInt64 { try memory("MemAvailable") }

  private func memory(_ name: String) throws(TestbedFailure) -> UInt64 {
    let memory = try parsed("/proc/meminfo") { text throws(KernelTextError) in try MemInfo.parse(text) }
    guard let bytes = memory.bytes(name) else {
      throw TestbedFailure(.environment, operation: "read", subject: "/proc/meminfo", reason: "it has no \(name)")
    }
    return bytes
  }

  private func bytes(ofPages pages: UInt64) -> UInt64? {
    let (bytes, overflow) = pages.multipliedReportingOverflow(by: pageBytes)
    return overflow ? nil : bytes
  }

  /// What cannot be told here, and why.
  func unavailable() -> [Capabilities.Unavailable] {
    var missing: [Capabilities.Unavailable] = []
    for (path, what) in [
      ("/proc/slabinfo", "inode and dentry slab"), ("/proc/pressure/memory", "pressure stall information"),
    ] {
      do throws(SystemError) { _ = try KernelFile.read(path) } catch {
        missing.append(.init(what: what, reason: error.description))
      }
    }
    return missing
  }

  /// File pages that reclaim may take: the page cache and the block devices' buffers without shared memory, which counts as
  /// cache but has no file behind it to go back to.
  private static func dataCache(_ memory: MemInfo) -> UInt64? {
    guard let cached = memory.bytes("Cached") else { return nil }
    let sum = cached + (memory.bytes("Buffers") ?? 0)
    let shared = memory.bytes("Shmem") ?? 0
    return sum > shared ? sum - shared : 0
  }

  private func parsed<Value>(
    _ path: String, _ parse: (String) throws(KernelTextError) -> Value
  ) throws(TestbedFailure) -> Value {
    let text = try attempting("observe the memory") { () throws(SystemError) in try KernelFile.read(path) }
    do throws(KernelTextError) { return try parse(text) } catch {
      throw TestbedFailure(
        .environment, operation: "understand", subject: path, reason: "\(error)",
        advice: "please report this as a bug, with the kernel's text")
    }
  }

  private func optional<Value>(_ path: String, _ parse: (String) throws(KernelTextError) -> Value) -> Value? {
    guard let text = try? KernelFile.read(path) else { return nil }
    return try? parse(text)
  }
}
