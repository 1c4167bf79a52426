/// One kmem:mm_page_alloc line of tracefs' `trace` or `trace_pipe`: the page allocator gave a block, or could not
/// (include/trace/events/kmem.h; the columns before it, kernel/trace/trace_output.c, trace_print_context).
public struct PageAllocationEvent: Equatable, Sendable {
  /// The command of the task that asked, without the spaces it is padded with; "<...>" when the kernel no longer knows it.
  public let task: String
  public let pid: Int
  public let cpu: Int
  /// By the trace's clock; unless another was chosen, since boot.
  public let timestampMicroseconds: UInt64
  /// The block is 2^order pages.
  public let order: Int
  /// The kernel's number for it, 0 for unmovable; what the others are depends on the kernel's configuration.
  public let migrateType: Int
  /// Asked for by an interrupt that came while the task ran, and not by the task; false where the trace does not tell.
  public let isInInterrupt: Bool
  /// As the kernel names them, a number for bits that it has no name for; empty for none.
  public let gfpFlags: [String]
  /// Of the block's first page; nil when the allocation failed.
  public let pageFrameNumber: UInt64?

  /// nil for comments, lost-event notes and events of other kinds; an error for a line of this kind that cannot be read.
  public static func parse(line text: String) throws(KernelTextError) -> PageAllocationEvent? {
    guard let event = try TraceLine.find(name, in: text) else { return nil }
    return try PageAllocationEvent(event)
  }

  static let name = "mm_page_alloc"

  init(_ event: TraceLine) throws(KernelTextError) {
    let (context, line) = (event.context, event.fields)
    guard let page = event.value("page="), let frame = event.value("pfn=").flatMap(Self.number),
      let order = event.value("order=").flatMap(Fields.integer),
      let type = event.value("migratetype=").flatMap(Fields.integer),
      let flags = event.value("gfp_flags="), !flags.isEmpty
    else { throw event.wrong("'page=… pfn=N order=N migratetype=N gfp_flags=…'") }
    // Zeros; older kernels pad "(null)", which leaves nothing next to the key.
    let isNull = page.isEmpty ? line.words.contains("(null)") : page.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
    (self.task, pid, cpu, timestampMicroseconds) = (context.task, context.pid, context.cpu, context.microseconds)
    (self.order, migrateType, isInInterrupt) = (order, type, context.isInInterrupt)
    gfpFlags = flags == "none" ? [] : flags.split(separator: "|").map(String.init)
    pageFrameNumber = isNull ? nil : frame
  }

  /// Whether the task may reclaim and compact memory by itself before it is refused the block.
  public var allowsDirectReclaim: Bool { gfpFlags.contains(where: Self.reclaiming.contains) }

  /// The names that stand for __GFP_DIRECT_RECLAIM or for several flags with it among them (include/trace/events/mmflags.h,
  /// include/linux/gfp_types.h).
  private static let reclaiming: Set<String> = [
    "__GFP_DIRECT_RECLAIM", "__GFP_RECLAIM", "GFP_KERNEL", "GFP_KERNEL_ACCOUNT", "GFP_NOFS", "GFP_NOIO", "GFP_USER",
    "GFP_HIGHUSER", "GFP_HIGHUSER_MOVABLE", "GFP_TRANSHUGE",
  ]

  /// Decimal, on newer kernels hexadecimal after 0x.
  static func number(_ digits: Substring) -> UInt64? {
    guard digits.utf8.starts(with: "0x".utf8) else { return Fields.decimal(digits) }
    let hexadecimal = digits.dropFirst(2)
    // UInt64(_:radix:) would take a sign.
    return hexadecimal.allSatisfy(\.isHexDigit) ? UInt64(hexadecimal, radix: 16) : nil
  }
}
