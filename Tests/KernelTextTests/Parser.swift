import KernelText
import Testing

/// Every parser of a whole file, for what must hold for all of them.
struct Parser: Sendable, CustomTestStringConvertible {
  /// As in fixtures/proc.
  let file: String
  /// As errors name it.
  let source: String
  /// Whether a text without a line is refused; some files are empty in good order.
  let refusesEmpty: Bool
  /// The value and how many entries it has.
  let run: @Sendable (String) throws(KernelTextError) -> (any Equatable, count: Int)

  var testDescription: String { file }

  private static func make<Value: Equatable & SendableMetatype>(
    _ file: String, _ source: String, refusesEmpty: Bool = true,
    _ parse: @escaping @Sendable (String) throws(KernelTextError) -> Value, _ count: @escaping @Sendable (Value) -> Int
  ) -> Parser {
    Parser(file: file, source: source, refusesEmpty: refusesEmpty) { text throws(KernelTextError) in
      let value = try parse(text)
      return (value, count(value))
    }
  }

  static let all: [Parser] = [
    make("buddyinfo", "/proc/buddyinfo", BuddyInfo.parse) { $0.zones.count },
    make("pagetypeinfo", "/proc/pagetypeinfo", PageTypeInfo.parse) { $0.free.count + $0.pageBlocks.count },
    make("zoneinfo", "/proc/zoneinfo", ZoneInfo.parse) { $0.zones.count },
    make("vmstat", "/proc/vmstat", VMStat.parse) { $0.counters.count },
    make("meminfo", "/proc/meminfo", MemInfo.parse) { $0.bytes("MemTotal") == nil ? 0 : 1 },
    make("slabinfo", "/proc/slabinfo", SlabInfo.parse) { $0.caches.count },
    make("stat", "/proc/stat", CPUTimes.parse(procStat:)) { _ in 1 },
    make("mountinfo", "/proc/self/mountinfo", refusesEmpty: false, MountInfo.parse) { $0.entries.count },
    make("pressure-memory", "/proc/pressure/memory", refusesEmpty: false, Pressure.parse) {
      ($0.some == nil ? 0 : 1) + ($0.full == nil ? 0 : 1)
    },
    make("swaps", "/proc/swaps", refusesEmpty: false, Swaps.parse) { $0.entries.count },
    make("cgroup", "/proc/self/cgroup", refusesEmpty: false, ControlGroups.parse) { $0.entries.count },
    make("filesystems", "/proc/filesystems", refusesEmpty: false, FileSystems.parse) { $0.names.count },
    make("status", "/proc/PID/status", KernelCapabilities.parse(procStatus:)) { _ in 1 },
  ]

  static func areEqual<Value: Equatable>(_ one: Value, _ other: any Equatable) -> Bool { other as? Value == one }
}
