import CLinux
import Testing

/// What the tests that touch the host need. Without it they are skipped, by name and reason; where
/// FAILOVER_BENCH_REQUIRE_ROOT_TESTS=1 they run and fail instead.
enum Privilege {
  static let reason: Comment = "needs root with CAP_SYS_ADMIN (to raise fs.pipe-max-size); run `sudo scripts/test`"

  static var isGranted: Bool { geteuid() == 0 && !isForbidden && effectiveCapabilities & (1 << 21) != 0 }

  private static var isForbidden: Bool { getenv("FAILOVER_BENCH_SKIP_ROOT_TESTS").map { String(cString: $0) } == "1" }

  static var isRequired: Bool {
    guard let value = getenv("FAILOVER_BENCH_REQUIRE_ROOT_TESTS") else { return false }
    return String(cString: value) == "1"
  }

  static var isGrantedOrRequired: Bool { isGranted || isRequired }

  /// First in each such test.
  static func require() throws {
    try #require(isGranted, "FAILOVER_BENCH_REQUIRE_ROOT_TESTS=1 is set, and this test \(reason)")
  }

  private static var effectiveCapabilities: UInt64 {
    let line = ProcFile.text("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    return line.flatMap { UInt64($0.dropFirst(7).filter { !$0.isWhitespace }, radix: 16) } ?? 0
  }
}

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
    ["MemFree", "Buffers", "Cached", "AnonPages", "Slab", "KernelStack", "PageTables", "Percpu", "Hugetlb", "VmallocUsed"]
      .reduce(self["MemTotal"] - perCPUFreeBytes) { $0 - self[$1] }
  }

  private static func perCPUFreePages() -> Int {
    ProcFile.text("/proc/zoneinfo").split(separator: "\n").reduce(0) { sum, line in
      let words = line.split(separator: " ")
      return sum + (words.count == 2 && words[0] == "count:" ? Int(words[1]) ?? 0 : 0)
    }
  }
}
