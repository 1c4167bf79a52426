import ArgumentParser
import Experiment
import Foundation
import LinuxSystem
import MemoryModel

/// What the simulation itself costs, on one processor; `scripts/bench-model` makes tables of it.
struct BenchModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-model", abstract: "Measure the speed of the model on one processor.", shouldDisplay: false)

  @Option(help: ArgumentHelp("Memory of the simulated machine; files and rewrites in proportion.", valueName: "size"))
  var memory = "4GiB"
  @Option(help: ArgumentHelp("Scheme.", valueName: "name")) var scheme = Scheme.conventional.name
  @Option(help: ArgumentHelp("Seed of the first round; each further one has the next.", valueName: "n")) var seed: UInt64 = 1
  @Option(help: ArgumentHelp("Rounds, each on a machine of its own.", valueName: "n")) var rounds = 1

  private struct PhaseCost: Encodable {
    let phase: String
    let nanoseconds: UInt64
    let operations: UInt64
  }

  private struct Round: Encodable {
    let seed: UInt64
    let phases: [PhaseCost]
    let nanoseconds: UInt64
    let operations: UInt64
    let tableBytes: Int
    let pages: Int
  }

  func run() throws {
    guard let bytes = ByteSize.parse(memory), (UInt64(1 << 30)...UInt64(64 << 30)).contains(bytes) else {
      throw CommandFailure(invalid: memory, for: "--memory", expected: "1GiB to 64GiB")
    }
    guard let scheme = Scheme.named(scheme) else {
      throw CommandFailure(invalid: self.scheme, for: "--scheme", expected: Scheme.names)
    }
    guard (1...1000).contains(rounds) else { throw CommandFailure(invalid: "\(rounds)", for: "--rounds", expected: "1 to 1000") }
    var results: [Round] = []
    for round in 0..<rounds {
      results.append(try measure(scheme, bytes, seed: seed &+ UInt64(round)))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(results), as: UTF8.self))
  }

  private func measure(_ scheme: Scheme, _ bytes: UInt64, seed: UInt64) throws -> Round {
    var scenario = Scenario(name: "bench-model")
    scenario.seed = seed
    scenario.mountDemand = .paper
    scenario.memoryBytes = bytes
    scenario.files = 900_000 * (bytes >> 20) / 4096
    scenario.rewrites = scenario.files
    scenario.pinBytes = 102_400 * (bytes >> 20) / 4096 * 4096
    let context = QuietContext()
    let began = Clock.monotonicNanoseconds()
    var bed = try SimulatedTestbed(scenario: scenario, scheme: scheme)
    var phases = [PhaseCost(phase: "setup", nanoseconds: Clock.monotonicNanoseconds() - began, operations: 0)]
    func timed(_ phase: Phase, _ body: () throws -> Void) throws {
      let before = try bed.observe().counters[ModelCounter.buddyOperations] ?? 0
      let began = Clock.monotonicNanoseconds()
      try body()
      let took = Clock.monotonicNanoseconds() - began
      let after = try bed.observe().counters[ModelCounter.buddyOperations] ?? 0
      phases.append(PhaseCost(phase: phase.rawValue, nanoseconds: took, operations: after - before))
    }
    try timed(.populate) { _ = try bed.populate(context) }
    try timed(.rewrite) { _ = try bed.rewrite(context) }
    try timed(.pin) { _ = try bed.pin(context) }
    try timed(.failover) {
      try bed.beginFailover(context)
      for number in 1...scenario.fileSystems {
        let record = try bed.mountNext(number: number, context)
        _ = try bed.observe()
        if !record.outcome.isInService { break }
      }
    }
    let footprint = bed.footprint
    return Round(
      seed: seed, phases: phases, nanoseconds: phases.reduce(0) { $0 + $1.nanoseconds },
      operations: phases.reduce(0) { $0 + $1.operations }, tableBytes: footprint.bytes, pages: footprint.pages)
  }

  private struct QuietContext: RunContext {
    func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }
    func checkpoint() throws(TestbedFailure) {}
    func progress(done: UInt64, total: UInt64) {}
    func report(_ event: RunEvent) {}
  }
}
