public import Experiment

/// The experiment on a simulated machine. Time is the machine's own clock, which passes as its cost model says.
public struct SimulatedTestbed: Testbed, ~Copyable {
  let scenario: Scenario
  var machine: Machine
  let checks: Bool
  let startState: StartState
  /// With what the scenario sets only before the mounts; nil where it sets nothing.
  private let failoverParameters: ModelParameters?
  /// Pages of environment 1's data cache, in the order they were taken.
  var transient: [UInt32] = []

  /// - Parameters:
  ///   - plan: the zones; nil for the paper's machine.
  ///   - checks: look at every page after each phase and each mount.
  public init(scenario: Scenario, scheme: Scheme, plan: MachinePlan? = nil, checks: Bool = false) throws(ScenarioError)
  {
    var parameters = try ModelParameters(scenario, isOfToday: plan != nil)
    try Self.takeSysctls(of: scenario, .start, into: &parameters)
    var later = parameters
    try Self.takeSysctls(of: scenario, .failover, into: &later)
    let plan = plan ?? MachinePlan(parameters, scheme)
    try Self.validate(scenario, plan)
    failoverParameters = later == parameters ? nil : later
    self.scenario = scenario
    self.checks = checks
    machine = Machine(scheme: scheme, parameters: parameters, plan: plan, scenario: scenario)
    let marks = plan.zones.map {
      ZoneWatermarks(
        node: $0.node, name: $0.name, managedPages: UInt64($0.managedPages), minPages: UInt64($0.minPages),
        lowPages: UInt64($0.lowPages), highPages: UInt64($0.highPages),
        protectionPages: [UInt64($0.fallbackReservePages)])
    }
    startState = StartState(
      state: machine.state(), watermarks: marks,
      totalBytes: UInt64(plan.zones.reduce(0) { $0 + $1.managedPages }) * 4096,
      ballastBytes: plan.ballastBytes)
  }

  /// What the tables of the simulation take, in bytes, and how many pages they describe.
  public var footprint: (bytes: Int, pages: Int) { (machine.footprintBytes, machine.buddy.pageCount) }

  /// The two settings of Linux 6 that the model has.
  private static func takeSysctls(
    of scenario: Scenario, _ stage: SysctlSetting.Stage, into parameters: inout ModelParameters
  ) throws(ScenarioError) {
    for setting in scenario.sysctls where setting.stage == stage {
      let key: String
      switch setting.key {
      case "vm.min_free_kbytes": key = "linux6.min-free-kbytes"
      case "vm.watermark_scale_factor": key = "linux6.watermark-scale-factor"
      default: continue
      }
      guard let parameter = ModelParameter.named(key) else { continue }
      parameters[keyPath: parameter.path] = try parameter.parse(setting.value)
    }
  }

  private static func validate(_ scenario: Scenario, _ plan: MachinePlan) throws(ScenarioError) {
    let movableBytes = max(scenario.movableBytes ?? 0, plan.movableBytes)
    guard movableBytes == 0 else {
      throw ScenarioError(
        key: ScenarioKey.memoryDivision.rawValue, value: ByteSize.exactText(movableBytes),
        expected: "none in the model, which plays the paper's division as a scheme of its own (`divided`)")
    }
    let limit = PageRecord.ownerLimit - 100_000
    guard scenario.files <= UInt64(limit) else {
      throw ScenarioError(
        key: ScenarioKey.files.rawValue, value: "\(scenario.files)", expected: "up to \(limit) in the model")
    }
    guard plan.zones.count <= Machine.zoneLimit else {
      throw ScenarioError(
        key: "zones", value: "\(plan.zones.count)", expected: "up to \(Machine.zoneLimit) in the model",
        option: "the number of zones")
    }
  }

  public var capabilities: Capabilities {
    Capabilities(unavailable: [
      .init(
        what: "thread CPU time of the mount itself",
        reason: "the model charges a mount's own time as a whole; what is CPU is reclaim"),
      .init(
        what: "CPU time of kernel threads",
        reason: "the model has one processor, and all reclaim is charged to the mount"),
      .init(what: "pressure stall information", reason: "the model has one task"),
      .init(what: "dentries", reason: "the model has no dentry cache"),
    ])
  }

  public mutating func prepare(_ context: some RunContext) throws(TestbedFailure) {}

  public mutating func settle(_ context: some RunContext) throws(TestbedFailure) -> StartState { startState }

  /// The memory as it is now.
  public borrowing func observe() -> MemoryState { machine.state() }

  public func toolCost() -> ToolCost? { nil }

  public borrowing func kernelTexts() -> [String: String] { [:] }

  public mutating func prepareFailover(_ context: some RunContext) throws(TestbedFailure) {
    guard let failoverParameters else { return }
    let marks = zip(startState.watermarks, machine.setWatermarks(failoverParameters)).map { start, new in
      ZoneWatermarks(
        node: start.node, name: start.name, managedPages: start.managedPages, minPages: UInt64(new.min),
        lowPages: UInt64(new.low), highPages: UInt64(new.high), protectionPages: start.protectionPages)
    }
    if !marks.isEmpty { context.report(.failoverWatermarks(marks)) }
  }

  public mutating func beginFailover(_ context: some RunContext) throws(TestbedFailure) {
    machine.returnPages()
    machine.inMount = true
    // What was boosted until now has long been worked off.
    machine.boostPages = 0
    context.report(.observation(Observation(afterMount: 0, state: machine.state())))
  }

  public mutating func endFailover(_ context: some RunContext) throws(TestbedFailure) {
    if scenario.service.files > 0 { context.report(.served(machine.served.record)) }
  }

  public consuming func tearDown() -> Leftovers { Leftovers() }

  func check() throws(TestbedFailure) {
    guard checks else { return }
    do throws(InvariantViolation) { try machine.checkInvariants() } catch {
      throw TestbedFailure(
        .fault, operation: "continue with the simulated machine", reason: error.description,
        advice: "this is a bug in the model; please report it")
    }
  }
}

extension SimulatedTestbed {
  /// File operations between two looks at the cancel flag.
  private static let checkpointOperations = 16_384

  private mutating func work(
    _ operations: UInt64, _ context: some RunContext, _ file: (inout Machine, Int) -> Int
  ) throws(TestbedFailure) -> WorkloadRecord {
    let began = machine.clockNanoseconds
    let touchEvery = machine.parameters.workingSetTouchOperations
    var sinceTouch = 0
    var workingSet = 0
    for operation in 0..<Int(operations) {
      if operation % Self.checkpointOperations == 0 {
        try context.checkpoint()
        context.progress(done: UInt64(operation), total: operations)
      }
      var isDone = machine.operate(onFile: file(&machine, operation))
      sinceTouch += 1
      if sinceTouch == touchEvery, machine.workingSetCount > 0 {
        sinceTouch = 0
        isDone = isDone && machine.touchWorkingSet(workingSet)
        workingSet = workingSet + 1 == machine.workingSetCount ? 0 : workingSet + 1
      }
      guard isDone else { throw Self.outOfMemory("write file \(operation)") }
    }
    try check()
    let duration = machine.clockNanoseconds - began
    return WorkloadRecord(operations: operations, durationNanoseconds: duration, latency: LatencyHistogram(buckets: []))
  }

  private static func outOfMemory(_ operation: String) -> TestbedFailure {
    TestbedFailure(
      .fault, operation: operation, reason: "the simulated machine has no page left that it could reclaim",
      advice: "give it more memory, or fewer files")
  }

  public mutating func populate(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try work(scenario.files, context) { $1 }
  }

  public mutating func rewrite(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    let files = scenario.files
    return try work(scenario.files == 0 ? 0 : scenario.rewrites, context) { machine, _ in
      Int(machine.random.below(files))
    }
  }

  public mutating func pin(_ context: some RunContext) throws(TestbedFailure) -> PinRecord {
    let began = machine.clockNanoseconds
    var pinned: UInt64 = 0
    while pinned < scenario.pinPages, machine.pinSnapshotPage() {
      pinned += 1
      if pinned % UInt64(Self.checkpointOperations) == 0 { try context.checkpoint() }
    }
    try check()
    return PinRecord(
      backend: scenario.pinBackend, requestedPages: scenario.pinPages, pinnedPages: pinned,
      durationNanoseconds: machine.clockNanoseconds - began)
  }

  /// One page at a time until just before reclaim would begin (paper, section 5.1), then all transient pages come back.
  public mutating func inject(_ context: some RunContext) throws(TestbedFailure) -> InjectRecord {
    guard let pattern = scenario.pattern else {
      throw TestbedFailure(.environment, operation: "inject", reason: "the scenario has no pattern")
    }
    let began = machine.clockNanoseconds
    let cyclePages = UInt64(pattern.pinnedPages + pattern.transientPages)
    let limit = scenario.injectPages ?? .max
    var lot = InjectionDose.Lot(InjectionDose(share: scenario.doseShare, seed: scenario.seed))
    var pinned: UInt64 = 0
    var cycles: UInt64 = 0
    filling: while true {
      if cycles % UInt64(Self.checkpointOperations) == 0 { try context.checkpoint() }
      if limit - cycles * cyclePages < cyclePages { break }
      cycles += 1
      if machine.scheme.watermarks == .linux6,
        machine.injectHeadroomPages < 256 + pattern.pinnedPages + pattern.transientPages
      {
        break
      }
      for _ in 0..<pattern.pinnedPages {
        guard lot.keeps() else {
          guard injectTransient(.fragmenting) else { break filling }
          continue
        }
        guard machine.injectPinned() else { break filling }
        pinned += 1
      }
      for _ in 0..<pattern.transientPages {
        guard injectTransient(.general) else { break filling }
      }
    }
    let taken = UInt64(transient.count)
    machine.freeTransient(transient)
    transient = []
    try check()
    return InjectRecord(
      pinnedPages: pinned, transientPages: taken, durationNanoseconds: machine.clockNanoseconds - began)
  }

  /// A page that comes back at the end: the pattern's own, or one of the other kind that the dose does not keep. False when reclaim
  /// would begin.
  private mutating func injectTransient(_ memoryClass: Machine.MemoryClass) -> Bool {
    let isInPipes = scenario.transientBackend == .pipe
    // The paper's data cache has no pipes.
    if isInPipes && machine.plan.isOfRealMachine && transient.count % Machine.pagesPerPipe == 0 {
      guard machine.injectRing() else { return false }
    }
    guard let page = machine.injectTransient(memoryClass, isInPipes ? .unmovable : .movable) else { return false }
    transient.append(page)
    return true
  }

  public mutating func mountNext(number: Int, _ context: some RunContext) throws(TestbedFailure) -> FailoverStep {
    let before = machine.eventCounters()
    let record = machine.mount(number: number, scenario: scenario, countersBefore: before)
    try check()
    context.report(.mount(record))
    context.report(.observation(Observation(afterMount: number, state: machine.state())))
    return FailoverStep(record.outcome)
  }
}
