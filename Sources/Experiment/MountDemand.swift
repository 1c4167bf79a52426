/// What each mount takes of contiguous kernel memory besides what the real mount(2) takes.
///
/// The mounts of 2005 asked the page allocator for blocks of 4 to 64 kB (paper, Table 1); today's ask for little of that
/// size. The demand puts today's kernel to the paper's question. The same text means the same blocks to every testbed.
public struct MountDemand: Equatable, Sendable, Codable {
  /// `count` blocks of 2^`order` contiguous 4 kB pages each.
  public struct Blocks: Equatable, Sendable, Codable {
    public let order: Int
    public let count: Int

    public init(order: Int, count: Int) {
      self.order = order
      self.count = count
    }

    /// The pages in all these blocks.
    public var pages: UInt64 { UInt64(count) << UInt64(order) }
  }

  /// What the user wrote: `none`, `paper` or a list.
  public let text: String
  /// Largest order first; empty for `none`.
  public let blocks: [Blocks]

  public static let none = MountDemand(text: "none", blocks: [])

  /// 160 kB a mount, 20 MB for 128 (paper, Table 1): 1 x 64, 1 x 32, 2 x 16 kB and 8 single pages.
  public static let paper = MountDemand(
    text: "paper",
    blocks: [
      Blocks(order: 4, count: 1), Blocks(order: 3, count: 1), Blocks(order: 2, count: 2), Blocks(order: 0, count: 8),
    ])

  /// The largest block that Linux's page allocator hands out with 4 kB pages: order 10, 4 MiB.
  public static let maximumOrder = 10
  /// More blocks of one size for one mount than this is refused: each costs a file descriptor of the helper.
  public static let maximumCount = 100_000

  /// Single pages, and blocks from 16 kB on: 8 kB come from a slab and cannot be held exactly.
  public static func isHoldable(order: Int) -> Bool { order == 0 || (2...maximumOrder).contains(order) }

  static let form = ValueForm<MountDemand>(
    valueName: "demand",
    expected: "none, paper, profile:FILE (a file of `failover-bench profile`), or a list of SIZE*COUNT such as "
      + "64kB*60,16kB*2 (sizes 4kB, 16kB, 32kB, 64kB ... 4MB, in units of 1,024 bytes; 8 kB blocks come from a slab and cannot be held exactly; "
      + "counts 1 to \(maximumCount))"
  ) {
    MountDemand.parse($0)
  } text: {
    $0.text
  }

  /// Reads `none`, `paper` or a list; nil when it is none of these (``ScenarioKey/expected`` says what is). `profile:FILE` must have
  /// been put into the words of a list before: what is recorded does not depend on a file.
  ///
  /// Block sizes are the page allocator's, so `kB` is 1,024 bytes here, as in the paper and in the kernel's own texts.
  public static func parse(_ text: String) -> MountDemand? {
    if text == "none" { return MountDemand.none }
    if text == "paper" { return paper }
    var counts: [Int: Int] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "*", omittingEmptySubsequences: false)
      guard pieces.count == 1 || pieces.count == 2, let order = order(of: pieces[0]) else { return nil }
      let count = pieces.count == 2 ? ByteSize.decimal(pieces[1]).map { Int(clamping: $0) } : 1
      guard let count, count >= 1, count <= maximumCount, counts[order, default: 0] + count <= maximumCount
      else { return nil }
      counts[order, default: 0] += count
    }
    guard !counts.isEmpty else { return nil }
    let blocks = counts.sorted { $0.key > $1.key }.map { Blocks(order: $0.key, count: $0.value) }
    return MountDemand(text: text, blocks: blocks)
  }

  private static let suffixes: [(suffix: String, bytes: UInt64)] = [
    ("KiB", 1024), ("kB", 1024), ("KB", 1024), ("k", 1024), ("MiB", 1_048_576), ("MB", 1_048_576), ("M", 1_048_576),
  ]

  private static func order(of size: Substring) -> Int? {
    for (suffix, factor) in suffixes where size.hasSuffix(suffix) {
      guard let count = ByteSize.decimal(size.dropLast(suffix.count)), count > 0, count <= 4096 else { return nil }
      let bytes = count * factor
      for order in 0...maximumOrder where bytes == UInt64(4096) << UInt64(order) {
        return isHoldable(order: order) ? order : nil
      }
      return nil
    }
    return nil
  }

  /// Bytes that one mount's demand holds, with 4 kB pages.
  public var bytes: UInt64 { blocks.reduce(0) { $0 + $1.pages * 4096 } }
}

/// What to do about a block that the kernel cannot make at the first try.
public enum DemandRetry: String, Sendable, Codable, CaseIterable {
  /// Ask again until the mount times out, and sleep a little between two tries, so that a processor is left to what would free memory.
  case untilTimeout = "until-timeout"
  /// Ask again until the mount times out, without a pause, as a kernel of 2005 did inside the allocation.
  case spin
  /// Ask once.
  case once
}

extension MountDemand {
  /// With the text that ``parse(_:)`` reads back to the same. `blocks`: each order once and never 1, largest first.
  init(blocks: [Blocks]) {
    let sizes = blocks.map { $0.order < 8 ? "\(4 << $0.order)kB*\($0.count)" : "\(1 << ($0.order - 8))MB*\($0.count)" }
    self.init(text: sizes.isEmpty ? "none" : sizes.joined(separator: ","), blocks: blocks)
  }
}
