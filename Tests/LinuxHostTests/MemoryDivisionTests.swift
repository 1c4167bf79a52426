import Experiment
import HostJournal
@testable import LinuxHost
import LinuxSystem
import TestSupport
import Testing

private enum SpareBlocks {
  static let facts = MemoryBlockFacts.read()
  static let areThere =
    facts.candidates.count >= 8 && facts.movableBytes == 0 && (facts.unlistedFreeBytes ?? .max) < facts.blockBytes ?? 0
  static let reason: Comment =
    "this machine has no memory blocks to spare, or has not initialized all of its memory yet (`failover-bench doctor` says which)"
}

/// Memory blocks of this machine, taken and given back. The whole host is held against what it was, zones of all blocks included.
@Suite(
  .serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason),
  .enabled(if: SpareBlocks.areThere, SpareBlocks.reason))
struct MemoryDivisionTests {
  init() throws { try Privilege.require() }

  private func scenario(_ change: (inout Scenario) throws -> Void) throws -> Scenario {
    var scenario = Scenario(name: "test")
    (scenario.fileSystems, scenario.files, scenario.rewrites, scenario.pinBytes) = (3, 0, 0, 4 << 20)
    try change(&scenario)
    return scenario
  }

  private func start(of scenario: Scenario) throws -> StartState {
    let context = RecordingContext()
    try IsolatedThread.run {
      try RealHost.run(scenario, context) { host, _ in
        #expect(Runner(scenario: scenario, context: context).run(host) == .completed)
      }
    }
    return try #require(
      context.events.lazy.compactMap { if case .started(let start) = $0 { start } else { nil } }.first)
  }

  @Test("two blocks become a movable zone for the run, and go back")
  func division() throws {
    let block = try #require(SpareBlocks.facts.blockBytes)
    let start = try start(of: scenario { $0.movableBytes = 2 * block })
    let movable = try #require(start.watermarks.first { $0.name == MemoryBlocks.movableZone })
    #expect(movable.managedPages == 2 * block / 4096)
    #expect(start.totalBytes == (try HostMemory.totalBytes()))
  }

  @Test("two blocks are taken offline for the run, and the machine is as much smaller")
  func offline() throws {
    let (block, total) = (try #require(SpareBlocks.facts.blockBytes), try HostMemory.totalBytes())
    let start = try start(
      of: scenario {
        $0.memoryBytes = total - 2 * block
        $0.memoryMethod = .offline
      })
    #expect(start.totalBytes == total - 2 * block && start.ballastBytes == 0)
    #expect(!start.watermarks.contains { $0.name == MemoryBlocks.movableZone })
    #expect(try HostMemory.totalBytes() == total)
  }
}
