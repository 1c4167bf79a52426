import KernelText

enum KernelTargets {
  /// As in fixtures/proc, in the order of the parsers.
  static let files = [
    "buddyinfo", "pagetypeinfo", "zoneinfo", "vmstat", "meminfo", "slabinfo", "stat", "mountinfo", "pressure-memory",
    "swaps", "cgroup",
    "filesystems", "status",
  ]
  private static let parsers: [@Sendable (String) throws -> Void] = [
    { _ = try BuddyInfo.parse($0) }, { _ = try PageTypeInfo.parse($0) }, { _ = try ZoneInfo.parse($0) },
    { _ = try VMStat.parse($0) },
    { _ = try MemInfo.parse($0) }, { _ = try SlabInfo.parse($0) }, { _ = try CPUTimes.parse(procStat: $0) },
    { _ = try MountInfo.parse($0) },
    { _ = try Pressure.parse($0) }, { _ = try Swaps.parse($0) }, { _ = try ControlGroups.parse($0) },
    { _ = try FileSystems.parse($0) },
    { _ = try KernelCapabilities.parse(procStatus: $0) }, { _ = try TaskStat.parse($0) },
    { _ = try KernelLog.parse(record: $0) },
  ]

  private static let lineParsers: [@Sendable (String) throws -> Void] = [
    { _ = try DirectWorkEvent.parse(line: $0) }, { _ = try PageAllocationEvent.parse(line: $0) },
    { _ = try AllocatorEvent.parse(line: $0) }, { _ = try TraceMarker.parse(line: $0) },
    { _ = try TraceBufferStats.parse($0) },
  ]

  static func proc(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    run(parsers[Int(first) % parsers.count], String(decoding: bytes.dropFirst(), as: UTF8.self))
  }

  static func trace(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    for parser in lineParsers { run(parser, text) }
  }

  private static func run(_ parse: (String) throws -> Void, _ text: String) {
    do { try parse(text) } catch {
      promiseOneLine(error)
      guard let error = error as? KernelTextError else { return promise(false, "an error of another kind: \(error)") }
      promise((0...text.utf8.count { $0 == 10 } + 1).contains(error.line), "line \(error.line) is not in the text")
    }
  }
}
