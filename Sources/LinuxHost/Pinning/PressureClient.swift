import Experiment
import LinuxSystem
import PressureProtocol
import SystemPackage

/// The testbed's side of the conversation with the pressure helper.
struct PressureClient: ~Copyable {
  private var channel: LineChannel
  /// The helper's process, once it has greeted.
  private(set) var helper: Int32 = 0

  /// - Parameter descriptor: the socket whose other end the helper was started with.
  init(adopting descriptor: Int32) throws(TestbedFailure) {
    channel = try attempting("communicate with the pressure helper") { () throws(SystemError) in
      try LineChannel(adopting: descriptor, limitBytes: 4 * PressureWire.maximumLineLength)
    }
  }

  static let gone = TestbedFailure(
    .helper, operation: "communicate with the pressure helper", reason: "it has exited",
    advice:
      "it is the OOM killer's first choice: look at kernel.log in the results, and ask for less (--pin) or a larger "
      + "machine (--memory)")

  /// Waits for its greeting.
  mutating func waitUntilReady(_ context: some RunContext) throws(TestbedFailure) {
    guard case .ready(let version, let pid) = try nextReply(context) else { throw Self.unexpected("greeting") }
    guard version == PressureWire.version else {
      throw TestbedFailure(
        .helper, operation: "communicate with the pressure helper",
        reason: "it speaks version \(version), not \(PressureWire.version)",
        advice: "install failover-bench and failover-bench-pressure from the same build")
    }
    helper = pid
  }

  /// Throws when the helper has died. Costs one poll(2).
  mutating func checkAlive() throws(TestbedFailure) {
    let reception = try attempting("communicate with the pressure helper") { () throws(SystemError) in
      try channel.receive(withinNanoseconds: 0)
    }
    switch reception {
    case .nothing: return
    case .ended: throw Self.gone
    case .line: throw Self.unexpected("message")
    }
  }

  /// Pins `pages` single pages.
  mutating func pin(
    pages: UInt64, backend: PinBackend, _ context: some RunContext
  ) throws(TestbedFailure) -> UInt64 {
    try send(.pin(pages: pages, backend: backend))
    switch try answer(context) {
    case .pinned(let pages): return pages
    case let other: throw Self.unmet(other, "pin the pages")
    }
  }

  /// Environment 1.
  mutating func inject(
    _ pattern: InjectionPattern, maximumPages: UInt64?, dose: InjectionDose, transient: TransientBackend,
    _ context: some RunContext
  ) throws(TestbedFailure) -> Injection {
    try send(.inject(pattern, maximumPages: maximumPages, dose: dose, transient: transient))
    switch try answer(context) {
    case .injected(let injection): return injection
    case let other: throw Self.unmet(other, "inject the pattern")
    }
  }

  /// How holding the blocks of one mount's demand has ended.
  enum HoldResult {
    case met(DemandRecord)
    /// No block of this order.
    case notMet(DemandRecord, order: Int)
    /// So little was available that the OOM killer would have been next.
    case marginReached(DemandRecord, availableBytes: UInt64)
  }

  /// Holds the blocks of one mount's demand. Not getting them is a value.
  mutating func hold(
    _ demand: MountDemand, timeoutNanoseconds: UInt64, retry: DemandRetry, _ context: some RunContext
  ) throws(TestbedFailure) -> HoldResult {
    let began = context.monotonicNanoseconds()
    try send(.hold(blocks: demand.blocks, timeoutNanoseconds: timeoutNanoseconds, retry: retry))
    let reply = try answer(context)
    let duration = context.monotonicNanoseconds() - began
    func record(_ isMet: Bool, _ held: [MountDemand.Blocks], _ effort: HoldEffort) -> DemandRecord {
      DemandRecord(
        demanded: demand.blocks, isMet: isMet, heldBlocks: held.reduce(0) { $0 + UInt64($1.count) },
        durationNanoseconds: effort.elapsedNanoseconds, retries: effort.retries, cpuNanoseconds: effort.cpuNanoseconds,
        conversationNanoseconds: duration - min(duration, effort.elapsedNanoseconds))
    }
    switch reply {
    case .held(let held, let effort): return .met(record(true, held, effort))
    case .notHeld(let order, let held, let effort, _): return .notMet(record(false, held, effort), order: order)
    case .marginReached(_, let held, _, let available, _):
      // The helper does not say what it took.
      let record = DemandRecord(
        demanded: demand.blocks, isMet: false, heldBlocks: held.reduce(0) { $0 + UInt64($1.count) },
        durationNanoseconds: duration, retries: 0)
      return .marginReached(record, availableBytes: available)
    case let other: throw Self.unmet(other, "hold the mount demand")
    }
  }

  /// Ends the helper, which frees all it pins and holds.
  mutating func quit() { try? channel.send(Self.line(.quit)) }

  private mutating func send(_ request: PressureRequest) throws(TestbedFailure) {
    do throws(SystemError) { try channel.send(Self.line(request)) } catch { throw Self.gone }
  }

  private static func line(_ request: PressureRequest) -> String {
    var line = request.encoded
    if line.last == "\n" { line.removeLast() }
    return line
  }

  /// The next reply that is not progress, which goes to the context.
  private mutating func answer(_ context: some RunContext) throws(TestbedFailure) -> PressureReply {
    while true {
      switch try nextReply(context) {
      case .progress(let done, let total): context.progress(done: done, total: total)
      case let reply: return reply
      }
    }
  }

  private mutating func nextReply(_ context: some RunContext) throws(TestbedFailure) -> PressureReply {
    while true {
      do throws(TestbedFailure) { try context.checkpoint() } catch {
        try? channel.send(Self.line(.cancel))
        throw error
      }
      let reception: LineChannel.Reception
      // A tenth of a second: how long a cancelled run may go unnoticed here.
      do throws(SystemError) { reception = try channel.receive(withinNanoseconds: 100_000_000) } catch {
        throw TestbedFailure(error, doing: "communicate with the pressure helper")
      }
      switch reception {
      case .nothing: continue
      case .ended: throw Self.gone
      case .line(let line):
        do throws(PressureProtocolError) { return try PressureReply.decode(line) } catch {
          throw TestbedFailure(
            .helper, operation: "decode the pressure helper's reply", reason: "\(error)",
            advice: "install failover-bench and failover-bench-pressure from the same build")
        }
      }
    }
  }

  private static func unexpected(_ what: String) -> TestbedFailure {
    TestbedFailure(
      .helper, operation: "communicate with the pressure helper", reason: "it sent an unexpected \(what)",
      advice: "install failover-bench and failover-bench-pressure from the same build")
  }

  /// A reply that is not what was asked for: a failure of the helper, in its words.
  private static func unmet(_ reply: PressureReply, _ operation: String) -> TestbedFailure {
    switch reply {
    case .failed(let what, let errno, let explanation):
      return TestbedFailure(
        .helper, operation: operation, errorNumber: errno, reason: "\(what): \(Errno(rawValue: errno))",
        advice: explanation)
    case .marginReached(let pinned, _, let free, let available, let margin):
      return TestbedFailure(
        .helper, operation: operation,
        reason: "the memory margin was reached after \(pinned) pages: \(ByteSize.humanText(free)) free, "
          + "\(ByteSize.humanText(available)) available, \(ByteSize.humanText(margin)) kept",
        advice: "ask for less (--pin) or a larger machine (--memory)")
    case .cancelled: return .cancelled
    default: return unexpected("answer")
    }
  }
}
