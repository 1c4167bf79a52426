/// An event of the page allocator, or of those who help it, in tracefs' `trace`: whose it is, and what happened.
public struct AllocatorEvent: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    case allocation(PageAllocationEvent)
    case work(DirectWorkEvent)
    /// kmem:mm_page_alloc_extfrag (include/trace/events/kmem.h): the lists of a migratetype had no block, and those of another gave one.
    case fallback(migrateType: Int, from: Int)
    /// vmscan:mm_vmscan_wakeup_kswapd (include/trace/events/vmscan.h): kswapd slept, and was woken for a block of 2^order pages.
    case kswapdWakeup(order: Int)
    /// xfs:xfs_buf_backing_* (fs/xfs/xfs_trace.h; Linux 6.18 has them): where XFS has got the memory of a metadata buffer.
    case bufferBacking(BufferBacking, bytes: UInt64)
  }

  /// What a buffer of XFS lies in (fs/xfs/xfs_buf.c, xfs_buf_alloc_backing_mem).
  public enum BufferBacking: String, CaseIterable, Sendable {
    /// One contiguous block.
    case folio
    /// A slab object: the buffer is smaller than a page.
    case kmem
    /// Single pages behind one another in the kernel's address space.
    case vmalloc
    /// The contiguous block could not be had, and vmalloc comes next.
    case fallback

    fileprivate static let prefix = "xfs_buf_backing_"
  }

  public let context: TraceContext
  public let kind: Kind

  fileprivate static let (fallback, kswapdWakeup) = ("mm_page_alloc_extfrag", "mm_vmscan_wakeup_kswapd")
  private static let names = DirectWorkEvent.names.union([PageAllocationEvent.name, fallback, kswapdWakeup])
    .union(BufferBacking.allCases.map { BufferBacking.prefix + $0.rawValue })

  /// nil for comments, lost-event notes and events of other kinds; an error for a line of this kind that cannot be read.
  public static func parse(line text: String) throws(KernelTextError) -> AllocatorEvent? {
    guard let line = try TraceLine.find(anyOf: names, in: text) else { return nil }
    return AllocatorEvent(context: line.context, kind: try Kind(line))
  }
}

extension AllocatorEvent.Kind {
  fileprivate init(_ line: TraceLine) throws(KernelTextError) {
    switch line.name {
    case PageAllocationEvent.name: self = .allocation(try PageAllocationEvent(line))
    case AllocatorEvent.fallback:
      guard let type = line.value("alloc_migratetype=").flatMap(Fields.integer),
        let other = line.value("fallback_migratetype=").flatMap(Fields.integer)
      else { throw line.wrong("'… alloc_migratetype=N fallback_migratetype=N …'") }
      self = .fallback(migrateType: type, from: other)
    case AllocatorEvent.kswapdWakeup:
      guard let order = line.value("order=").flatMap(Fields.integer) else { throw line.wrong("'… order=N …'") }
      self = .kswapdWakeup(order: order)
    case let name where DirectWorkEvent.names.contains(name): self = .work(try DirectWorkEvent(line))
    default:
      guard let backing = AllocatorEvent.BufferBacking(traceName: line.name) else { throw line.wrong("another event") }
      // In blocks of 512 bytes, as all of XFS counts.
      guard let word = line.fields.words.firstIndex(of: "bbcount"), word + 1 < line.fields.words.count,
        let blocks = PageAllocationEvent.number(line.fields.words[word + 1]),
        case let (bytes, overflowed) = blocks.multipliedReportingOverflow(by: 512), !overflowed
      else { throw line.wrong("'… bbcount 0xN …'") }
      self = .bufferBacking(backing, bytes: bytes)
    }
  }
}

extension AllocatorEvent.BufferBacking {
  fileprivate init?(traceName: String) {
    guard traceName.hasPrefix(Self.prefix) else { return nil }
    self.init(rawValue: String(traceName.dropFirst(Self.prefix.count)))
  }
}
