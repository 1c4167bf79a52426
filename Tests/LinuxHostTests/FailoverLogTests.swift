import CLinux
import Experiment
import LinuxSystem
import SystemPackage
import Testing

@testable import LinuxHost

/// The log as the worker writes it and its supervisor reads it, through two mappings of one memory.
@Suite struct FailoverLogTests {
  private static let layout = ObservationLayout(
    pageBytes: 4096, inodeSlabPages: 8, dentrySlabPages: nil,
    counterNames: ["nr_free_pages", "nr_active_file", "nr_inactive_file", "compact_stall", "oom_kill"],
    zones: [.init(node: 0, name: "DMA32", orders: 3), .init(node: 0, name: "Normal", orders: 2)])

  /// Both sides.
  private struct Pair: ~Copyable {
    var supervisor: FailoverLog
    var worker: FailoverLog

    init(mounts: Int) throws {
      let made = try FailoverLog(mounts: mounts)
      let file = dup(made.descriptor)
      worker = try FailoverLog(adopting: file)
      supervisor = consume made
    }
  }

  /// Observation `number` with values that tell it from the others.
  private static func observe(_ log: borrowing FailoverLog, _ number: Int) {
    let words = log.observationWords(after: number)
    for index in words.indices { words[index] = UInt64(100 * number + index) }
    words[ObservationLayout.Word.pressureSomeMicroseconds.rawValue] = ObservationLayout.unavailable
    words[ObservationLayout.Word.kcompactdNanoseconds.rawValue] = ObservationLayout.unavailable
    log.commit(number)
  }

  private static func mount(
    _ log: borrowing FailoverLog, _ number: Int, _ outcome: MountMeasurement.Outcome, _ detail: UInt64 = 0
  ) {
    log.began(number, at: UInt64(1000 * number))
    var measured = MountMeasurement()
    (measured.outcome, measured.outcomeDetail) = (outcome, detail)
    measured.startedAtNanoseconds = UInt64(10 * number)
    measured.elapsedNanoseconds = UInt64(10 * number + 8)
    if outcome == .mounted { (measured.mountNanoseconds, measured.threadCPUNanoseconds) = (7, 5) }
    measured.demand = DemandRecord(
      demanded: MountDemand.paper.blocks, isMet: outcome != .demandNotMet, heldBlocks: 3, durationNanoseconds: 2,
      retries: 1, cpuNanoseconds: 4, conversationNanoseconds: nil)
    measured.store(in: log.mountWords(number))
  }

  @Test("what is written on one side is read on the other, in order and once")
  func bothSides() throws {
    var pair = try Pair(mounts: 3)
    #expect(pair.supervisor.progress == .init(startedAtNanoseconds: nil, mountsDone: 0, underWay: nil))
    #expect(pair.supervisor.events(after: 0, demand: .paper).isEmpty)
    try pair.worker.begin(Self.layout)
    Self.observe(pair.worker, 0)
    pair.worker.started(at: 500)
    Self.mount(pair.worker, 1, .mounted)
    #expect(pair.supervisor.progress == .init(startedAtNanoseconds: 500, mountsDone: 0, underWay: (1, 1000)))
    let first = pair.supervisor.events(after: 0, demand: .paper)
    #expect(first.count == 1, "a mount that is not complete was read")
    Self.observe(pair.worker, 1)
    #expect(pair.supervisor.progress == .init(startedAtNanoseconds: 500, mountsDone: 1, underWay: nil))
    Self.mount(pair.worker, 2, .demandNotMet, 4)
    Self.observe(pair.worker, 2)
    let rest = pair.supervisor.events(after: 1, demand: .paper)
    #expect(pair.supervisor.events(after: 3, demand: .paper).isEmpty)
    guard case .observation(let before) = first[0], rest.count == 4, case .mount(let one) = rest[0],
      case .observation(let after) = rest[1], case .mount(let two) = rest[2]
    else {
      Issue.record("\(first) \(rest)")
      return
    }
    #expect(before.afterMount == 0 && after.afterMount == 1)
    // 8 words, 5 counters; zones after them.
    #expect(after.state.freeBytes == 108 * 4096 && after.state.dataCacheBytes == (109 + 110) * 4096)
    #expect(after.state.zones.map(\.freeBlocks) == [[113, 114, 115], [116, 117]])
    #expect(after.state.counters == ["compact_stall": 111, "oom_kill": 112])
    #expect(after.state.inodeSlabBytes == 104 * 8 * 4096 && after.state.dentrySlabBytes == nil)
    #expect(after.state.pressure == nil)
    #expect(
      one.number == 1 && one.outcome == .mounted && one.startedAtNanoseconds == 10 && one.elapsedNanoseconds == 18)
    #expect(
      one.mountDurationNanoseconds == 7 && one.threadCPUNanoseconds == 5 && one.sentinelDurationNanoseconds == nil)
    #expect(one.demand?.cpuNanoseconds == 4 && one.demand?.conversationNanoseconds == nil && one.demand?.isMet == true)
    #expect(one.counterDeltas == ["compact_stall": 100, "oom_kill": 100])
    #expect(one.background == BackgroundCPU(kswapdNanoseconds: 100, kcompactdNanoseconds: nil))
    #expect(two.outcome == .demandNotMet(order: 4, errorNumber: ENOMEM) && two.demand?.isMet == false)
  }

  @Test("a service that was degraded comes back with what failed in it")
  func degraded() throws {
    var pair = try Pair(mounts: 1)
    try pair.worker.begin(Self.layout)
    Self.observe(pair.worker, 0)
    var measured = MountMeasurement()
    var result = ServiceWorker.Result(files: 64)
    result.add(.write, .noMemory, files: 3)
    result.add(.compare, nil)
    (result.rightFiles, result.durationNanoseconds, result.slowestWriteNanoseconds) = (59, 11, 9)
    measured.service = result
    measured.store(in: pair.worker.mountWords(1))
    Self.observe(pair.worker, 1)
    guard case .mount(let record) = pair.supervisor.events(after: 1, demand: .none).first else {
      Issue.record("no mount")
      return
    }
    #expect(record.service == ServiceRecord(result) && record.serviceDurationNanoseconds == 11)
    #expect(
      record.outcome
        == .degraded(
          failed: 5, of: 64,
          reason:
            "write: \(Errno.noMemory) (3); compare: not what was written (1); not done within the service timeout (1)"))
  }

  @Test(
    "each way a mount ends comes back as it went in",
    arguments: [
      (.mounted, 0, "mounted"), (.mountFailed, UInt64(EUCLEAN), "failed"), (.sentinelDiffers, 0, "sentinel-wrong"),
      (.sentinelUnreadable, UInt64(EIO), "sentinel-wrong"), (.timedOut, 0, "timed-out"),
      (.marginReached, 96 << 20, "out-of-memory"), (.oomKilled, 0, "out-of-memory"),
    ] as [(MountMeasurement.Outcome, UInt64, String)])
  func outcomes(outcome: MountMeasurement.Outcome, detail: UInt64, word: String) throws {
    var pair = try Pair(mounts: 1)
    try pair.worker.begin(Self.layout)
    Self.observe(pair.worker, 0)
    Self.mount(pair.worker, 1, outcome, detail)
    Self.observe(pair.worker, 1)
    guard case .mount(let record) = pair.supervisor.events(after: 1, demand: .none).first else {
      Issue.record("no mount")
      return
    }
    #expect(record.outcome.word == word)
    if outcome == .marginReached { #expect(record.outcome.explanation.hasPrefix("96.0 MiB were available")) }
    if case .failed(_, let errno, _) = record.outcome { #expect(errno == EUCLEAN) }
  }

  @Test("a layout survives as text; what is none is refused")
  func layoutAsText() {
    #expect(ObservationLayout(Self.layout.description) == Self.layout)
    for text in ["", "page 4096", "page 4096\nzone 0 65 Normal", "page 4096\nzone x 11 Normal", "nonsense"] {
      #expect(ObservationLayout(text) == nil, "\(text)")
    }
  }

  @Test("more zones than there is room for are said before the failover")
  func tooManyZones() throws {
    var pair = try Pair(mounts: 1)
    var layout = Self.layout
    layout.zones = Array(repeating: .init(node: 0, name: "Normal", orders: 64), count: 80)
    do {
      try pair.worker.begin(layout)
      Issue.record("it was taken")
    } catch { #expect("\(error)".contains("80 zones are too many")) }
  }
}
