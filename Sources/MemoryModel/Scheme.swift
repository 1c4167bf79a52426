/// A memory scheme: the policies by which one system differs from another. The machinery is shared by all.
///
/// The basic five are those of Table 3 of the paper, beside the stock kernel; two are its related work (section 6); `linux-6`
/// is what the real testbed runs on.
public struct Scheme: Equatable, Sendable {
  /// What a memory object is allocated as.
  enum ObjectUnit: Equatable, Sendable {
    case page
    /// Snapshot and inode objects in blocks of 64 kB.
    case largeBlock
  }

  /// What is done when there is no block of 64 kB.
  enum LargeBlockFallback: Equatable, Sendable {
    /// Reclaim from the LRU's end until one appears.
    case reclaim
    /// Copy whatever occupies the emptiest aligned 64 kB to elsewhere.
    case collect
    /// Single pages behind a contiguous range of kernel addresses.
    case map
    /// A reserve first, then reclaim.
    case reserve
    /// Reclaim the pages of the aligned 64 kB that the fewest reclaimable pages, and no others, occupy.
    case selectiveReclaim
    /// Move movable pages, then reclaim; give up when neither helps.
    case compact
  }

  enum Watermarks: Equatable, Sendable {
    /// mm/page_alloc.c of Linux 2.4: pages, the same for each zone.
    case linux24
    /// mm/page_alloc.c of Linux 6: of min_free_kbytes and watermark_scale_factor, shared out by size.
    case linux6
  }

  /// As `--scheme` knows it.
  public let name: String
  /// For tables.
  public let title: String
  /// One sentence.
  public let summary: String
  /// The fragmenting objects have a zone of their own.
  var isDivided = false
  var objectUnit = ObjectUnit.page
  var fallback = LargeBlockFallback.reclaim
  var watermarks = Watermarks.linux24
  /// Free lists by mobility, in page blocks of 2 MB.
  var groupsByMobility = false
  /// Any run of free pages counts, aligned or not.
  var mergesAnyNeighbours = false
  var maximumOrder = 9

  public static let conventional = Scheme(
    name: "conventional", title: "conventional",
    summary: "the stock kernel of 2005: every object wherever a page is free")
  public static let divided = Scheme(
    name: "divided", title: "divided allocation",
    summary: "a 2 GB zone for snapshot and inode objects, 1.25 GB for all others, which may fall back to the first",
    isDivided: true)
  public static let unitExtension = Scheme(
    name: "unit-extension", title: "unit extension",
    summary: "snapshot and inode objects in units of 64 kB",
    objectUnit: .largeBlock)
  public static let garbageCollection = Scheme(
    name: "garbage-collection", title: "garbage collection",
    summary: "fragmenting objects are copied together when 64 kB are wanted",
    fallback: .collect)
  public static let noncontiguous = Scheme(
    name: "noncontiguous", title: "non-contiguous region",
    summary: "64 kB and more come from single pages behind contiguous addresses",
    fallback: .map)
  public static let emergencyReserve = Scheme(
    name: "emergency-reserve", title: "emergency reserve",
    summary: "blocks of 64 kB kept for when the others run out",
    fallback: .reserve)
  public static let navarro = Scheme(
    name: "navarro", title: "Navarro et al.",
    summary: "reclaim chooses the pages that complete a contiguous block",
    fallback: .selectiveReclaim)
  public static let lkmalloc = Scheme(
    name: "lkmalloc", title: "LKmalloc",
    summary: "free neighbours merge whatever their size and alignment",
    mergesAnyNeighbours: true)
  public static let linux6 = Scheme(
    name: "linux-6", title: "Linux 6",
    summary: "page blocks of 2 MB grouped by mobility, compaction of movable pages",
    fallback: .compact, watermarks: .linux6, groupsByMobility: true, maximumOrder: 10)

  public static let all = [
    conventional, divided, unitExtension, garbageCollection, noncontiguous, emergencyReserve, navarro, lkmalloc, linux6,
  ]

  /// Of all schemes, for messages.
  public static let names = all.map(\.name).joined(separator: ", ")

  public static let allowed = "all, or a list of " + names

  public static func named(_ name: String) -> Scheme? { all.first { $0.name == name } }
}
