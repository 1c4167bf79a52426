/// /proc/vmstat: event counters and page counts by name, cumulative since boot.
public struct VMStat: Equatable, Sendable {
  public let counters: [String: UInt64]

  public subscript(name: String) -> UInt64? { counters[name] }

  /// The sum of all whose name begins so; nil when there is none.
  public func sum(prefix: String) -> UInt64? {
    var sum: UInt64?
    for (name, value) in counters where name.hasPrefix(prefix) { sum = (sum ?? 0) &+ value }
    return sum
  }

  public static func parse(_ text: String) throws(KernelTextError) -> VMStat {
    var counters: [String: UInt64] = [:]
    for line in Fields.lines(text, of: "/proc/vmstat") {
      guard line.words.count == 2 else { throw line.error("a name and a number") }
      counters[String(line.words[0])] = try line.unsigned(1, "a name and a number")
    }
    guard !counters.isEmpty else { throw KernelTextError("/proc/vmstat", line: 0, content: text, expected: "counters") }
    return VMStat(counters: counters)
  }
}

/// /proc/meminfo (fs/proc/meminfo.c).
public struct MemInfo: Equatable, Sendable {
  private let kilobytes: [String: UInt64]
  private let counts: [String: UInt64]

  /// Bytes of an entry that the kernel gives in kB; nil when it has none of that name.
  public func bytes(_ name: String) -> UInt64? {
    guard let value = kilobytes[name] else { return nil }
    let (bytes, overflow) = value.multipliedReportingOverflow(by: 1024)
    return overflow ? nil : bytes
  }

  /// What can still be had by anybody, by the kernel's own estimate (mm/show_mem.c, `si_mem_available`); nil when it gives none.
  ///
  /// - Parameter inodesStay: vm.vfs_cache_pressure is 0: inodes and dentries are then never given back (fs/super.c, `super_cache_count`), yet
  ///   the kernel goes on counting nearly all of their slabs as available. They are left out.
  public func availableBytes(inodesStay: Bool) -> UInt64? {
    guard let available = bytes("MemAvailable") else { return nil }
    guard inodesStay else { return available }
    return available - min(available, bytes("SReclaimable") ?? 0)
  }

  /// Of it what the kernel can have for itself: not the pages of ZONE_MOVABLE, free or of files. With pages of 4 kB.
  public func availableToKernelBytes(inodesStay: Bool, _ zones: ZoneInfo) -> UInt64? {
    availableBytes(inodesStay: inodesStay).map { $0 - min($0, zones.availableToMovableOnlyPages * 4096) }
  }

  /// An entry without a unit: HugePages_Total and its like.
  public func count(_ name: String) -> UInt64? { counts[name] }

  public static func parse(_ text: String) throws(KernelTextError) -> MemInfo {
    var kilobytes: [String: UInt64] = [:]
    var counts: [String: UInt64] = [:]
    for line in Fields.lines(text, of: "/proc/meminfo") {
      let expected = "'NAME: NUMBER' with or without kB"
      guard let colon = line.text.firstIndex(of: ":") else { throw line.error(expected) }
      let name = String(line.text[..<colon])
      let rest = line.text[line.text.index(after: colon)...].split(whereSeparator: \.isWhitespace)
      guard let digits = rest.first, rest.count <= 2 else { throw line.error(expected) }
      let value = try line.number(digits, expected)
      if rest.count == 2 {
        guard rest[1] == "kB" else { throw line.error(expected) }
        kilobytes[name] = value
      } else {
        counts[name] = value
      }
    }
    guard !kilobytes.isEmpty else {
      throw KernelTextError("/proc/meminfo", line: 0, content: text, expected: "entries in kB")
    }
    return MemInfo(kilobytes: kilobytes, counts: counts)
  }
}

/// /proc/pressure/memory (Documentation/accounting/psi.rst).
public struct Pressure: Equatable, Sendable {
  public struct Line: Equatable, Sendable {
    /// Per cent of the last 10, 60 and 300 seconds.
    public let avg10: Double
    public let avg60: Double
    public let avg300: Double
    /// Since boot.
    public let totalMicroseconds: UInt64
  }

  public let some: Line?
  public let full: Line?

  public static func parse(_ text: String) throws(KernelTextError) -> Pressure {
    var some: Line?
    var full: Line?
    for line in Fields.lines(text, of: "/proc/pressure/memory") {
      let expected = "'some' or 'full' with avg10, avg60, avg300 and total"
      guard line.words.count == 5 else { throw line.error(expected) }
      func value(_ index: Int, _ name: String) throws(KernelTextError) -> Substring {
        guard line.words[index].hasPrefix(name + "=") else { throw line.error(expected) }
        return line.words[index].dropFirst(name.count + 1)
      }
      func average(_ index: Int, _ name: String) throws(KernelTextError) -> Double {
        let parts = try value(index, name).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let whole = Fields.decimal(parts[0]), parts[1].utf8.count == 2,
          let hundredths = Fields.decimal(parts[1])
        else { throw line.error(expected) }
        return Double(whole) + Double(hundredths) / 100
      }
      let parsed = Line(
        avg10: try average(1, "avg10"), avg60: try average(2, "avg60"), avg300: try average(3, "avg300"),
        totalMicroseconds: try line.number(try value(4, "total"), expected))
      switch line.words[0] {
      case "some": some = parsed
      case "full": full = parsed
      default: throw line.error(expected)
      }
    }
    return Pressure(some: some, full: full)
  }
}
