/// A number of physically contiguous blocks of 2^order pages of 4 kB each.
///
/// - Order 0 is a single page: a full page in a pipe (fs/pipe.c, `anon_pipe_write`).
/// - Order 2 to 10 is exactly one block from the page allocator: the ring array of a pipe with ``ringSlots`` slots, 40
///   bytes each, allocated by `kcalloc` in F_SETPIPE_SZ (fs/pipe.c, `pipe_resize_ring`).
/// - Order 1 cannot be asked for: a ring of 8 kB comes from a slab (kmalloc-8k), which takes blocks of another order
///   and shares them, so nothing could be said about what the page allocator had to give.
public struct BlockRequest: Equatable, Hashable, Sendable {
  /// The allowed orders; 1 within is refused.
  public static let orders = 0...10
  /// The allowed counts.
  public static let counts = 1...1_000_000

  /// log2 of the block's size in pages.
  public let order: Int
  /// How many such blocks.
  public let count: Int

  /// Refuses order 1, an order outside ``orders`` and a count outside ``counts``.
  public init(order: Int, count: Int) throws(PressureProtocolError) {
    guard Self.orders.contains(order), order != 1 else {
      throw .invalidValue(
        key: "order", value: "\(order)",
        allowed: "0 (a single page) and 2 to 10; order 1 is no block of its own: 8 kB come from a slab")
    }
    guard Self.counts.contains(count) else {
      throw .invalidValue(key: "count", value: "\(count)", allowed: "1 to \(Self.counts.upperBound)")
    }
    self.order = order
    self.count = count
  }

  /// The pages in all these blocks.
  public var pages: UInt64 { UInt64(count) << UInt64(order) }

  /// The slots of the pipe whose ring array is one such block (order 2 and up): 64 << order, hence 2,560 << order
  /// bytes, more than half of the block and not more than all of it. Order 2 is 256 slots, order 10 is 65,536.
  public var ringSlots: Int { 64 << order }

  /// The pipe capacity to ask of F_SETPIPE_SZ for one such block; `fs.pipe-max-size` must be at least this.
  public var ringCapacityBytes: Int { ringSlots * 4096 }
}

extension BlockRequest {
  /// `order:count,order:count…`, or `none`.
  static func text(_ blocks: [BlockRequest]) -> String {
    if blocks.isEmpty { return "none" }
    return blocks.map { "\($0.order):\($0.count)" }.joined(separator: ",")
  }

  static func list(_ text: String, key: String) throws(PressureProtocolError) -> [BlockRequest] {
    if text == "none" { return [] }
    let entries = text.split(separator: ",", omittingEmptySubsequences: false)
    guard entries.count <= PressureWire.maximumBlockEntries else {
      throw .invalidValue(
        key: key, value: "\(entries.count) entries", allowed: "at most \(PressureWire.maximumBlockEntries) entries")
    }
    var blocks: [BlockRequest] = []
    for entry in entries {
      let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let order = decimal(parts[0]), let count = decimal(parts[1]),
        let order = Int(exactly: order), let count = Int(exactly: count)
      else {
        throw .invalidValue(key: key, value: String(entry), allowed: "order:count,order:count… or none")
      }
      blocks.append(try BlockRequest(order: order, count: count))
    }
    return blocks
  }
}
