/// /proc/pagetypeinfo: free blocks by zone, migratetype and order, and the page blocks of each type (mm/vmstat.c,
/// pagetypeinfo_show). Readable by root only.
public struct PageTypeInfo: Equatable, Sendable {
  /// The kernel stops counting at 100,000 blocks and writes ">100000".
  public struct FreeCount: Equatable, Sendable {
    public let blocks: UInt64
    public let isLowerBound: Bool
  }

  public struct FreeList: Equatable, Sendable {
    public let node: Int
    public let zone: String
    public let migrateType: String
    /// The index is the order.
    public let freeBlocks: [FreeCount]
  }

  public struct PageBlocks: Equatable, Sendable {
    public let node: Int
    public let zone: String
    /// By migratetype.
    public let counts: [String: UInt64]
  }

  public let pageBlockOrder: Int
  public let pagesPerBlock: Int
  public let free: [FreeList]
  public let pageBlocks: [PageBlocks]

  public static func parse(_ text: String) throws(KernelTextError) -> PageTypeInfo {
    var order: Int?
    var pages: Int?
    var free: [FreeList] = []
    var blocks: [PageBlocks] = []
    var types: [String] = []
    // With page_owner=on a table "Number of mixed blocks" follows, shaped like that of the page blocks.
    var isMixed = false
    for line in Fields.lines(text, of: "/proc/pagetypeinfo") {
      if line.text.hasPrefix("Page block order:") {
        order = Fields.integer(try line.word(3, "the order of a page block"))
      } else if line.text.hasPrefix("Pages per block:") {
        pages = Fields.integer(try line.word(3, "the pages of a page block"))
      } else if line.text.hasPrefix("Number of blocks type") {
        types = line.words.dropFirst(4).map(String.init)
        isMixed = false
      } else if line.text.hasPrefix("Number of mixed blocks") {
        isMixed = true
      } else if let (node, zone, next) = line.zoneHeading() {
        if next + 1 < line.words.count, line.words[next] == "type" {
          var counts: [FreeCount] = []
          for word in line.words.dropFirst(next + 2) {
            let isLowerBound = word.first == ">"
            counts.append(
              FreeCount(
                blocks: try line.number(isLowerBound ? word.dropFirst() : word, "a number of free blocks"),
                isLowerBound: isLowerBound))
          }
          free.append(FreeList(node: node, zone: zone, migrateType: String(line.words[next + 1]), freeBlocks: counts))
        } else if !isMixed {
          guard line.words.count - next == types.count else {
            throw line.error("a number for each of \(types.count) types")
          }
          var counts: [String: UInt64] = [:]
          for (offset, type) in types.enumerated() {
            counts[type] = try line.unsigned(next + offset, "a number of page blocks")
          }
          blocks.append(PageBlocks(node: node, zone: zone, counts: counts))
        }
      }
    }
    guard let order, let pages else {
      throw KernelTextError(
        "/proc/pagetypeinfo", line: 0, content: text, expected: "'Page block order' and 'Pages per block'")
    }
    return PageTypeInfo(pageBlockOrder: order, pagesPerBlock: pages, free: free, pageBlocks: blocks)
  }
}
