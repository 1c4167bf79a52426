import Experiment
import PressureProtocol
import Testing

@Suite("Messages of the pressure protocol")
struct ProtocolTests {
  static let blocks = [
    MountDemand.Blocks(order: 4, count: 1), MountDemand.Blocks(order: 2, count: 2),
    MountDemand.Blocks(order: 0, count: 8),
  ]

  static let requests: [PressureRequest] = [
    .pin(pages: 1, backend: .pipe),
    .pin(pages: PressureWire.maximumPages, backend: .mlock),
    .inject(InjectionPattern(pinnedPages: 1, transientPages: 7)!, maximumPages: nil),
    .inject(
      InjectionPattern(pinnedPages: 1024, transientPages: 1)!, maximumPages: 131_072,
      dose: .init(share: 0.25, seed: .max), transient: .memfd),
    .hold(blocks: blocks, timeoutNanoseconds: 60_000_000_000, retry: .untilTimeout),
    .hold(blocks: [], timeoutNanoseconds: 0, retry: .once),
    .hold(
      blocks: [MountDemand.Blocks(order: MountDemand.maximumOrder, count: MountDemand.maximumCount)],
      timeoutNanoseconds: .max, retry: .once),
    .cancel, .status, .quit,
  ]

  static let replies: [PressureReply] = [
    .ready(version: PressureWire.version, pid: 4711),
    .ready(version: 99, pid: 1),
    .progress(donePages: 8192, totalPages: 102_400),
    .pinned(pages: 102_400),
    .injected(
      Injection(
        pinnedPages: 1, transientPages: 7, stop: .watermarks, fillNanoseconds: .max, releaseNanoseconds: 0)),
    .injected(
      Injection(pinnedPages: 0, transientPages: 0, stop: .maximumPages, fillNanoseconds: 1, releaseNanoseconds: 2)),
    .held(blocks: blocks, HoldEffort(elapsedNanoseconds: 12_345, cpuNanoseconds: 11_000, retries: 0)),
    .held(blocks: [], HoldEffort(elapsedNanoseconds: 0, cpuNanoseconds: 0, retries: 0)),
    .notHeld(
      order: 4, heldBlocks: blocks,
      HoldEffort(elapsedNanoseconds: 60_000_000_000, cpuNanoseconds: 59_000_000_000, retries: 7105), errno: 12),
    .notHeld(
      order: 10, heldBlocks: [], HoldEffort(elapsedNanoseconds: 1, cpuNanoseconds: 1, retries: 0), errno: 12),
    .marginReached(
      pinnedPages: 5, heldBlocks: blocks, memFreeBytes: 1, memAvailableBytes: 2, marginBytes: 3),
    .cancelled,
    .failed(operation: "pipe2", errno: 24, explanation: "raise `ulimit -n`: 100 % = used up\nat once, naïve 🙂"),
    .failed(operation: "", errno: 0, explanation: ""),
    .status(PressureStatus(pinnedPages: 64, lockedPages: 32, heldBlocks: blocks, openPipes: 3)),
    // What 128 requests may have held together.
    .status(
      PressureStatus(
        pinnedPages: 0, lockedPages: 0,
        heldBlocks: [MountDemand.Blocks(order: 0, count: 128 * MountDemand.maximumCount)], openPipes: 1)),
  ]

  @Test("a request read back is the same", arguments: requests)
  func requestRoundTrip(request: PressureRequest) throws {
    let line = request.encoded
    #expect(line.utf8.count <= PressureWire.maximumLineLength)
    #expect(line.last == "\n")
    #expect(line.dropLast().utf8.allSatisfy { (0x20...0x7e).contains($0) })
    #expect(try PressureRequest.decode(line) == request)
    #expect(try PressureRequest.decode(String(line.dropLast())) == request)
  }

  @Test("a reply read back is the same", arguments: replies)
  func replyRoundTrip(reply: PressureReply) throws {
    let line = reply.encoded
    #expect(line.utf8.count <= PressureWire.maximumLineLength)
    #expect(line.last == "\n")
    #expect(line.dropLast().utf8.allSatisfy { (0x20...0x7e).contains($0) })
    #expect(try PressureReply.decode(line) == reply)
  }

  @Test("a text that is too long is cut between characters, and the line keeps its limit")
  func longExplanation() throws {
    let line = PressureReply.failed(
      operation: String(repeating: "🙂", count: 5000), errno: 1, explanation: String(repeating: "ü", count: 5000)
    ).encoded
    #expect(line.utf8.count <= PressureWire.maximumLineLength)
    #expect(
      try PressureReply.decode(line)
        == .failed(
          operation: String(repeating: "🙂", count: 50), errno: 1, explanation: String(repeating: "ü", count: 500)))
  }

  @Test("the lines of the protocol are fixed")
  func wireFormat() {
    #expect(PressureRequest.pin(pages: 102_400, backend: .pipe).encoded == "pin pages=102400 backend=pipe\n")
    #expect(
      PressureRequest.hold(blocks: Self.blocks, timeoutNanoseconds: 5, retry: .once).encoded
        == "hold blocks=4:1,2:2,0:8 timeoutNanoseconds=5 retry=once\n")
    #expect(
      PressureRequest.hold(blocks: [], timeoutNanoseconds: 5, retry: .untilTimeout).encoded
        == "hold blocks=none timeoutNanoseconds=5 retry=untilTimeout\n")
    #expect(
      PressureRequest.inject(InjectionPattern(pinnedPages: 1, transientPages: 7)!, maximumPages: 9).encoded
        == "inject pinnedPerCycle=1 transientPerCycle=7 keptPerMillion=1000000 seed=0 transient=pipe maximumPages=9\n")
    #expect(
      PressureReply.failed(operation: "a b", errno: 1, explanation: "50%=x").encoded
        == "failed operation=a%20b errno=1 explanation=50%25=x\n")
  }

  @Test(
    "a wrong request says what is wrong",
    arguments: [
      ("", .emptyLine),
      ("   ", .emptyLine),
      ("explode", .unknownVerb("explode")),
      ("PIN pages=1 backend=pipe", .unknownVerb("PIN")),
      ("pin pages", .malformedField(verb: "pin", field: "pages")),
      ("pin =1", .malformedField(verb: "pin", field: "=1")),
      ("pin pages=1", .missingField(verb: "pin", key: "backend")),
      ("pin pages=1 pages=2 backend=pipe", .duplicateField(verb: "pin", key: "pages")),
      ("quit now=1", .unknownField(verb: "quit", key: "now")),
      ("quit\nquit", .notText(byte: 10, offset: 4)),
      ("qu\u{0}it", .notText(byte: 0, offset: 2)),
      ("pin pages=1 backend=tape", .invalidValue(key: "backend", value: "tape", allowed: "pipe or mlock")),
      ("pin pages=1 backend=snapmeta", .invalidValue(key: "backend", value: "snapmeta", allowed: "pipe or mlock")),
      (
        "hold blocks=none timeoutNanoseconds=1 retry=until-timeout",
        .invalidValue(key: "retry", value: "until-timeout", allowed: "untilTimeout or spin or once")
      ),
    ] as [(String, PressureProtocolError)])
  func wrongRequest(line: String, expected: PressureProtocolError) {
    #expect(throws: expected) { try PressureRequest.decode(line) }
    #expect(!"\(expected)".isEmpty)
  }

  @Test(
    "a number must be digits within its range",
    arguments: [
      "0", "-1", "+1", " 1", "1.0", "0x10", "", "1099511627777", "18446744073709551616", "99999999999999999999999",
    ])
  func wrongNumber(value: String) {
    #expect(throws: PressureProtocolError.self) { try PressureRequest.decode("pin pages=\(value) backend=pipe") }
  }

  @Test("order 1 is refused with the reason", arguments: ["1:1", "4:1,1:2"])
  func orderOne(blocks: String) throws {
    let error = #expect(throws: PressureProtocolError.self) {
      try PressureRequest.decode("hold blocks=\(blocks) timeoutNanoseconds=1 retry=once")
    }
    #expect(try #require(error).description.contains("slab"))
  }

  @Test(
    "a wrong list of blocks is refused",
    arguments: [
      "", ",", "4", "4:", ":4", "4:0", "11:1", "-1:1", "4:1,", "4:1:1", "4:100001", "99999999999999999999:1",
      "9223372036854775808:1", String(repeating: "0:1,", count: 32) + "0:1",
    ])
  func wrongBlocks(blocks: String) {
    #expect(throws: PressureProtocolError.self) {
      try PressureRequest.decode("hold blocks=\(blocks) timeoutNanoseconds=1 retry=once")
    }
  }

  @Test(
    "a ring's slots make a block of exactly the order",
    arguments: [(2, 256), (3, 512), (4, 1024), (5, 2048), (10, 65536)])
  func slots(order: Int, slots: Int) throws {
    let block = MountDemand.Blocks(order: order, count: 3)
    #expect(block.ringSlots == slots)
    let ringBytes = slots * 40
    #expect(ringBytes > 4096 << (order - 1) && ringBytes <= 4096 << order)
    #expect(block.pages == UInt64(3 << order))
  }

  @Test("percent signs that are no encoding are refused", arguments: ["%", "%4", "%zz", "%FF", "%C3%28"])
  func wrongText(text: String) {
    #expect(throws: PressureProtocolError.self) {
      try PressureReply.decode("failed operation=\(text) errno=1 explanation=")
    }
  }
}
