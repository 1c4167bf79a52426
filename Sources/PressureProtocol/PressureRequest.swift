/// What pinned pages are made of.
public enum PinBackend: String, CaseIterable, Sendable {
  /// Full pages in pipes: unmovable single pages (GFP_HIGHUSER | __GFP_ACCOUNT), as kernel data is.
  case pipe
  /// Anonymous locked memory, which compaction can move: the control that shows what "unmovable" does.
  case mlock
}

/// What is done about a block that the kernel cannot give.
public enum HoldRetry: String, CaseIterable, Sendable {
  /// Asked for again until the timeout, as a kernel of the paper's time did.
  case untilTimeout
  /// Asked for once.
  case once
}

/// A request to the helper.
public enum PressureRequest: Equatable, Sendable {
  /// Pins so many single pages, until the helper ends. Answered by `pinned` or `marginReached`.
  case pin(pages: UInt64, backend: PinBackend)
  /// Environment 1: alternates `pinnedPerCycle` pages that stay with `transientPerCycle` that do not, until just above
  /// the zones' high watermarks or until `maximumPages` (both kinds together), then frees the transient ones.
  /// Both are 1 to 4,096. Answered by `injected`.
  case inject(pinnedPerCycle: Int, transientPerCycle: Int, maximumPages: UInt64?)
  /// Holds contiguous blocks, the largest first, until the helper ends. Answered by `held`, `notHeld` or
  /// `marginReached`; what was got before a failure stays held. The timeout is for the whole request.
  case hold(blocks: [BlockRequest], timeoutNanoseconds: UInt64, retry: HoldRetry)
  /// Stops the work at hand; what it pinned stays.
  case cancel
  /// Asks for counts; also answered during work.
  case status
  /// Ends the helper, which frees all it pins and holds.
  case quit

  /// Allowed pages of either kind in a cycle of `inject`.
  public static let pagesPerCycle = 1...4096
}

extension PressureRequest {
  /// The line to send, newline included.
  public var encoded: String {
    switch self {
    case .pin(let pages, let backend):
      return MessageLine("pin").adding("pages", pages).adding("backend", backend.rawValue).finished
    case .inject(let pinnedPerCycle, let transientPerCycle, let maximumPages):
      let line = MessageLine("inject").adding("pinnedPerCycle", pinnedPerCycle)
        .adding("transientPerCycle", transientPerCycle)
      guard let maximumPages else { return line.finished }
      return line.adding("maximumPages", maximumPages).finished
    case .hold(let blocks, let timeoutNanoseconds, let retry):
      return MessageLine("hold").adding("blocks", blocks).adding("timeoutNanoseconds", timeoutNanoseconds)
        .adding("retry", retry.rawValue).finished
    case .cancel: return MessageLine("cancel").finished
    case .status: return MessageLine("status").finished
    case .quit: return MessageLine("quit").finished
    }
  }

  /// Reads a line, with or without its newline. Every value is checked against its range.
  public static func decode(_ line: String) throws(PressureProtocolError) -> PressureRequest {
    var fields = try MessageFields(line)
    let request: PressureRequest
    switch fields.verb {
    case "pin":
      request = .pin(
        pages: try fields.unsigned("pages", in: 1...PressureWire.maximumPages),
        backend: try fields.choice("backend", of: PinBackend.self))
    case "inject":
      request = .inject(
        pinnedPerCycle: try fields.integer("pinnedPerCycle", in: pagesPerCycle),
        transientPerCycle: try fields.integer("transientPerCycle", in: pagesPerCycle),
        maximumPages: try fields.optionalUnsigned("maximumPages", in: 1...PressureWire.maximumPages))
    case "hold":
      request = .hold(
        blocks: try fields.blocks("blocks"),
        timeoutNanoseconds: try fields.unsigned("timeoutNanoseconds", in: 0...UInt64.max),
        retry: try fields.choice("retry", of: HoldRetry.self))
    case "cancel": request = .cancel
    case "status": request = .status
    case "quit": request = .quit
    default: throw .unknownVerb(fields.verb)
    }
    try fields.finish()
    return request
  }
}
