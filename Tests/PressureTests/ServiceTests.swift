import CLinux
import Experiment
import PressureProtocol
import SystemPackage
import Testing

@testable import PressureHelper

/// Readings as a test dictates them; the last one stays.
struct ScriptedMemory: MemorySource {
  var readings: [MemoryReading]
  var looks = 0
  /// Called with the number of the look.
  var onLook: (Int) -> Void = { _ in }

  mutating func look() throws(SystemFailure) -> MemoryReading {
    looks += 1
    onLook(looks)
    return readings.count > 1 ? readings.removeFirst() : readings[0]
  }

  static func plenty(headroomPages: UInt64 = 1 << 20) -> ScriptedMemory {
    ScriptedMemory(readings: [MarginPolicyTests.reading(availableBytes: 4 << 30, headroom: headroomPages)])
  }
}

/// The child's end of the control socket.
struct ChildEnd: ~Copyable {
  let descriptor: Int32
  private var lines = LineBuffer()

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { _ = clinux_close(descriptor) }

  static func pair() throws -> (helper: Int32, child: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(clinux_socketpair(&ends) == 0)
    return (ends[0], ends[1])
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { clinux_send(descriptor, $0.baseAddress, $0.count) } == bytes.count)
  }

  func send(_ request: PressureRequest) { send(request.encoded) }

  /// The next reply; nil at the end of file, and when none comes within a generous time.
  mutating func reply(timeoutMilliseconds: Int32 = 60_000) throws -> PressureReply? {
    var bytes = [UInt8](repeating: 0, count: 1024)
    while true {
      if let line = try lines.nextLine() { return try PressureReply.decode(line) }
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, timeoutMilliseconds) > 0 else { return nil }
      let count = recv(descriptor, &bytes, min(bytes.count, lines.freeBytes), 0)
      guard count > 0 else { return nil }
      _ = lines.append(bytes[..<count])
    }
  }

  /// Takes the next reply, which must be this one.
  mutating func expect(_ expected: PressureReply?, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let reply = try reply()
    #expect(reply == expected, sourceLocation: sourceLocation)
  }

  /// The next reply that is not progress, and the progress before it.
  mutating func final() throws -> (reply: PressureReply?, progress: [UInt64]) {
    var progress: [UInt64] = []
    while true {
      let reply = try reply()
      guard case .progress(let donePages, _)? = reply else { return (reply, progress) }
      progress.append(donePages)
    }
  }
}

@Suite("The helper's work, in process, on scripted memory")
struct ServiceTests {
  /// Some hundred pages at most, so that it runs anywhere.
  func withService(
    _ memory: ScriptedMemory = .plenty(), descriptorLimit: Int = 1000,
    _ body: (inout PressureService<ScriptedMemory>, inout ChildEnd) throws -> Void
  ) throws {
    let ends = try ChildEnd.pair()
    var child = ChildEnd(descriptor: ends.child)
    var service = try PressureService(
      channel: ControlChannel(descriptor: ends.helper), memory: memory, descriptorLimit: descriptorLimit)
    try body(&service, &child)
  }

  @Test("pins exactly what was asked for, in pipes of 64 pages", arguments: [1, 63, 64, 65, 200] as [UInt64])
  func pin(pages: UInt64) throws {
    try withService { service, child in
      let reply = try service.perform(.pin(pages: pages, backend: .pipe))
      #expect(reply == .pinned(pages: pages))
      #expect(service.status.pinnedPages == pages)
      #expect(service.status.openPipes == Int((pages + 63) / 64))
      try child.expect(.progress(donePages: pages, totalPages: pages))
      let second = try service.perform(.pin(pages: 63, backend: .pipe))
      #expect(second == .pinned(pages: 63))
      #expect(service.status.pinnedPages == pages + 63)
      #expect(service.status.openPipes == Int((pages + 63 + 63) / 64), "a pipe with room left is filled first")
    }
  }

  @Test("the mlock backend locks what was asked for")
  func pinLocked() throws {
    try withService { service, child in
      let reply = try service.perform(.pin(pages: 100, backend: .mlock))
      #expect(reply == .pinned(pages: 100))
      #expect(service.status.lockedPages == 100)
      #expect(service.status.pinnedPages == 0)
      #expect(service.status.openPipes == 0)
    }
  }

  @Test("stops at the margin and says how far it came")
  func margin() throws {
    let margin: UInt64 = 64 << 20 + 25_372 * 4096
    let memory = ScriptedMemory(readings: [
      MarginPolicyTests.reading(availableBytes: margin + 4 << 30),
      MarginPolicyTests.reading(availableBytes: margin + 320 * 4096),
      MarginPolicyTests.reading(availableBytes: margin + 50 * 4096),
    ])
    try withService(memory, descriptorLimit: 5000) { service, child in
      let reply = try service.perform(.pin(pages: 100_000, backend: .pipe))
      #expect(
        reply
          == .marginReached(
            pinnedPages: 310, heldBlocks: [], memFreeBytes: margin + 50 * 4096,
            memAvailableBytes: margin + 50 * 4096, marginBytes: margin))
      #expect(service.status.pinnedPages == 310)
      try child.expect(.progress(donePages: 310, totalPages: 100_000))
    }
  }

  @Test("refuses a pin that the descriptors cannot carry, before the first page")
  func descriptors() throws {
    try withService(descriptorLimit: 20) { service, child in
      let error = #expect(throws: WorkStop.self) { try service.perform(.pin(pages: 1000, backend: .pipe)) }
      guard case .failed(let failure)? = error else { return }
      #expect(failure.errno == .tooManyOpenFiles)
      #expect(failure.explanation.contains("ulimit -n"))
      #expect(service.status.openPipes == 0)
    }
  }

  @Test("injects whole cycles up to maximumPages and frees the transient pages")
  func injectLimit() throws {
    try withService { service, child in
      let reply = try service.perform(.inject(InjectionPattern(pinnedPages: 1, transientPages: 7)!, maximumPages: 1003))
      guard case .injected(let injection) = reply else {
        Issue.record("\(reply)")
        return
      }
      #expect(injection.pinnedPages == 125)
      #expect(injection.transientPages == 875)
      #expect(injection.stop == .maximumPages)
      #expect(service.status.pinnedPages == 125)
      #expect(service.status.openPipes == 2)
      try child.expect(.progress(donePages: 1000, totalPages: 1003))
    }
  }

  @Test("transient pages of a file take no pipe, and go like the others")
  func injectIntoAFile() throws {
    try withService { service, child in
      let reply = try service.perform(
        .inject(InjectionPattern(pinnedPages: 1, transientPages: 70)!, maximumPages: 7100, transient: .memfd))
      guard case .injected(let injection) = reply else {
        Issue.record("\(reply)")
        return
      }
      #expect(injection.pinnedPages == 100 && injection.transientPages == 7000)
      #expect(service.status.pinnedPages == 100 && service.status.openPipes == 2)
    }
  }

  @Test(
    "at a dose of half some half of the pages stay, at 0 none; the number of both kinds together is the same",
    arguments: [(0.0, 0...0), (0.5, 180...320), (1.0, 500...500)] as [(Double, ClosedRange<UInt64>)])
  func injectDose(share: Double, expected: ClosedRange<UInt64>) throws {
    try withService { service, child in
      let reply = try service.perform(
        .inject(
          InjectionPattern(pinnedPages: 1, transientPages: 7)!, maximumPages: 4000, dose: .init(share: share, seed: 9)))
      guard case .injected(let injection) = reply else {
        Issue.record("\(reply)")
        return
      }
      #expect(expected.contains(injection.pinnedPages) && service.status.pinnedPages == injection.pinnedPages)
      #expect(injection.pinnedPages + injection.transientPages == 4000)
    }
  }

  @Test("injection stops just above the watermarks, in ever smaller steps")
  func injectWatermarks() throws {
    let memory = ScriptedMemory(
      readings: [1256, 756, 500, 380, 300, 270, 263].map {
        MarginPolicyTests.reading(availableBytes: 0, headroom: $0)
      })
    try withService(memory) { service, child in
      let reply = try service.perform(.inject(InjectionPattern(pinnedPages: 1, transientPages: 7)!, maximumPages: nil))
      guard case .injected(let injection) = reply else {
        Issue.record("\(reply)")
        return
      }
      #expect(injection.stop == .watermarks)
      // Half of 1000, 500, 244, 124, 44 in whole cycles, then one cycle for 14, then 7 are less than a cycle.
      #expect(injection.pinnedPages + injection.transientPages == 496 + 248 + 120 + 56 + 16 + 8)
      #expect(injection.transientPages == 7 * injection.pinnedPages)
    }
  }

  @Test(
    "a dead or impatient child stops work, and what was pinned stays till the end",
    arguments: [PressureRequest.cancel, .quit])
  func interrupted(request: PressureRequest) throws {
    try withService { service, child in
      child.send(request)
      let expected: Interruption = request == .cancel ? .cancelled : .quit
      #expect(throws: WorkStop.interrupted(expected)) { try service.perform(.pin(pages: 64, backend: .pipe)) }
      child.send(request)
      #expect(throws: WorkStop.interrupted(expected)) {
        try service.perform(.inject(InjectionPattern(pinnedPages: 1, transientPages: 7)!, maximumPages: 64))
      }
      child.send(request)
      #expect(throws: WorkStop.interrupted(expected)) {
        try service.perform(.hold(blocks: ProtocolTests.blocks, timeoutNanoseconds: 0, retry: .once))
      }
    }
  }

  @Test("the end of file stops work, whatever lines came before it")
  func endOfFile() throws {
    let ends = try ChildEnd.pair()
    do {
      let child = ChildEnd(descriptor: ends.child)
      child.send(.status)
    }
    var service = try PressureService(
      channel: ControlChannel(descriptor: ends.helper), memory: ScriptedMemory.plenty(), descriptorLimit: 1000)
    #expect(throws: WorkStop.interrupted(.endOfFile)) { try service.perform(.pin(pages: 64, backend: .pipe)) }
    #expect(service.serve(processID: 1) == .endOfFile)
  }

  @Test("during work status is answered, other requests and bad lines are refused")
  func duringWork() throws {
    try withService { service, child in
      child.send(.status)
      child.send(.pin(pages: 1, backend: .pipe))
      child.send("gibberish\n")
      let reply = try service.perform(.pin(pages: 64, backend: .pipe))
      #expect(reply == .pinned(pages: 64))
      try child.expect(.status(PressureStatus(pinnedPages: 0, lockedPages: 0, heldBlocks: [], openPipes: 0)))
      guard case .failed("pin", EBUSY, _)? = try child.reply() else {
        Issue.record("a second pin was not refused")
        return
      }
      guard case .failed("decode request", EPROTO, _)? = try child.reply() else {
        Issue.record("a bad line was not refused")
        return
      }
      try child.expect(.progress(donePages: 64, totalPages: 64))
    }
  }

  @Test("holds single pages and order-2 blocks, largest first, and counts them")
  func hold() throws {
    // 256 slots are the default of fs.pipe-max-size, so anybody may have this block.
    try withService { service, child in
      let blocks = [MountDemand.Blocks(order: 0, count: 8), MountDemand.Blocks(order: 2, count: 2)]
      guard
        case .held(let held, let effort) = try service.perform(
          .hold(blocks: blocks, timeoutNanoseconds: 0, retry: .once))
      else {
        Issue.record("not held")
        return
      }
      #expect(held == [blocks[1], blocks[0]])
      #expect(effort.retries == 0)
      #expect(service.status == PressureStatus(pinnedPages: 0, lockedPages: 0, heldBlocks: held, openPipes: 3))
    }
  }

  @Test("a cancel in the midst of a pin keeps what was pinned before it")
  func cancelMidway() throws {
    let margin = MarginPolicy.marginBytes(MarginPolicyTests.reading(availableBytes: 0))
    // Room for 31 x 4 pages at each look; the first look is before the first step.
    var memory = ScriptedMemory(readings: [MarginPolicyTests.reading(availableBytes: margin + 128 * 4096)])
    let ends = try ChildEnd.pair()
    var child = ChildEnd(descriptor: ends.child)
    let cancel = Array(PressureRequest.cancel.encoded.utf8)
    memory.onLook = { look in
      if look == 3 { _ = cancel.withUnsafeBytes { clinux_send(ends.child, $0.baseAddress, $0.count) } }
    }
    var service = try PressureService(
      channel: ControlChannel(descriptor: ends.helper), memory: memory, descriptorLimit: 1_000_000)
    #expect(throws: WorkStop.interrupted(.cancelled)) { try service.perform(.pin(pages: 1000, backend: .pipe)) }
    #expect(service.status.pinnedPages == 248)
    try child.expect(.progress(donePages: 124, totalPages: 1000))
    try child.expect(.progress(donePages: 248, totalPages: 1000))
  }

  @Test("a block that cannot be had is asked for again, until the timeout or only once")
  func retries() throws {
    try withService { service, child in
      let block = MountDemand.Blocks(order: 4, count: 1)
      var tries = 0
      service.allocateRing = { (_, slots) throws(Errno) in
        tries += 1
        if tries < 40 { throw .noMemory }
      }
      guard
        case .held([block], let effort) = try service.perform(
          .hold(blocks: [block], timeoutNanoseconds: .max, retry: .untilTimeout))
      else {
        Issue.record("not held after 40 tries")
        return
      }
      #expect(effort.retries == 39)
      service.allocateRing = { (_, _) throws(Errno) in throw .noMemory }
      guard
        case .notHeld(4, [], let once, ENOMEM) = try service.perform(
          .hold(blocks: [block], timeoutNanoseconds: .max, retry: .once))
      else {
        Issue.record("a single try was not one")
        return
      }
      #expect(once.retries == 0)
      guard
        case .notHeld(4, [], let late, ENOMEM) = try service.perform(
          .hold(blocks: [block], timeoutNanoseconds: 5_000_000, retry: .untilTimeout))
      else {
        Issue.record("no timeout")
        return
      }
      #expect(late.elapsedNanoseconds >= 5_000_000 && late.retries > 0)
      #expect(late.cpuNanoseconds > 0 && late.cpuNanoseconds <= late.elapsedNanoseconds)
      #expect(service.status.heldBlocks == [block])
    }
  }

  @Test("largest first; what was got before a failure stays held")
  func partlyHeld() throws {
    try withService { service, child in
      var slots: [Int] = []
      service.allocateRing = { (_, asked) throws(Errno) in
        slots.append(asked)
        if asked <= 256 { throw .noMemory }
      }
      let reply = try service.perform(
        .hold(blocks: ProtocolTests.blocks.reversed(), timeoutNanoseconds: 0, retry: .once))
      let got = [MountDemand.Blocks(order: 4, count: 1)]
      guard case .notHeld(2, got, let effort, ENOMEM) = reply, effort.retries == 0 else {
        Issue.record("\(reply)")
        return
      }
      #expect(slots == [1024, 256])
      #expect(service.status == PressureStatus(pinnedPages: 0, lockedPages: 0, heldBlocks: got, openPipes: 1))
    }
  }

  @Test("a cancel ends the wait for a block")
  func cancelRetry() throws {
    try withService { service, child in
      let cancel = Array(PressureRequest.cancel.encoded.utf8)
      let descriptor = child.descriptor
      var tries = 0
      service.allocateRing = { (_, _) throws(Errno) in
        tries += 1
        if tries == 20 { _ = cancel.withUnsafeBytes { clinux_send(descriptor, $0.baseAddress, $0.count) } }
        throw .noMemory
      }
      #expect(throws: WorkStop.interrupted(.cancelled)) {
        try service.perform(.hold(blocks: ProtocolTests.blocks, timeoutNanoseconds: .max, retry: .untilTimeout))
      }
      #expect(tries == 20)
    }
  }

  @Test("a ring that is not permitted is a failure that names the sysctl")
  func notPermitted() throws {
    try withService { service, child in
      service.allocateRing = { (_, _) throws(Errno) in throw .notPermitted }
      let error = #expect(throws: WorkStop.self) {
        try service.perform(.hold(blocks: ProtocolTests.blocks, timeoutNanoseconds: .max, retry: .untilTimeout))
      }
      guard case .failed(let failure)? = error else { return }
      #expect(failure.errno == .notPermitted)
      #expect(failure.explanation.contains("write at least 4194304 to fs.pipe-max-size"))
    }
  }

  @Test("what was seen before does not refuse a block: the memory is looked at once more")
  func staleReading() throws {
    try withService { service, child in
      service.latestReading = MarginPolicyTests.reading(availableBytes: 1 << 20)
      service.allocateRing = { (_, _) throws(Errno) in }
      let block = MountDemand.Blocks(order: 4, count: 1)
      guard case .held([block], _) = try service.perform(.hold(blocks: [block], timeoutNanoseconds: 0, retry: .once))
      else {
        Issue.record("not held")
        return
      }
    }
  }

  @Test("holding at the margin takes nothing")
  func holdAtMargin() throws {
    try withService(ScriptedMemory(readings: [MarginPolicyTests.reading(availableBytes: 1 << 20)])) { service, child in
      let reply = try service.perform(.hold(blocks: ProtocolTests.blocks, timeoutNanoseconds: 0, retry: .once))
      guard case .marginReached(0, [], _, 1_048_576, _) = reply else {
        Issue.record("\(reply)")
        return
      }
      #expect(service.status.openPipes == 0)
    }
  }

  @Test("the lifeline's end of file is death, a word on it is life, and so is silence for long enough")
  func lifeline() throws {
    let ends = try ChildEnd.pair()
    defer { _ = clinux_close(ends.helper) }
    #expect(!LastSurvivor.supervisorIsDead(lifeline: ends.helper, graceMilliseconds: 1))
    _ = clinux_send(ends.child, "\n", 1)
    #expect(!LastSurvivor.supervisorIsDead(lifeline: ends.helper))
    _ = clinux_close(ends.child)
    #expect(LastSurvivor.supervisorIsDead(lifeline: ends.helper))
  }
}
