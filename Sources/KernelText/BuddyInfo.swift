/// /proc/buddyinfo: free blocks by zone and order (mm/vmstat.c, frag_show_print).
public struct BuddyInfo: Equatable, Sendable {
  public struct Zone: Equatable, Sendable {
    public let node: Int
    public let name: String
    /// The index is the order; a block of order n is 2^n pages.
    public let freeBlocks: [UInt64]
  }

  public let zones: [Zone]

  /// Of all zones and orders.
  public var freePages: UInt64 {
    zones.reduce(0) { sum, zone in
      zone.freeBlocks.enumerated().reduce(sum) { $0 &+ ($1.element << UInt64($1.offset)) }
    }
  }

  public static func parse(_ text: String) throws(KernelTextError) -> BuddyInfo {
    var zones: [Zone] = []
    for line in Fields.lines(text, of: "/proc/buddyinfo") {
      guard let (node, name, next) = line.zoneHeading(), line.words.count > next, line.words.count - next <= 64 else {
        throw line.error("'Node N, zone NAME' and the free blocks of each order")
      }
      var blocks: [UInt64] = []
      for index in next..<line.words.count { blocks.append(try line.unsigned(index, "a number of free blocks")) }
      zones.append(Zone(node: node, name: name, freeBlocks: blocks))
    }
    guard !zones.isEmpty else {
      throw KernelTextError("/proc/buddyinfo", line: 0, content: text, expected: "a line for each zone")
    }
    return BuddyInfo(zones: zones)
  }
}

/// The share of free memory that is in blocks too small for `order`, 0 to 1; nil when nothing is free (mm/vmstat.c,
/// unusable_free_index). The index of `freeBlocks` is the order.
public func unusableFreeSpaceIndex(freeBlocks: [UInt64], order: Int) -> Double? {
  var free = 0.0
  var suitable = 0.0
  var pages = 1.0
  for (index, blocks) in freeBlocks.enumerated() {
    free += Double(blocks) * pages
    if index >= order { suitable += Double(blocks) * pages }
    pages *= 2
  }
  return free > 0 ? (free - suitable) / free : nil
}
