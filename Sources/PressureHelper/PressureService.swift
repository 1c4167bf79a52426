import Experiment
import PressureProtocol
import SystemPackage

/// The helper's work: serves one request after another until the child quits or is gone. Owns all pinned pages
/// and held blocks; dropping it gives them back.
struct PressureService<Memory: MemorySource & ~Copyable>: ~Copyable {
  var channel: ControlChannel
  var memory: Memory
  let source: PageSource
  let descriptorLimit: Int

  /// By `pin` and `inject`.
  var pinned = PagesInPipes(slots: pinnedSlots)
  var locked = LockedPages()
  /// By `hold`: blocks of order 0 lie in pipes of their own, so that the counts stay apart.
  var heldPages = PagesInPipes(slots: pinnedSlots)
  var heldRings = KeptPipes()
  var held = HeldBlocks()
  /// From after the last request: the memory is looked at when nobody waits for an answer.
  var latestReading: MemoryReading?
  private var pagesAtLook: UInt64 = 0
  private var requestsSinceLook = 0
  /// Asks the kernel for a ring array. Tests put a kernel without contiguous memory in its place.
  var allocateRing: (borrowing PipeEnds, _ slots: Int) throws(Errno) -> Void = { (pipe, slots) throws(Errno) in
    try pipe.resize(slots: slots)
  }

  /// The standard descriptors, control, life, meminfo, zoneinfo, the cache pressure, and a second end for each of four pipes being filled.
  static var reservedDescriptors: Int { 16 }
  /// 256 kB a pipe and descriptor, with a ring of 2,560 bytes.
  static var pinnedSlots: Int { 64 }

  init(channel: consuming ControlChannel, memory: consuming Memory, descriptorLimit: Int) throws(SystemFailure) {
    self.channel = channel
    self.memory = memory
    self.descriptorLimit = descriptorLimit
    source = try PageSource()
  }

  enum Ending: Equatable {
    case quit
    /// The child is gone.
    case endOfFile
  }

  /// Serves until `quit` or the end of file.
  mutating func serve(processID: Int32) -> Ending {
    channel.send(.ready(version: PressureWire.version, pid: processID))
    while true {
      switch channel.next() {
      case .endOfFile: return .endOfFile
      case .malformed(let error): channel.send(ControlChannel.refusal(of: error))
      case .request(.quit): return .quit
      case .request(.cancel): channel.send(.cancelled)
      case .request(.status): channel.send(.status(status))
      case .request(let request):
        do throws(WorkStop) {
          channel.send(try perform(request))
          lookAfterRequest()
        } catch {
          switch error {
          case .failed(let failure): channel.send(failure.reply)
          case .interrupted(.cancelled): channel.send(.cancelled)
          case .interrupted(.quit): return .quit
          case .interrupted(.endOfFile): return .endOfFile
          }
        }
      }
    }
  }

  /// Not after each small demand: a look takes half a millisecond of a processor.
  private mutating func lookAfterRequest() {
    let taken = pinned.pages + locked.pages + held.pages
    requestsSinceLook += 1
    guard
      latestReading == nil || requestsSinceLook >= MarginPolicy.betweenLooksRequests
        || taken - min(taken, pagesAtLook) >= MarginPolicy.betweenLooksPages
    else { return }
    (pagesAtLook, requestsSinceLook) = (taken, 0)
    // The request has its answer; a look that fails is made again for the next.
    latestReading = try? look()
  }

  var status: PressureStatus {
    PressureStatus(
      pinnedPages: pinned.pages, lockedPages: locked.pages, heldBlocks: held.blocks,
      openPipes: pinned.openPipes + heldPages.openPipes + heldRings.count)
  }

  /// Descriptors that may still be opened.
  var freeDescriptors: Int {
    descriptorLimit - Self.reservedDescriptors - pinned.openPipes - heldPages.openPipes - heldRings.count
  }

  mutating func perform(_ request: PressureRequest) throws(WorkStop) -> PressureReply {
    switch request {
    case .pin(let pages, let backend):
      return try pin(pages: pages, backend: backend)
    case .inject(let pattern, let maximumPages, let dose, let transient):
      return try inject(pattern, maximumPages: maximumPages, dose: dose, transient: transient)
    case .hold(let blocks, let timeoutNanoseconds, let retry):
      return try hold(blocks, timeoutNanoseconds: timeoutNanoseconds, retry: retry)
    case .cancel, .status, .quit:
      preconditionFailure("served without being performed")
    }
  }

  /// Called at least every 8,192 pages and between two tries for a block: a dead child must be noticed while work goes
  /// on.
  mutating func checkpoint() throws(WorkStop) {
    let status = status
    if let interruption = channel.checkpoint(status) { throw .interrupted(interruption) }
  }
}

/// How many blocks of each order are held.
struct HeldBlocks: Equatable {
  private var counts: [Int] = Array(repeating: 0, count: MountDemand.maximumOrder + 1)

  mutating func add(order: Int) { counts[order] += 1 }

  var pages: UInt64 { counts.enumerated().reduce(0) { $0 + UInt64($1.element) << UInt64($1.offset) } }

  /// Largest first, one entry per order.
  var blocks: [MountDemand.Blocks] {
    counts.indices.reversed().filter { counts[$0] > 0 }.map { MountDemand.Blocks(order: $0, count: counts[$0]) }
  }
}
