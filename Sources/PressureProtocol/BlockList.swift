public import Experiment

/// How the helper holds a block of contiguous pages.
///
/// - Order 0 is a single page: a full page in a pipe (fs/pipe.c, `anon_pipe_write`).
/// - From order 2 up it is exactly one block from the page allocator: the ring array of a pipe with ``ringSlots`` slots,
///   40 bytes each, allocated by `kcalloc` in F_SETPIPE_SZ (fs/pipe.c, `pipe_resize_ring`).
/// - Order 1 cannot be asked for: a ring of 8 kB comes from a slab (kmalloc-8k), which takes blocks of another order
///   and shares them, so nothing could be said about what the page allocator had to give.
extension MountDemand.Blocks {
  /// The slots of the pipe whose ring array is one such block (order 2 and up): 64 << order, hence 2,560 << order
  /// bytes, more than half of the block and not more than all of it. Order 2 is 256 slots, order 10 is 65,536.
  public var ringSlots: Int { 64 << order }

  /// The pipe capacity to ask of F_SETPIPE_SZ for one such block; `fs.pipe-max-size` must be at least this.
  public var ringCapacityBytes: Int { ringSlots * 4096 }
}

/// `order:count,order:count…`, or `none`.
enum BlockList {
  /// Blocks of an order that one request may ask for.
  static let requested: ClosedRange<UInt64> = 1...UInt64(MountDemand.maximumCount)
  /// Blocks of an order that the helper may hold: those of many requests.
  static let held: ClosedRange<UInt64> = 1...PressureWire.maximumPages

  static func text(_ blocks: [MountDemand.Blocks]) -> String {
    if blocks.isEmpty { return "none" }
    return blocks.map { "\($0.order):\($0.count)" }.joined(separator: ",")
  }

  /// Throws for an order that cannot be held (``MountDemand/isHoldable(order:)``), for a count outside `counts`, and for
  /// a list that is none or too long.
  static func parse(
    _ text: String, key: String, counts: ClosedRange<UInt64>
  ) throws(PressureProtocolError) -> [MountDemand.Blocks] {
    if text == "none" { return [] }
    let entries = text.split(separator: ",", omittingEmptySubsequences: false)
    guard entries.count <= PressureWire.maximumBlockEntries else {
      throw .invalidValue(
        key: key, value: "\(entries.count) entries", allowed: "at most \(PressureWire.maximumBlockEntries) entries")
    }
    var blocks: [MountDemand.Blocks] = []
    for entry in entries {
      let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let order = decimal(parts[0]), let count = decimal(parts[1]) else {
        throw .invalidValue(key: key, value: String(entry), allowed: "order:count,order:count… or none")
      }
      let clamped = Int(clamping: order)
      guard MountDemand.isHoldable(order: clamped) else {
        throw .invalidValue(
          key: "order", value: "\(order)",
          allowed: "0 (a single page) and 2 to \(MountDemand.maximumOrder); order 1 is no block of its own: 8 kB come "
            + "from a slab")
      }
      guard counts.contains(count) else {
        throw .invalidValue(key: "count", value: "\(count)", allowed: "\(counts.lowerBound) to \(counts.upperBound)")
      }
      blocks.append(MountDemand.Blocks(order: clamped, count: Int(count)))
    }
    return blocks
  }
}
