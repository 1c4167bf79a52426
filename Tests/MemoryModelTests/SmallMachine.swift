import Experiment
@testable import MemoryModel
import Testing

/// Machines small enough to look at every page after every step.
enum Small {
  /// 2,048 pages of kernel memory, of them 64 in use at boot, and a DMA zone of 128 that nobody may use.
  static func parameters(_ change: (inout ModelParameters) -> Void = { _ in }) -> ModelParameters {
    var parameters = ModelParameters()
    parameters.zonePages = 2_048
    parameters.dmaFreePages = 32
    parameters.bootFreePages = 2_048 - 64 + 32
    parameters.dividedFragmentingPages = 1_024
    parameters.dividedFragmentingUsedPages = 32
    parameters.watermarkMinPages = 16
    parameters.watermarkLowPages = 32
    parameters.watermarkHighPages = 48
    parameters.reclaimBatchPages = 8
    parameters.workingSetPages = 16
    parameters.reservePages = 64
    parameters.mappedRegionPages = 64
    change(&parameters)
    return parameters
  }

  static func scenario(files: UInt64 = 400, pattern: InjectionPattern? = nil, seed: UInt64 = 1) -> Scenario {
    var scenario = Scenario(name: "small")
    scenario.files = files
    scenario.pattern = pattern
    scenario.seed = seed
    return scenario
  }

  static func plan(_ scheme: Scheme, _ parameters: ModelParameters) -> MachinePlan {
    var plan = MachinePlan(parameters, scheme)
    plan.zones[plan.zones.count - 1].managedPages = 128
    return plan
  }

  static func machine(
    _ scheme: Scheme, files: UInt64 = 400, pattern: InjectionPattern? = nil, seed: UInt64 = 1,
    _ change: (inout ModelParameters) -> Void = { _ in }
  ) -> Machine {
    let parameters = parameters(change)
    return Machine(
      scheme: scheme, parameters: parameters, plan: plan(scheme, parameters),
      scenario: scenario(files: files, pattern: pattern, seed: seed))
  }

  /// Without anything in use at boot and with the least of watermarks: page 0 is the first that is free.
  static func empty(_ scheme: Scheme, files: UInt64 = 400, _ change: (inout ModelParameters) -> Void = { _ in })
    -> Machine
  {
    machine(scheme, files: files) {
      $0.bootFreePages = $0.zonePages + $0.dmaFreePages
      $0.dividedFragmentingUsedPages = 0
      ($0.watermarkMinPages, $0.watermarkLowPages, $0.watermarkHighPages) = (2, 4, 6)
      change(&$0)
    }
  }
}

extension Machine {
  /// First pages of all blocks of a kind.
  func pages(_ kind: PageKind) -> [Int] { (0..<buddy.pageCount).filter { buddy.pages[$0].kind == kind } }

  /// Cached pages of a file.
  func pages(ofFile file: Int) -> [Int] {
    var pages: [Int] = []
    var page = fileHead[file]
    while page != PageRecord.none {
      pages.append(Int(page))
      page = buddy.pages[Int(page)].sibling
    }
    return pages
  }

  /// Free blocks of a zone by order, of all types.
  func freeBlocks(_ zone: Int) -> [Int] { state().zones[zone].freeBlocks.map { Int($0) } }

  func isPresent(_ inode: Int) -> Bool { inodeBits[inode >> 6] & 1 << UInt64(inode & 63) != 0 }

  mutating func allocateForMount(_ order: Int) -> BlockResult {
    var retries: UInt64 = 0
    return allocateForMount(
      order: order, deadline: clockNanoseconds + 1_000_000_000, asksOnce: false, retries: &retries)
  }

  /// A snapshot page goes, which no system does: for holes where a test wants them.
  mutating func freeSnapshotPage(_ page: Int) {
    precondition(buddy.pages[page].kind == .snapshot)
    free(page, order: 0, zone: buddy.zone(of: page))
    snapshotPages -= 1
  }

  /// Groups of 16 pages from page 0 up: one snapshot page and 15 of a file, or 16 of a file where `isWhole` says so. File g has
  /// the pages of group g.
  mutating func fillGroups(_ count: Int, isWhole: (Int) -> Bool) -> Bool {
    for group in 0..<count {
      if !isWhole(group), !pinSnapshotPage() { return false }
      guard access(file: group, pages: isWhole(group) ? 16 : 15) else { return false }
    }
    return true
  }
}

/// A run's events, kept.
final class Recording: RunContext {
  private(set) var mounts: [MountRecord] = []
  private(set) var observations: [Observation] = []
  private(set) var injected: InjectRecord?
  private(set) var pinned: PinRecord?
  private(set) var start: StartState?
  private(set) var served: WorkloadRecord?
  private(set) var failoverWatermarks: [ZoneWatermarks]?
  private(set) var end: RunEnd?

  func monotonicNanoseconds() -> UInt64 { 0 }
  func checkpoint() throws(TestbedFailure) {}
  func progress(done: UInt64, total: UInt64) {}
  func report(_ event: RunEvent) {
    switch event {
    case .mount(let record): mounts.append(record)
    case .observation(let value): observations.append(value)
    case .injected(let record): injected = record
    case .pinned(let record): pinned = record
    case .started(let value): start = value
    case .served(let value): served = value
    case .failoverWatermarks(let value): failoverWatermarks = value
    case .ended(let how, _): end = how
    default: break
    }
  }

  static func run(_ scenario: Scenario, _ scheme: Scheme, plan: MachinePlan? = nil, checks: Bool = false) throws
    -> Recording
  {
    let recording = Recording()
    Runner(scenario: scenario, context: recording)
      .run(try SimulatedTestbed(scenario: scenario, scheme: scheme, plan: plan, checks: checks))
    return recording
  }
}

/// What `#expect` cannot be given: a call that changes a noncopyable machine.
func must(_ holds: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(holds, sourceLocation: sourceLocation)
}

/// The check of the invariants finds something wrong, and says `text` about it.
func expectViolation(
  _ text: String, in machine: borrowing Machine, sourceLocation: SourceLocation = #_sourceLocation
) {
  do throws(InvariantViolation) {
    try machine.checkInvariants()
    Issue.record("nothing was found", sourceLocation: sourceLocation)
  } catch { #expect(error.description.contains(text), "\(error.description)", sourceLocation: sourceLocation) }
}
