/// A task begins to reclaim or to compact memory by itself, or has ended it: vmscan:mm_vmscan_direct_reclaim_begin and _end,
/// compaction:mm_compaction_begin and _end (include/trace/events/vmscan.h, compaction.h).
public struct DirectWorkEvent: Equatable, Sendable {
  public enum Work: Equatable, Sendable { case reclaim, compaction }

  public let work: Work
  public let isBegin: Bool
  public let pid: Int
  /// By the trace's clock.
  public let timestampMicroseconds: UInt64

  private typealias Kind = (
    name: String, work: Work, isBegin: Bool, field: String, isValid: @Sendable (Substring) -> Bool
  )

  /// Each event with the field that a whole line of it has.
  private static let kinds: [Kind] = [
    ("mm_vmscan_direct_reclaim_begin", .reclaim, true, "order=", { Fields.integer($0) != nil }),
    ("mm_vmscan_direct_reclaim_end", .reclaim, false, "nr_reclaimed=", { Fields.decimal($0) != nil }),
    ("mm_compaction_begin", .compaction, true, "mode=", { $0 == "sync" || $0 == "async" }),
    ("mm_compaction_end", .compaction, false, "status=", { !$0.isEmpty }),
  ]

  /// nil for comments, lost-event notes and events of other kinds; an error for a line of this kind that cannot be read.
  public static func parse(line text: String) throws(KernelTextError) -> DirectWorkEvent? {
    guard let event = try TraceLine.find(anyOf: names, in: text) else { return nil }
    return try DirectWorkEvent(event)
  }

  static let names = Set(kinds.map(\.name))

  /// - Parameter event: of one of ``names``.
  init(_ event: TraceLine) throws(KernelTextError) {
    guard let kind = Self.kinds.first(where: { $0.name == event.name }) else { throw event.wrong("another event") }
    guard let value = event.value(kind.field), kind.isValid(value) else { throw event.wrong("'\(kind.field)…'") }
    (work, isBegin, pid) = (kind.work, kind.isBegin, event.context.pid)
    timestampMicroseconds = event.context.microseconds
  }
}
