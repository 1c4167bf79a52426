import Experiment

/// What happened to a testbed, kept outside of it: the testbed itself is gone after its teardown.
final class TestbedLog {
  var calls: [String] = []
  var teardowns = 0
}

/// A testbed that does as it is told. Noncopyable, as the real one is.
struct ScriptedTestbed: Testbed, ~Copyable {
  let log: TestbedLog
  /// The call that fails, as in "populate" or "mount 3".
  var failing: String?
  /// How mounts end that do not end well.
  var outcomes: [Int: MountOutcome] = [:]
  var capabilities: Capabilities { Capabilities(unavailable: [.init(what: "PSI", reason: "scripted")]) }

  init(log: TestbedLog, failing: String? = nil, outcomes: [Int: MountOutcome] = [:]) {
    self.log = log
    self.failing = failing
    self.outcomes = outcomes
  }

  static let failure = TestbedFailure(.fault, operation: "do as told", reason: "scripted")

  private borrowing func called(_ name: String) throws(TestbedFailure) {
    log.calls.append(name)
    if failing == name { throw Self.failure }
  }

  static let state = MemoryState(takenAtNanoseconds: 1, pageBytes: 4096, zones: [], freeBytes: 0)
  static let work = WorkloadRecord(operations: 1, durationNanoseconds: 1, latency: LatencyHistogram(buckets: []))

  mutating func prepare(_ context: some RunContext) throws(TestbedFailure) { try called("prepare") }
  mutating func settle(_ context: some RunContext) throws(TestbedFailure) -> StartState {
    try called("settle")
    return StartState(state: Self.state, watermarks: [], totalBytes: 1, ballastBytes: 0)
  }
  mutating func populate(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try called("populate")
    return Self.work
  }
  mutating func rewrite(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try called("rewrite")
    return Self.work
  }
  mutating func pin(_ context: some RunContext) throws(TestbedFailure) -> PinRecord {
    try called("pin")
    return PinRecord(backend: .pipe, requestedPages: 1, pinnedPages: 1, durationNanoseconds: 1)
  }
  mutating func inject(_ context: some RunContext) throws(TestbedFailure) -> InjectRecord {
    try called("inject")
    return InjectRecord(pinnedPages: 1, transientPages: 7, durationNanoseconds: 1)
  }
  mutating func prepareFailover(_ context: some RunContext) throws(TestbedFailure) { try called("prepareFailover") }
  mutating func beginFailover(_ context: some RunContext) throws(TestbedFailure) {
    try called("beginFailover")
    context.report(.observation(Observation(afterMount: 0, state: Self.state)))
  }
  mutating func endFailover(_ context: some RunContext) throws(TestbedFailure) { try called("endFailover") }
  mutating func concludeFailover(_ context: some RunContext) throws(TestbedFailure) { try called("concludeFailover") }
  mutating func mountNext(number: Int, _ context: some RunContext) throws(TestbedFailure) -> FailoverStep {
    try called("mount \(number)")
    let record = MountRecord(
      number: number, outcome: outcomes[number] ?? .mounted, startedAtNanoseconds: 0, mountDurationNanoseconds: 5,
      threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil, demand: nil,
      counterDeltas: [:])
    context.report(.mount(record))
    context.report(.observation(Observation(afterMount: number, state: Self.state)))
    if case .outOfMemory = record.outcome { return .over }
    return FailoverStep(record.outcome)
  }
  borrowing func kernelTexts() -> [String: String] { ["buddyinfo": "text"] }
  func toolCost() -> ToolCost? { nil }
  consuming func tearDown() -> Leftovers {
    log.teardowns += 1
    log.calls.append("tearDown")
    return Leftovers(items: ["scripted leftover"])
  }
}

/// A clock that ticks at each look, events kept, and a cancel flag that goes up at a chosen checkpoint or event.
final class ScriptedContext: RunContext {
  var events: [RunEvent] = []
  /// How many events there were each time somebody waited for them to be on record.
  var recordedEvents: [Int] = []
  var cancelDuring: ((RunEvent) -> Bool)?
  private var isCancelled = false
  private var now: UInt64 = 1_000

  func monotonicNanoseconds() -> UInt64 {
    now += 10
    return now
  }
  func checkpoint() throws(TestbedFailure) { if isCancelled { throw .cancelled } }
  func progress(done: UInt64, total: UInt64) {}
  func waitUntilRecorded() throws(TestbedFailure) { recordedEvents.append(events.count) }
  func report(_ event: RunEvent) {
    events.append(event)
    if cancelDuring?(event) == true { isCancelled = true }
  }

  func cancel() { isCancelled = true }

  /// The events in words, without their values.
  var words: [String] {
    events.map { event in
      switch event {
      case .phaseBegan(let phase, _): "begin \(phase.rawValue)"
      case .phaseEnded(let phase, _): "end \(phase.rawValue)"
      case .capabilities: "capabilities"
      case .rawTexts(let label, _): "texts \(label)"
      case .started: "started"
      case .populated: "populated"
      case .rewritten: "rewritten"
      case .pinned: "pinned"
      case .injected: "injected"
      case .mount(let mount): "mount \(mount.number)"
      case .observation(let observation): "observation \(observation.afterMount)"
      case .ended(.completed, _): "completed"
      case .ended(.failed(let failure), _): "failed \(failure.kind.rawValue)"
      case .toolCost, .progress, .warning, .sysctl, .failoverWatermarks, .failoverCPU, .served, .allocations: "other"
      }
    }
  }
}
