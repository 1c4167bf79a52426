import Experiment

/// What a mount of XFS asks the page allocator for itself.
extension Machine {
  /// How many buffers XFS's log has while it is mounted (fs/xfs/xfs_log_priv.h, `XLOG_MAX_ICLOGS`), and how large each is without a
  /// stripe (`XLOG_BIG_RECORD_BSIZE`).
  private static let logBuffers = 8
  private static let logBufferBytes: UInt64 = 32 << 10
  /// To look for the log's head it reads as much as all buffers can hold, 2 MB (fs/xfs/xfs_log_recover.c, `xlog_find_head`,
  /// `XLOG_TOTAL_REC_SHIFT`).
  private static let searchOrder = 9

  /// The buffers of one mount; false when not even single pages are left for them.
  ///
  /// A striped log has its own in every scheme. What any mount of today takes is played only where services work or the log is
  /// striped: other figures of the model are of mounts that take what is demanded for them and nothing else.
  mutating func takeMountBuffers(_ scenario: Scenario) -> Bool {
    let volumes = scenario.volumes
    guard volumes.fileSystem == .xfs else { return true }
    let isOfToday = scheme.watermarks == .linux6 && (scenario.service.files > 0 || volumes.logStripeBytes != nil)
    guard let bytes = volumes.logStripeBytes ?? (isOfToday ? Self.logBufferBytes : nil) else { return true }
    if isOfToday {
      guard let buffer = takeBuffer(Self.searchOrder) else { return false }
      giveBack(buffer)
    }
    var order = 0
    while UInt64(4096) << UInt64(order) < bytes { order += 1 }
    for _ in 0..<Self.logBuffers {
      guard takeBuffer(order) != nil else { return false }
    }
    return true
  }

  /// Blocks of one order that make up a buffer.
  private struct Buffer {
    let pages: [Int]
    let order: Int
  }

  /// One block, or where there is none single pages behind contiguous addresses (fs/xfs/xfs_log.c, `xlog_alloc_log`: `kvzalloc`).
  private mutating func takeBuffer(_ order: Int) -> Buffer? {
    if let page = allocateInOneRound(order, PageRecord.tag(.mount, order: order), .unmovable) {
      mountPages += 1 << order
      return Buffer(pages: [page], order: order)
    }
    var pages: [Int] = []
    for _ in 0..<1 << order {
      guard let page = allocate(order: 0, kind: .mount, memoryClass: .general, mobility: .unmovable) else {
        giveBack(Buffer(pages: pages, order: 0))
        return nil
      }
      mountPages += 1
      pages.append(page)
    }
    pass(pages.count * parameters.mappedPageNanoseconds)
    return Buffer(pages: pages, order: 0)
  }

  private mutating func giveBack(_ buffer: Buffer) {
    for page in buffer.pages { free(page, order: buffer.order, zone: buddy.zone(of: page)) }
    mountPages -= buffer.pages.count << buffer.order
  }
}
