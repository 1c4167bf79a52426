public import Experiment

/// A request to the helper.
public enum PressureRequest: Equatable, Sendable {
  /// Pins this many single pages, until the helper ends: in pipes or as locked memory (the backends that the helper has). Answered by `pinned`
  /// or `marginReached`.
  case pin(pages: UInt64, backend: PinBackend)
  /// Environment 1: alternates the pattern's pinned pages, which stay, with its transient ones, which do not, until just
  /// above the zones' high watermarks or until `maximumPages` (both kinds together), then frees the transient ones, and those that the dose does
  /// not keep.
  /// Answered by `injected`.
  case inject(
    InjectionPattern, maximumPages: UInt64?, dose: InjectionDose = .whole, transient: TransientBackend = .pipe)
  /// Holds contiguous blocks, the largest first, until the helper ends. Answered by `held`, `notHeld` or
  /// `marginReached`; what was got before a failure stays held. The timeout is for the whole request.
  case hold(blocks: [MountDemand.Blocks], timeoutNanoseconds: UInt64, retry: DemandRetry)
  /// Stops the work at hand; what it pinned stays.
  case cancel
  /// Asks for counts; also answered during work.
  case status
  /// Ends the helper, which frees all it pins and holds.
  case quit

  /// The backends that the helper has; the others need no helper.
  static let backends: [PinBackend] = [.pipe, .mlock]
}

extension PressureRequest {
  /// The line to send, newline included.
  public var encoded: String {
    switch self {
    case .pin(let pages, let backend):
      return MessageLine("pin").adding("pages", pages).adding("backend", backend.rawValue).finished
    case .inject(let pattern, let maximumPages, let dose, let transient):
      let line = MessageLine("inject").adding("pinnedPerCycle", pattern.pinnedPages)
        .adding("transientPerCycle", pattern.transientPages)
        .adding("keptPerMillion", UInt64((dose.share * 1e6).rounded())).adding("seed", dose.seed)
        .adding("transient", transient.rawValue)
      guard let maximumPages else { return line.finished }
      return line.adding("maximumPages", maximumPages).finished
    case .hold(let blocks, let timeoutNanoseconds, let retry):
      return MessageLine("hold").adding("blocks", blocks).adding("timeoutNanoseconds", timeoutNanoseconds)
        .adding("retry", retry.wireWord).finished
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
        backend: try fields.choice("backend", of: backends, word: \.rawValue))
    case "inject":
      request = .inject(
        try pattern(&fields),
        maximumPages: try fields.optionalUnsigned("maximumPages", in: 1...PressureWire.maximumPages),
        dose: InjectionDose(
          share: Double(try fields.unsigned("keptPerMillion", in: 0...1_000_000)) / 1e6,
          seed: try fields.unsigned("seed", in: 0...UInt64.max)),
        transient: try fields.choice("transient", of: TransientBackend.allCases, word: \.rawValue))
    case "hold":
      request = .hold(
        blocks: try fields.blocks("blocks", counts: BlockList.requested),
        timeoutNanoseconds: try fields.unsigned("timeoutNanoseconds", in: 0...UInt64.max),
        retry: try fields.choice("retry", of: DemandRetry.allCases, word: \.wireWord))
    case "cancel": request = .cancel
    case "status": request = .status
    case "quit": request = .quit
    default: throw .unknownVerb(fields.verb)
    }
    try fields.finish()
    return request
  }

  private static func pattern(_ fields: inout MessageFields) throws(PressureProtocolError) -> InjectionPattern {
    let pinned = try fields.integer("pinnedPerCycle", in: InjectionPattern.range)
    let transient = try fields.integer("transientPerCycle", in: InjectionPattern.range)
    return InjectionPattern(pinnedPages: pinned, transientPages: transient)!
  }
}

extension DemandRetry {
  /// In a message; a scenario's word has a hyphen.
  fileprivate var wireWord: String {
    switch self {
    case .untilTimeout: "untilTimeout"
    case .spin: "spin"
    case .once: "once"
    }
  }
}
