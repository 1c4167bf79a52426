import Experiment
import KernelText
import LinuxSystem
import SystemPackage

/// What the helper must know of the host's memory, from one look at /proc/meminfo, /proc/zoneinfo and vm.vfs_cache_pressure.
struct MemoryReading: Equatable {
  var memFreeBytes: UInt64
  /// See `MemInfo.availableToKernelBytes(inodesStay:_:)`.
  var memAvailableBytes: UInt64
  /// Over all zones. The kernel's figure includes the boost of the moment (mm/vmstat.c prints `high_wmark_pages`).
  var highWatermarkPages: UInt64
  /// See ``MarginPolicy/injectHeadroomPages(_:withMovable:)``.
  var injectHeadroomPages: UInt64
  /// The same where the transient pages are movable.
  var movableHeadroomPages: UInt64
  /// Free in ZONE_MOVABLE: movable transient pages fill it besides.
  var movableFreePages: UInt64 = 0
}

/// Where readings come from: the kernel, or a test.
protocol MemorySource: ~Copyable {
  mutating func look() throws(SystemFailure) -> MemoryReading
}

/// The kernel's own texts, read through descriptors and a buffer that stay: a look opens nothing and hardly allocates,
/// since it is taken when memory is shortest.
struct ProcMemory: MemorySource, ~Copyable {
  private var meminfo: KernelTextFile
  private var zoneinfo: KernelTextFile
  private var cachePressure: KernelTextFile

  init() throws(SystemFailure) {
    // All of them first: a struct of noncopyable parts cannot be left half made.
    let meminfo = try Self.open("/proc/meminfo")
    let zoneinfo = try Self.open("/proc/zoneinfo")
    let cachePressure = try Self.open(Sysctl.path(RunSetting.inodePressure.key))
    self.meminfo = meminfo
    self.zoneinfo = zoneinfo
    self.cachePressure = cachePressure
  }

  mutating func look() throws(SystemFailure) -> MemoryReading {
    let advice = "this kernel's text has another format; please report it with the text"
    do throws(SystemError) {
      try meminfo.refresh()
      try zoneinfo.refresh()
      try cachePressure.refresh()
    } catch {
      throw SystemFailure(
        operation: "\(error.operation) \(error.subject)", errno: error.errno,
        advice: "without it the memory margin cannot be kept")
    }
    do {
      let memory = try MemInfo.parse(meminfo.text)
      let zones = try ZoneInfo.parse(zoneinfo.text)
      let inodesStay = cachePressure.text.split(whereSeparator: \.isWhitespace) == [Substring(RunSetting.keptInodes)]
      guard let free = memory.bytes("MemFree"),
        let available = memory.availableToKernelBytes(inodesStay: inodesStay, zones)
      else {
        throw SystemFailure(operation: "parse /proc/meminfo", errno: .badMessage, advice: advice)
      }
      let levels = ZoneLevel.levels(of: zones)
      return MemoryReading(
        memFreeBytes: free, memAvailableBytes: available,
        highWatermarkPages: levels.reduce(0) { $0 + $1.highPages },
        injectHeadroomPages: MarginPolicy.injectHeadroomPages(levels),
        movableHeadroomPages: MarginPolicy.injectHeadroomPages(levels, withMovable: true),
        movableFreePages: zones.movableFreePages)
    } catch let failure as SystemFailure {
      throw failure
    } catch {
      throw SystemFailure(operation: "parse /proc/zoneinfo", errno: .badMessage, advice: "\(error); \(advice)")
    }
  }

  private static func open(_ path: String) throws(SystemFailure) -> KernelTextFile {
    do throws(SystemError) { return try KernelTextFile(path) } catch {
      throw SystemFailure(operation: "\(error.operation) \(path)", errno: error.errno, advice: "mount /proc")
    }
  }
}
