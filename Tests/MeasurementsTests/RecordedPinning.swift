/// The files of one pinning as scripts/lab-backends.guest writes them, with what is to come out of them.
struct RecordedPinning {
  let name: String
  var taken: Int64 = 0
  var unmovable: UInt64 = 0
  var indexBefore = 0.0
  var indexAfter = 0.0
  var slab: Int64 = 0
  var pinnedPages: UInt64 = 1
  var originBytesWritten: UInt64?

  /// So many that an index comes out to six decimals.
  private static let freePages: Int64 = 900_000_000

  func write(to folder: TemporaryFolder) throws {
    try folder.write(
      Self.texts(freePages: Self.freePages, index: indexBefore, unmovable: 100, slabPages: 200_000),
      named: "\(name)-before.txt")
    try folder.write(
      Self.texts(
        freePages: Self.freePages - taken, index: indexAfter, unmovable: 100 + unmovable, slabPages: 200_000 + slab),
      named: "\(name)-after.txt")
    let origin = originBytesWritten.map { ",\n    \"originBytesWritten\" : \($0)" } ?? ""
    try folder.write(
      """
      {
        "pin" : {
          "backend" : "dm-snapshot",
          "durationNanoseconds" : 1\(origin),
          "pinnedPages" : \(pinnedPages),
          "requestedPages" : \(pinnedPages)
        },
        "schema" : 1
      }

      """, named: "\(name)-run.json")
  }

  private static func texts(freePages: Int64, index: Double, unmovable: UInt64, slabPages: Int64) -> String {
    // Single pages and blocks of 16, as near to the index as whole blocks come, in two zones.
    let blocks = Int64((Double(freePages) * (1 - index) / 16).rounded())
    let pages = freePages - blocks * 16
    return """
      buddyinfo: Node 0, zone    DMA32      1      0      0      0      0
      buddyinfo: Node 0, zone   Normal \(pages - 1)      0      0      0 \(blocks)
      pagetypeinfo: Page block order: 9
      pagetypeinfo: Pages per block:  512
      pagetypeinfo:\u{20}
      pagetypeinfo: Free pages count per migrate type at order       0      1
      pagetypeinfo: Node    0, zone    DMA32, type    Unmovable      1      0
      pagetypeinfo:\u{20}
      pagetypeinfo: Number of blocks type     Unmovable      Movable
      pagetypeinfo: Node 0, zone    DMA32           40            8
      pagetypeinfo: Node 0, zone   Normal \(unmovable - 40)          900
      meminfo: MemFree:        \(freePages * 4) kB
      meminfo: SUnreclaim:     \(slabPages * 4) kB
      slabinfo: slabinfo - version: 2.1

      """
  }
}
