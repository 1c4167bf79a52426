import Experiment
import LinuxSystem
import MemoryModel

/// What one round of environment 2 cost on the model: time and operations of the buddy allocator, phase by phase, and
/// memory.
struct ModelCost: Equatable {
  struct PhaseCost: Equatable {
    let name: String
    let nanoseconds: UInt64
    let operations: UInt64
  }

  let seed: UInt64
  let phases: [PhaseCost]
  /// Of pages, files and inodes.
  let tableBytes: Int
  /// Of the simulated machine.
  let pages: Int

  var nanoseconds: UInt64 { phases.reduce(0) { $0 + $1.nanoseconds } }
  var operations: UInt64 { phases.reduce(0) { $0 + $1.operations } }
}

extension ModelCost {
  /// Plays the conventional scheme on a machine of that size, with files, rewrites and pinned pages in proportion.
  ///
  /// - Throws: what the model throws.
  static func measured(memoryGibibytes: UInt64, seed: UInt64) throws -> ModelCost {
    var scenario = Scenario(name: "bench-model")
    scenario.seed = seed
    scenario.mountDemand = .paper
    scenario.memoryBytes = memoryGibibytes << 30
    scenario.files = 900_000 * memoryGibibytes / 4
    scenario.rewrites = scenario.files
    scenario.pinBytes = 102_400 * memoryGibibytes / 4 * 4096
    let context = QuietContext()
    let began = Clock.monotonicNanoseconds()
    var bed = try SimulatedTestbed(scenario: scenario, scheme: .conventional)
    var phases = [PhaseCost(name: "setup", nanoseconds: Clock.monotonicNanoseconds() - began, operations: 0)]
    func timed(_ phase: Phase, _ body: () throws -> Void) throws {
      let before = bed.observe().counters[ModelCounter.buddyOperations] ?? 0
      let began = Clock.monotonicNanoseconds()
      try body()
      let took = Clock.monotonicNanoseconds() - began
      let after = bed.observe().counters[ModelCounter.buddyOperations] ?? 0
      phases.append(PhaseCost(name: phase.rawValue, nanoseconds: took, operations: after - before))
    }
    try timed(.populate) { _ = try bed.populate(context) }
    try timed(.rewrite) { _ = try bed.rewrite(context) }
    try timed(.pin) { _ = try bed.pin(context) }
    try timed(.failover) {
      try bed.prepareFailover(context)
      try bed.beginFailover(context)
      for number in 1...scenario.fileSystems where try bed.mountNext(number: number, context) != .mounted { break }
    }
    let footprint = bed.footprint
    return ModelCost(seed: seed, phases: phases, tableBytes: footprint.bytes, pages: footprint.pages)
  }

  /// For work that nobody follows and nobody cancels.
  private struct QuietContext: RunContext {
    func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }
    func checkpoint() throws(TestbedFailure) {}
    func progress(done: UInt64, total: UInt64) {}
    func report(_ event: RunEvent) {}
  }
}
