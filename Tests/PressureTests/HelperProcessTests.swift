import CLinux
import Experiment
import PressureProtocol
import TestSupport
import Testing

/// One after another: they measure the machine, and a helper's descriptors must not leak into another.
@Suite("The helper as a process", .serialized)
struct HelperProcessTests {
  @Test("is the OOM killer's first choice, has a name, and no descriptors but its own")
  func start() throws {
    var helper = try SpawnedHelper()
    let proc = "/proc/\(helper.process.pid)"
    #expect(ProcFile.number("\(proc)/oom_score_adj") == 1000)
    #expect(ProcFile.text("\(proc)/comm") == "fb-pressure\n")
    #expect(ProcFile.text("\(proc)/status").contains("\nThreads:\t1\n"))
    for descriptor in 8..<200 { #expect(access("\(proc)/fd/\(descriptor)", F_OK) != 0) }
    helper.child.send(.quit)
    try helper.child.expect(nil)
    let ended = helper.endsWell()
    #expect(ended)
  }

  @Test("signals do not end it, quit does")
  func signals() throws {
    var helper = try SpawnedHelper()
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { helper.process.signal(signal) }
    helper.child.send(.status)
    try helper.child.expect(.status(PressureStatus(pinnedPages: 0, lockedPages: 0, heldBlocks: [], openPipes: 0)))
    helper.child.send(.quit)
    let ended = helper.endsWell()
    #expect(ended)
  }

  @Test("ends with its child, while the supervisor lives")
  func childDies() throws {
    var helper = try SpawnedHelper()
    var process = try SpawnedProcess("/bin/sleep", ["1000"], descriptors: [helper.child.descriptor])
    helper.child.send(.pin(pages: 1000, backend: .pipe))
    let pinnedReply = try helper.child.final().reply
    #expect(pinnedReply == .pinned(pages: 1000))
    helper.child = ChildEnd(descriptor: dup(helper.life.descriptor))
    // The other process still holds the child's end.
    let isRunning = helper.process.isRunning
    #expect(isRunning)
    process.signal(SIGKILL)
    let status = process.end()
    #expect(status != nil)
    let ended = helper.endsWell()
    #expect(ended)
  }

  @Test("serves its child although the supervisor is dead, and ends after it")
  func supervisorDies() throws {
    var helper = try SpawnedHelper()
    helper.life = ChildEnd(descriptor: dup(helper.child.descriptor))
    helper.life = ChildEnd(descriptor: clinux_open("/dev/null", O_RDONLY | O_CLOEXEC, 0))
    helper.child.send(.pin(pages: 100, backend: .pipe))
    let pinnedReply = try helper.child.final().reply
    #expect(pinnedReply == .pinned(pages: 100))
    helper.child = ChildEnd(descriptor: clinux_open("/dev/null", O_RDONLY | O_CLOEXEC, 0))
    let ended = helper.endsWell()
    #expect(ended)
  }

  @Test("a bad line is refused, and the next good one is served")
  func badLine() throws {
    var helper = try SpawnedHelper()
    helper.child.send(
      String(repeating: "x", count: 10_000) + "\nhold blocks=1:1 timeoutNanoseconds=0 retry=once\nstatus\n")
    guard case .failed("decode request", EPROTO, _)? = try helper.child.reply(),
      case .failed("decode request", EPROTO, let explanation)? = try helper.child.reply()
    else {
      Issue.record("bad lines were not refused")
      return
    }
    #expect(explanation.contains("slab"))
    guard case .status? = try helper.child.reply() else {
      Issue.record("no status")
      return
    }
    helper.child.send(.quit)
    let ended = helper.endsWell()
    #expect(ended)
  }
}

@Suite("What the helper does to the host", .serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct HelperHostTests {
  /// Measures before and after; other processes move the figures too, so a measurement off the mark is taken again.
  func change(tries: Int = 6, within range: ClosedRange<Int>, _ measure: () throws -> Int) rethrows -> [Int] {
    var changes: [Int] = []
    for _ in 0..<tries {
      changes.append(try measure())
      if range.contains(changes.last!) { break }
    }
    return changes
  }

  @Test("pinned pages are taken from the machine and come back after the end of file")
  func pinnedPages() throws {
    try Privilege.require()
    let wanted = 32 << 20
    let range = (wanted - 2 << 20)...(wanted + 4 << 20)
    let changes = try change(within: range) {
      let before = MemoryFigures()
      var helper = try SpawnedHelper()
      let started = MemoryFigures()
      helper.child.send(.pin(pages: UInt64(wanted / 4096), backend: .pipe))
      let pinnedReply = try helper.child.final().reply
      #expect(pinnedReply == .pinned(pages: UInt64(wanted / 4096)))
      let pinned = MemoryFigures()
      helper.child = ChildEnd(descriptor: dup(helper.life.descriptor))
      let ended = helper.endsWell()
      #expect(ended)
      let after = MemoryFigures()
      let taken = pinned.unaccounted - started.unaccounted
      let left = after.unaccounted - before.unaccounted
      return abs(left) < 4 << 20 ? taken : -left
    }
    #expect(range.contains(changes.last!), "unaccounted bytes: \(changes)")
  }

  @Test("blocks of 64 kB are seen in SUnreclaim", arguments: [8])
  func contiguousBlocks(count: Int) throws {
    try Privilege.require()
    try withPipeMaximum(bytes: 4 << 20) {
      let block = MountDemand.Blocks(order: 4, count: count)
      let range = (count * 65536)...(count * 65536 + 1 << 20)
      let changes = try change(within: range) {
        var helper = try SpawnedHelper()
        let before = MemoryFigures()
        helper.child.send(.hold(blocks: [block], timeoutNanoseconds: 10_000_000_000, retry: .untilTimeout))
        guard case .held([block], _)? = try helper.child.reply() else {
          Issue.record("not held")
          return 0
        }
        let change = MemoryFigures()["SUnreclaim"] - before["SUnreclaim"]
        helper.child.send(.quit)
        let ended = helper.endsWell()
        #expect(ended)
        return change
      }
      #expect(range.contains(changes.last!), "bytes: \(changes)")
    }
  }

  @Test("the paper's demand for one mount: 1 x 64, 1 x 32, 2 x 16 kB and 8 single pages")
  func paperDemand() throws {
    try Privilege.require()
    try withPipeMaximum(bytes: 4 << 20) {
      var helper = try SpawnedHelper()
      let blocks = [
        MountDemand.Blocks(order: 4, count: 1), MountDemand.Blocks(order: 3, count: 1),
        MountDemand.Blocks(order: 2, count: 2),
        MountDemand.Blocks(order: 0, count: 8),
      ]
      helper.child.send(.hold(blocks: blocks.reversed(), timeoutNanoseconds: 10_000_000_000, retry: .untilTimeout))
      guard case .held(blocks, _)? = try helper.child.reply() else {
        Issue.record("not held")
        return
      }
      helper.child.send(.status)
      try helper.child.expect(.status(PressureStatus(pinnedPages: 0, lockedPages: 0, heldBlocks: blocks, openPipes: 5)))
    }
  }

  @Test("the mlock backend locks its pages, which the machine shows as Mlocked")
  func lockedPages() throws {
    try Privilege.require()
    var helper = try SpawnedHelper()
    helper.child.send(.pin(pages: 4096, backend: .mlock))
    let pinnedReply = try helper.child.final().reply
    #expect(pinnedReply == .pinned(pages: 4096))
    let status = ProcFile.text("/proc/\(helper.process.pid)/status")
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
    let lockedKilobytes = try #require(Int(line.filter(\.isNumber)))
    #expect(lockedKilobytes >= 16384)
  }

  @Test("a small injection keeps one page in eight")
  func injection() throws {
    try Privilege.require()
    var helper = try SpawnedHelper()
    helper.child.send(.inject(InjectionPattern(pinnedPages: 1, transientPages: 7)!, maximumPages: 16384))
    let (reply, progress) = try helper.child.final()
    guard case .injected(let injection)? = reply else {
      Issue.record("\(String(describing: reply))")
      return
    }
    #expect(injection.pinnedPages == 2048)
    #expect(injection.transientPages == 14336)
    #expect(injection.stop == .maximumPages)
    #expect(progress.last == 16384)
    helper.child.send(.status)
    guard case .status(let status)? = try helper.child.reply() else {
      Issue.record("no status")
      return
    }
    #expect(status.pinnedPages == 2048)
    #expect(status.openPipes == 32)
  }

  @Test("a long pin is cancelled in its midst, and what it had pinned stays")
  func cancel() throws {
    try Privilege.require()
    var helper = try SpawnedHelper()
    // 512 MiB would be pinned; the first progress comes after 32 MiB.
    helper.child.send(.pin(pages: 131_072, backend: .mlock))
    let first = try helper.child.reply()
    #expect(first == .progress(donePages: 8192, totalPages: 131_072))
    helper.child.send(.cancel)
    var (reply, progress) = try helper.child.final()
    // On a busy machine the pin may have been done before the cancel came.
    if reply == .pinned(pages: 131_072) { reply = try helper.child.reply() }
    #expect(reply == .cancelled)
    helper.child.send(.status)
    guard case .status(let status)? = try helper.child.reply() else {
      Issue.record("no status")
      return
    }
    #expect(status.lockedPages == progress.last ?? 8192)
    helper.child.send(.quit)
    let ended = helper.endsWell()
    #expect(ended)
  }

  @Test("killed child and supervisor take the helper and its pages along")
  func killed() throws {
    try Privilege.require()
    var helper = try SpawnedHelper()
    var owner = try SpawnedProcess(
      "/bin/sleep", ["1000"], descriptors: [helper.child.descriptor, helper.life.descriptor])
    helper.child.send(.pin(pages: 8192, backend: .pipe))
    let pinnedReply = try helper.child.final().reply
    #expect(pinnedReply == .pinned(pages: 8192))
    helper.child = ChildEnd(descriptor: clinux_open("/dev/null", O_RDONLY | O_CLOEXEC, 0))
    helper.life = ChildEnd(descriptor: clinux_open("/dev/null", O_RDONLY | O_CLOEXEC, 0))
    let isRunning = helper.process.isRunning
    #expect(isRunning)
    owner.signal(SIGKILL)
    let status = owner.end()
    #expect(status != nil)
    let ended = helper.endsWell()
    #expect(ended)
  }

  /// Raises fs.pipe-max-size and puts it back.
  func withPipeMaximum(bytes: Int, _ body: () throws -> Void) throws {
    let path = "/proc/sys/fs/pipe-max-size"
    let before = try #require(ProcFile.number(path))
    if before < bytes { try #require(ProcFile.write("\(bytes)\n", to: path)) }
    defer { if before < bytes { ProcFile.write("\(before)\n", to: path) } }
    try body()
  }
}
