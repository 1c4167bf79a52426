/// A task begins to compact a zone, or has ended it: compaction:mm_compaction_begin and _end
/// (include/trace/events/compaction.h).
public struct CompactionEvent: Equatable, Sendable {
  public enum Step: Equatable, Sendable {
    /// Waiting for pages under way, or passing them over.
    case began(isSynchronous: Bool)
    /// In the kernel's words: "success", "complete", "contended" ...
    case ended(status: String)
  }

  public let pid: Int
  /// By the trace's clock.
  public let timestampMicroseconds: UInt64
  public let step: Step

  /// nil for comments, lost-event notes and events of other kinds; an error for a line of this kind that cannot be read.
  public static func parse(line text: String) throws(KernelTextError) -> CompactionEvent? {
    if let event = try TraceLine.find("mm_compaction_begin", in: text) {
      guard let mode = event.value("mode="), mode == "sync" || mode == "async" else {
        throw event.wrong("'mode=sync' or 'mode=async'")
      }
      return CompactionEvent(
        pid: event.context.pid, timestampMicroseconds: event.context.microseconds,
        step: .began(isSynchronous: mode == "sync"))
    }
    if let event = try TraceLine.find("mm_compaction_end", in: text) {
      guard let status = event.value("status="), !status.isEmpty else { throw event.wrong("'status=…'") }
      return CompactionEvent(
        pid: event.context.pid, timestampMicroseconds: event.context.microseconds, step: .ended(status: String(status)))
    }
    return nil
  }
}
