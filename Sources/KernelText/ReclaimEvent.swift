/// A task begins to reclaim memory by itself, or has ended it: vmscan:mm_vmscan_direct_reclaim_begin and _end
/// (include/trace/events/vmscan.h).
public struct ReclaimEvent: Equatable, Sendable {
  public enum Step: Equatable, Sendable {
    /// For a block of 2^order pages.
    case began(order: Int)
    case ended(reclaimedPages: UInt64)
  }

  public let pid: Int
  /// By the trace's clock.
  public let timestampMicroseconds: UInt64
  public let step: Step

  /// nil for comments, lost-event notes and events of other kinds; an error for a line of this kind that cannot be read.
  public static func parse(line text: String) throws(KernelTextError) -> ReclaimEvent? {
    if let event = try TraceLine.find("mm_vmscan_direct_reclaim_begin", in: text) {
      guard let order = event.value("order=").flatMap(Fields.integer) else { throw event.wrong("'order=N'") }
      return ReclaimEvent(
        pid: event.context.pid, timestampMicroseconds: event.context.microseconds, step: .began(order: order))
    }
    if let event = try TraceLine.find("mm_vmscan_direct_reclaim_end", in: text) {
      guard let pages = event.value("nr_reclaimed=").flatMap(Fields.decimal) else {
        throw event.wrong("'nr_reclaimed=N'")
      }
      return ReclaimEvent(
        pid: event.context.pid, timestampMicroseconds: event.context.microseconds, step: .ended(reclaimedPages: pages))
    }
    return nil
  }
}
