import CLinux

/// Small files of /proc.
enum ProcFile {
  static func text(_ path: String) -> String {
    let file = clinux_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard file >= 0 else { return "" }
    defer { _ = clinux_close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = chunk.withUnsafeMutableBytes { clinux_read(file, $0.baseAddress, $0.count) }
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  @discardableResult
  static func write(_ text: String, to path: String) -> Bool {
    let file = clinux_open(path, O_WRONLY | O_CLOEXEC, 0)
    guard file >= 0 else { return false }
    defer { _ = clinux_close(file) }
    return Array(text.utf8).withUnsafeBytes { clinux_write(file, $0.baseAddress, $0.count) == $0.count }
  }

  static func number(_ path: String) -> Int? {
    Int(text(path).filter { !$0.isWhitespace })
  }
}

/// Figures of /proc/meminfo, in bytes.
struct MemoryFigures {
  let bytes: [String: Int]
  let perCPUFreeBytes: Int

  init() {
    // Folds what each CPU keeps to itself into the counters (mm/vmstat.c, `vmstat_refresh`).
    ProcFile.write("1", to: "/proc/sys/vm/stat_refresh")
    var bytes: [String: Int] = [:]
    for line in ProcFile.text("/proc/meminfo").split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let number = Int(words[1]) else { continue }
      bytes[String(words[0].dropLast())] = number * (words.count > 2 ? 1024 : 1)
    }
    self.bytes = bytes
    perCPUFreeBytes = Self.perCPUFreePages() * 4096
  }

  subscript(name: String) -> Int { bytes[name] ?? 0 }

  /// What is neither free nor counted as anybody's: pages in pipes are among it. Unlike MemFree it does not move when
  /// another process of the machine, a compiler say, takes memory or reads files. Free pages that a CPU keeps to itself
  /// are in no counter of meminfo, over 100 MB of them after much was freed: they are counted by zoneinfo.
  var unaccounted: Int {
    [
      "MemFree", "Buffers", "Cached", "AnonPages", "Slab", "KernelStack", "PageTables", "Percpu", "Hugetlb",
      "VmallocUsed",
    ]
    .reduce(self["MemTotal"] - perCPUFreeBytes) { $0 - self[$1] }
  }

  private static func perCPUFreePages() -> Int {
    ProcFile.text("/proc/zoneinfo").split(separator: "\n").reduce(0) { sum, line in
      let words = line.split(separator: " ")
      return sum + (words.count == 2 && words[0] == "count:" ? Int(words[1]) ?? 0 : 0)
    }
  }
}
