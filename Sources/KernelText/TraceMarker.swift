/// A text that a task wrote into tracefs' `trace_marker`, as `trace` shows it.
public struct TraceMarker: Equatable, Sendable {
  /// Of the task that wrote it, as the kernel itself counts, also when the task lives in a PID namespace.
  public let pid: Int
  public let text: String

  /// nil for comments, lost-event notes and events of other kinds; an error for a line of this kind that cannot be read.
  public static func parse(line text: String) throws(KernelTextError) -> TraceMarker? {
    guard let event = try TraceLine.find("tracing_mark_write", in: text) else { return nil }
    return TraceMarker(pid: event.context.pid, text: event.fields.words.joined(separator: " "))
  }
}
