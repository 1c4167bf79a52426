import CLinux
import KernelText
import LinuxSystem
import SystemPackage

/// What the helper must know of the host's memory, from one look at /proc/meminfo and /proc/zoneinfo.
struct MemoryReading: Equatable {
  var memFreeBytes: UInt64
  var memAvailableBytes: UInt64
  /// Over all zones. The kernel's figure includes the boost of the moment (mm/vmstat.c prints `high_wmark_pages`).
  var highWatermarkPages: UInt64
  /// See ``MarginPolicy/injectHeadroomPages(_:)``.
  var injectHeadroomPages: UInt64
}

/// Where readings come from: the kernel, or a test.
protocol MemorySource: ~Copyable {
  mutating func look() throws(SystemFailure) -> MemoryReading
}

/// The kernel's own texts, read through descriptors and a buffer that stay: a look opens nothing and hardly allocates,
/// since it is taken when memory is shortest.
struct ProcMemory: MemorySource, ~Copyable {
  private var meminfo: ProcText
  private var zoneinfo: ProcText

  init() throws(SystemFailure) {
    // Both first: a struct of noncopyable parts cannot be left half made.
    let meminfo = try ProcText("/proc/meminfo")
    let zoneinfo = try ProcText("/proc/zoneinfo")
    self.meminfo = meminfo
    self.zoneinfo = zoneinfo
  }

  mutating func look() throws(SystemFailure) -> MemoryReading {
    let advice = "this kernel's text has another format; please report it with the text"
    let memoryText = try meminfo.text()
    let zoneText = try zoneinfo.text()
    do {
      let memory = try MemInfo.parse(memoryText)
      let zones = try ZoneInfo.parse(zoneText).zones
      guard let free = memory.bytes("MemFree"), let available = memory.bytes("MemAvailable") else {
        throw SystemFailure(operation: "parse /proc/meminfo", errno: .badMessage, advice: advice)
      }
      let levels = ZoneLevel.levels(of: zones)
      return MemoryReading(
        memFreeBytes: free, memAvailableBytes: available, highWatermarkPages: levels.reduce(0) { $0 + $1.highPages },
        injectHeadroomPages: MarginPolicy.injectHeadroomPages(levels))
    } catch let failure as SystemFailure {
      throw failure
    } catch {
      throw SystemFailure(operation: "parse /proc/zoneinfo", errno: .badMessage, advice: "\(error); \(advice)")
    }
  }
}

/// One text of /proc, read again from its start each time (proc(5): seq files make their text at offset 0).
private struct ProcText: ~Copyable {
  private let path: String
  private let file: Descriptor
  private var buffer: UnsafeMutableRawBufferPointer

  init(_ path: String) throws(SystemFailure) {
    self.path = path
    do throws(Errno) { file = try Descriptor(opening: path, .readOnly) } catch {
      throw SystemFailure(operation: "open \(path)", errno: error, advice: "mount /proc")
    }
    buffer = .allocate(byteCount: 64 << 10, alignment: 16)
  }

  deinit {
    buffer.deallocate()
  }

  mutating func text() throws(SystemFailure) -> String {
    var filled = 0
    while true {
      if filled == buffer.count { try grow() }
      // A seq file gives what it has, often less than asked for; only 0 is its end.
      let count = try calling("read \(path)", advice: "without it the memory margin cannot be kept") {
        pread(file.rawValue, buffer.baseAddress! + filled, buffer.count - filled, filled)
      }
      if count == 0 { return String(decoding: buffer[..<filled], as: UTF8.self) }
      filled += count
    }
  }

  /// Hundreds of CPUs make a zoneinfo of hundreds of kilobytes.
  private mutating func grow() throws(SystemFailure) {
    guard buffer.count < 64 << 20 else {
      throw SystemFailure(operation: "read \(path)", errno: .fileTooLarge, advice: "this is not the kernel's text")
    }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
    buffer.deallocate()
    buffer = larger
  }
}
