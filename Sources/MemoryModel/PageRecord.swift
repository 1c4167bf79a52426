/// What a page frame holds.
enum PageKind: UInt32, CaseIterable {
  /// No frame: between two zones, or past the end of one.
  case absent = 0
  /// Inside a block whose first page says what the block is.
  case inside
  /// First page of a free block.
  case free
  case data
  case inode
  case snapshot
  /// Environment 1's data cache: given back all at once.
  case transient
  case mount
  /// In use since boot.
  case kernel
  /// Kept idle by a scheme for an emergency.
  case reserve
  /// First page of a folio of a service's file: a block of its file system, in the LRU and reclaimed whole.
  case file
  /// Inodes, dentries and log items of services' files.
  case object

  /// Reclaim or the end of the injection gives it back; all others stay where they are for as long as a failover lasts.
  var isReclaimable: Bool { self == .data || self == .file || self == .transient }

  /// Compaction can move it, where it is a single page.
  var isMovable: Bool { self == .data || self == .file }
}

/// One page frame in 16 bytes.
///
/// A frame is in a free list, in the LRU or in neither, never in two of them, so all share the links.
struct PageRecord {
  var next: UInt32
  var previous: UInt32
  /// Of a data page: the next page that the same file has in the cache. Of a service's folio: its number in ``Writeback``.
  var sibling: UInt32
  /// Kind (4 bits), order (4), owner (24): the file of a data page, the slab of an inode page, the free list's type of a free
  /// block.
  var tag: UInt32

  /// A link that leads nowhere.
  static let none = UInt32.max
  static let ownerLimit = 1 << 24

  @inline(__always)
  static func tag(_ kind: PageKind, order: Int = 0, owner: UInt32 = 0) -> UInt32 {
    kind.rawValue << 28 | UInt32(truncatingIfNeeded: order) << 24 | owner
  }

  @inline(__always) var kind: PageKind { PageKind(rawValue: tag >> 28)! }
  @inline(__always) func isOf(_ kind: PageKind) -> Bool { tag >> 28 == kind.rawValue }
  @inline(__always) var order: Int { Int(tag >> 24 & 15) }
  @inline(__always) var owner: UInt32 { tag & 0x00FF_FFFF }
  /// Kind and order together, for one comparison.
  @inline(__always) var kindAndOrder: UInt32 { tag >> 24 }
}
