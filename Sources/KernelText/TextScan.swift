/// Finds numbers in a kernel's text without allocating: for readings between two things that are measured, where a parser of whole
/// texts (``VMStat``, ``BuddyInfo``) would take longer than the kernel takes to write the text.
struct TextScan {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  /// Goes behind the next line feed, or to the end.
  mutating func skipLine() {
    while position < bytes.count {
      position += 1
      if bytes[position - 1] == Self.lineFeed { return }
    }
  }

  /// The next decimal number of this line, whatever stands before it; nil when there is none, and then it stands at the line's end.
  mutating func nextNumber() -> UInt64? {
    while position < bytes.count, !Self.isDigit(bytes[position]) {
      if bytes[position] == Self.lineFeed { return nil }
      position += 1
    }
    guard position < bytes.count else { return nil }
    var value: UInt64 = 0
    while position < bytes.count, Self.isDigit(bytes[position]) {
      let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(bytes[position] - 48))
      if tooLarge || carry { return nil }
      value = sum
      position += 1
    }
    return value
  }

  /// Goes behind `word` when it comes next in this line, after blanks.
  mutating func skip(_ word: StaticString) -> Bool {
    var at = position
    while at < bytes.count, bytes[at] == 32 { at += 1 }
    guard bytes.count - at >= word.utf8CodeUnitCount else { return false }
    for index in 0..<word.utf8CodeUnitCount where bytes[at + index] != word.utf8Start[index] { return false }
    position = at + word.utf8CodeUnitCount
    return true
  }

  /// Goes behind the next `byte` of this line; false when there is none.
  mutating func skip(through byte: UInt8) -> Bool {
    while position < bytes.count, bytes[position] != Self.lineFeed {
      position += 1
      if bytes[position - 1] == byte { return true }
    }
    return false
  }

  /// Goes behind the next word of this line; false when there is none.
  mutating func skipWord() -> Bool {
    while position < bytes.count, bytes[position] == 32 { position += 1 }
    let first = position
    while position < bytes.count, bytes[position] != 32, bytes[position] != Self.lineFeed { position += 1 }
    return position > first
  }

  private static let lineFeed: UInt8 = 10
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }
}

/// Some counters of /proc/vmstat, whose lines are found once by their names and then read by their places: the names and their order
/// do not change while a kernel runs.
public struct VMStatSelection: Equatable, Sendable {
  /// In the order of the text.
  public let names: [String]
  /// Line by line, whether it is one of them.
  private let isWanted: [Bool]

  /// - Throws: when the text is not one of /proc/vmstat.
  public init(_ text: String, where isWanted: (String) -> Bool) throws(KernelTextError) {
    var names: [String] = []
    var lines: [Bool] = []
    for line in Fields.lines(text, of: "/proc/vmstat") {
      guard line.words.count == 2 else { throw line.error("a name and a number") }
      let name = String(line.words[0])
      lines.append(isWanted(name))
      if lines.last! { names.append(name) }
    }
    (self.names, self.isWanted) = (names, lines)
  }

  /// Reads the counters into `values`, one for each of ``names``. False when the text is another than that of the beginning.
  public func read(_ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<UInt64>) -> Bool {
    var scan = TextScan(bytes)
    var count = 0
    for isWanted in isWanted {
      if scan.isAtEnd { return false }
      if isWanted {
        // A name may hold digits (pgscan_..., thp_swpout_...): the number stands behind the blank.
        guard count < values.count, scan.skip(through: 32), let value = scan.nextNumber() else { return false }
        values[count] = value
        count += 1
      }
      scan.skipLine()
    }
    return scan.isAtEnd && count == names.count
  }
}

extension BuddyInfo {
  /// Reads the free blocks of all zones into `values`, zone by zone and order by order as in a text of the same shape that was parsed
  /// before. False when this one has another shape.
  public static func read(_ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<UInt64>) -> Bool {
    var scan = TextScan(bytes)
    var count = 0
    while !scan.isAtEnd {
      // "Node 0, zone    DMA32   1  2": the name may hold digits.
      guard scan.skip("Node"), scan.nextNumber() != nil, scan.skip(", zone"), scan.skipWord() else { return false }
      while let blocks = scan.nextNumber() {
        guard count < values.count else { return false }
        values[count] = blocks
        count += 1
      }
      scan.skipLine()
    }
    return count == values.count
  }
}

extension ZoneInfo {
  /// Free pages that processors keep to themselves, over all zones, as ``perCPUPages``.
  public static func perCPUPages(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var scan = TextScan(bytes)
    var pages: UInt64 = 0
    while !scan.isAtEnd {
      if scan.skip("count:"), let count = scan.nextNumber() { pages &+= count }
      scan.skipLine()
    }
    return pages
  }
}

extension Pressure {
  /// The two totals, in microseconds since boot; nil where the text has no such line.
  public static func totals(_ bytes: UnsafeRawBufferPointer) -> (some: UInt64?, full: UInt64?) {
    var scan = TextScan(bytes)
    var (some, full): (UInt64?, UInt64?) = (nil, nil)
    while !scan.isAtEnd {
      let isSome = scan.skip("some")
      let isFull = !isSome && scan.skip("full")
      // Four figures a line, the last of which is the total; "avg300" is a name with a digit.
      var isThere = isSome || isFull
      for _ in 0..<4 where isThere { isThere = scan.skip(through: 61) }
      if isThere { if isSome { some = scan.nextNumber() } else { full = scan.nextNumber() } }
      scan.skipLine()
    }
    return (some, full)
  }
}

/// Texts of which only the first number is wanted: /proc/PID/schedstat, which begins with the nanoseconds that the task has run
/// (Documentation/scheduler/sched-stats.rst), and those of /sys/kernel/slab/CACHE ("12 N0=12").
public enum FirstNumber {
  /// nil where the first line has none.
  public static func read(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
    var scan = TextScan(bytes)
    return scan.nextNumber()
  }
}
