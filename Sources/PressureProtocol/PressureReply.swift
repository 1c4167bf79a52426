public import Experiment

/// Why an injection ended.
public enum InjectionStop: String, CaseIterable, Sendable {
  /// Free memory is just above the zones' high watermarks.
  case watermarks
  /// As many pages as the request allowed.
  case maximumPages
}

/// What `inject` did: its own pages and times, not those of earlier requests.
public struct Injection: Equatable, Sendable {
  /// Pages that stay.
  public var pinnedPages: UInt64
  /// Pages that were freed again.
  public var transientPages: UInt64
  public var stop: InjectionStop
  /// Wall time of the alternating fill.
  public var fillNanoseconds: UInt64
  /// Wall time of freeing the transient pages.
  public var releaseNanoseconds: UInt64

  public init(
    pinnedPages: UInt64, transientPages: UInt64, stop: InjectionStop, fillNanoseconds: UInt64,
    releaseNanoseconds: UInt64
  ) {
    (self.pinnedPages, self.transientPages, self.stop) = (pinnedPages, transientPages, stop)
    (self.fillNanoseconds, self.releaseNanoseconds) = (fillNanoseconds, releaseNanoseconds)
  }
}

/// What it took the helper to hold the blocks of one request, by its own clocks: no message is in it.
public struct HoldEffort: Equatable, Sendable {
  public var elapsedNanoseconds: UInt64
  /// CPU time of the thread that asked the kernel.
  public var cpuNanoseconds: UInt64
  /// Tries beyond the first of each block.
  public var retries: UInt64

  public init(elapsedNanoseconds: UInt64, cpuNanoseconds: UInt64, retries: UInt64) {
    (self.elapsedNanoseconds, self.cpuNanoseconds, self.retries) = (elapsedNanoseconds, cpuNanoseconds, retries)
  }
}

/// What the helper holds at the moment.
public struct PressureStatus: Equatable, Sendable {
  /// Unmovable single pages in pipes by `pin` and `inject`; pages held as blocks of order 0 are not among them.
  public var pinnedPages: UInt64
  /// Anonymous pages locked by `pin` with the mlock backend.
  public var lockedPages: UInt64
  /// Blocks held by `hold`, largest first, one entry per order.
  public var heldBlocks: [MountDemand.Blocks]
  /// Pipes open for all this.
  public var openPipes: Int

  public init(pinnedPages: UInt64, lockedPages: UInt64, heldBlocks: [MountDemand.Blocks], openPipes: Int) {
    (self.pinnedPages, self.lockedPages, self.heldBlocks) = (pinnedPages, lockedPages, heldBlocks)
    self.openPipes = openPipes
  }
}

/// A reply of the helper.
public enum PressureReply: Equatable, Sendable {
  /// The first message after start. A version other than ``PressureWire/version`` must be refused.
  case ready(version: Int, pid: Int32)
  /// At least every 8,192 pages. The total of an injection is an estimate from what was free, and may be passed.
  case progress(donePages: UInt64, totalPages: UInt64)
  /// `pin` is done; the pages of this request.
  case pinned(pages: UInt64)
  /// `inject` is done.
  case injected(Injection)
  /// `hold` is done.
  case held(blocks: [MountDemand.Blocks], HoldEffort)
  /// A stopped service: the kernel could not give a block of `order` (errno is ENOMEM); `heldBlocks` of this request
  /// are held.
  case notHeld(order: Int, heldBlocks: [MountDemand.Blocks], HoldEffort, errno: Int32)
  /// `pin` or `hold` stopped because MemAvailable would have fallen below `marginBytes`. Pages and blocks of this
  /// request stay.
  case marginReached(
    pinnedPages: UInt64, heldBlocks: [MountDemand.Blocks], memFreeBytes: UInt64, memAvailableBytes: UInt64,
    marginBytes: UInt64)
  /// The answer to `cancel`.
  case cancelled
  /// A request could not be carried out: the operation, its errno, and in words what is wrong and what to do next.
  /// Texts longer than 200 and 1,000 bytes are cut.
  case failed(operation: String, errno: Int32, explanation: String)
  /// The answer to `status`.
  case status(PressureStatus)
}

extension PressureReply {
  /// The line to send, newline included; never longer than ``PressureWire/maximumLineLength``.
  public var encoded: String {
    switch self {
    case .ready(let version, let pid):
      MessageLine("ready").adding("version", version).adding("pid", pid).finished
    case .progress(let donePages, let totalPages):
      MessageLine("progress").adding("donePages", donePages).adding("totalPages", totalPages).finished
    case .pinned(let pages):
      MessageLine("pinned").adding("pages", pages).finished
    case .injected(let injection):
      MessageLine("injected").adding("pinnedPages", injection.pinnedPages)
        .adding("transientPages", injection.transientPages).adding("stop", injection.stop.rawValue)
        .adding("fillNanoseconds", injection.fillNanoseconds)
        .adding("releaseNanoseconds", injection.releaseNanoseconds).finished
    case .held(let blocks, let effort):
      MessageLine("held").adding("blocks", blocks).adding(effort).finished
    case .notHeld(let order, let heldBlocks, let effort, let errno):
      MessageLine("notHeld").adding("order", order).adding("heldBlocks", heldBlocks).adding(effort)
        .adding("errno", errno).finished
    case .marginReached(let pinnedPages, let heldBlocks, let memFreeBytes, let memAvailableBytes, let marginBytes):
      MessageLine("marginReached").adding("pinnedPages", pinnedPages).adding("heldBlocks", heldBlocks)
        .adding("memFreeBytes", memFreeBytes).adding("memAvailableBytes", memAvailableBytes)
        .adding("marginBytes", marginBytes).finished
    case .cancelled:
      MessageLine("cancelled").finished
    case .failed(let operation, let errno, let explanation):
      MessageLine("failed").addingText("operation", operation, limitBytes: 200).adding("errno", errno)
        .addingText("explanation", explanation, limitBytes: 1000).finished
    case .status(let status):
      MessageLine("status").adding("pinnedPages", status.pinnedPages).adding("lockedPages", status.lockedPages)
        .adding("heldBlocks", status.heldBlocks).adding("openPipes", status.openPipes).finished
    }
  }

  /// Reads a line, with or without its newline. Every value is checked against its range.
  public static func decode(_ line: String) throws(PressureProtocolError) -> PressureReply {
    var fields = try MessageFields(line)
    let reply = try decode(&fields)
    try fields.finish()
    return reply
  }

  private static func decode(_ fields: inout MessageFields) throws(PressureProtocolError) -> PressureReply {
    let anyNumber = 0...UInt64.max
    switch fields.verb {
    case "ready":
      return .ready(
        version: try fields.integer("version", in: 0...Int.max),
        pid: Int32(try fields.integer("pid", in: 1...Int(Int32.max))))
    case "progress":
      return .progress(
        donePages: try fields.unsigned("donePages", in: anyNumber),
        totalPages: try fields.unsigned("totalPages", in: anyNumber))
    case "pinned":
      return .pinned(pages: try fields.unsigned("pages", in: anyNumber))
    case "injected":
      return .injected(
        Injection(
          pinnedPages: try fields.unsigned("pinnedPages", in: anyNumber),
          transientPages: try fields.unsigned("transientPages", in: anyNumber),
          stop: try fields.choice("stop", of: InjectionStop.allCases, word: \.rawValue),
          fillNanoseconds: try fields.unsigned("fillNanoseconds", in: anyNumber),
          releaseNanoseconds: try fields.unsigned("releaseNanoseconds", in: anyNumber)))
    case "held":
      return .held(
        blocks: try fields.blocks("blocks", counts: BlockList.held),
        try effort(&fields))
    case "notHeld":
      return .notHeld(
        order: try fields.integer("order", in: 0...MountDemand.maximumOrder),
        heldBlocks: try fields.blocks("heldBlocks", counts: BlockList.held),
        try effort(&fields),
        errno: Int32(try fields.integer("errno", in: 0...Int(Int32.max))))
    case "marginReached":
      return .marginReached(
        pinnedPages: try fields.unsigned("pinnedPages", in: anyNumber),
        heldBlocks: try fields.blocks("heldBlocks", counts: BlockList.held),
        memFreeBytes: try fields.unsigned("memFreeBytes", in: anyNumber),
        memAvailableBytes: try fields.unsigned("memAvailableBytes", in: anyNumber),
        marginBytes: try fields.unsigned("marginBytes", in: anyNumber))
    case "cancelled":
      return .cancelled
    case "failed":
      return .failed(
        operation: try fields.text("operation"),
        errno: Int32(try fields.integer("errno", in: 0...Int(Int32.max))),
        explanation: try fields.text("explanation"))
    case "status":
      return .status(
        PressureStatus(
          pinnedPages: try fields.unsigned("pinnedPages", in: anyNumber),
          lockedPages: try fields.unsigned("lockedPages", in: anyNumber),
          heldBlocks: try fields.blocks("heldBlocks", counts: BlockList.held),
          openPipes: try fields.integer("openPipes", in: 0...Int.max)))
    default:
      throw .unknownVerb(fields.verb)
    }
  }

  private static func effort(_ fields: inout MessageFields) throws(PressureProtocolError) -> HoldEffort {
    let anyNumber = 0...UInt64.max
    return HoldEffort(
      elapsedNanoseconds: try fields.unsigned("elapsedNanoseconds", in: anyNumber),
      cpuNanoseconds: try fields.unsigned("cpuNanoseconds", in: anyNumber),
      retries: try fields.unsigned("retries", in: anyNumber))
  }
}

extension MessageLine {
  fileprivate func adding(_ effort: HoldEffort) -> MessageLine {
    adding("elapsedNanoseconds", effort.elapsedNanoseconds).adding("cpuNanoseconds", effort.cpuNanoseconds)
      .adding("retries", effort.retries)
  }
}
