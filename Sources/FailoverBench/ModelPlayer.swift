import Analysis
import Experiment
import Foundation
import LinuxSystem
import MemoryModel
import Synchronization

/// Plays a scenario on simulated machines, on all processors: each scheme with each seed is a machine of its own.
struct ModelPlayer {
  let scenario: Scenario
  let schemes: [Scheme]
  let seeds: [UInt64]
  /// nil for the paper's machine.
  var start: StartState?
  /// Of that machine; see ``MachinePlan``.
  var byMobility: [FreeByMobility] = []
  var keptBytes: UInt64?
  var checks = false

  /// The runs in the order of the schemes, and of the seeds in each.
  ///
  /// - Parameter didFinish: called on any thread, one call at a time, with how many of all runs are done.
  func play(_ didFinish: @Sendable (_ done: Int, _ all: Int) -> Void = { _, _ in }) throws(ScenarioError) -> [ModelRun]
  {
    // What is wrong with the scenario is wrong with each run: it is said once, before any is begun.
    if let scheme = schemes.first { _ = try testbed(scheme, seed: seeds.first ?? scenario.seed) }
    let jobs = schemes.flatMap { scheme in seeds.map { (scheme, $0) } }
    let finished = Mutex<[Int: ModelRun]>([:])
    DispatchQueue.concurrentPerform(iterations: jobs.count) { index in
      let (scheme, seed) = jobs[index]
      let run = playOne(scheme, seed: seed)
      finished.withLock {
        $0[index] = run
        didFinish($0.count, jobs.count)
      }
    }
    return finished.withLock { runs in jobs.indices.compactMap { runs[$0] } }
  }

  private func testbed(_ scheme: Scheme, seed: UInt64) throws(ScenarioError) -> SimulatedTestbed {
    var seeded = scenario
    seeded.seed = seed
    let plan = start.map { MachinePlan($0, scheme: scheme, byMobility: byMobility, keptBytes: keptBytes) }
    return try SimulatedTestbed(scenario: seeded, scheme: scheme, plan: plan, checks: checks)
  }

  private func playOne(_ scheme: Scheme, seed: UInt64) -> ModelRun {
    let context = Collector(ModelRun(scheme: scheme.name, seed: seed))
    do throws(ScenarioError) {
      Runner(scenario: scenario, context: context).run(try testbed(scheme, seed: seed))
    } catch {
      context.run.failure = "\(error)"
    }
    return context.run
  }

  /// One run's own, on one thread.
  private final class Collector: RunContext {
    var run: ModelRun

    init(_ run: ModelRun) { self.run = run }

    func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }
    func checkpoint() throws(TestbedFailure) {}
    func progress(done: UInt64, total: UInt64) {}
    func report(_ event: RunEvent) { run.apply(event) }
  }
}

/// `1-16`, `1,5,9` or both: `1-3,7`.
enum SeedList {
  static let allowed = "numbers and ranges such as 1-16 or 1,5,101-130, up to 10000 of them, each once"

  static func parse(_ text: String) -> [UInt64]? {
    var seeds: [UInt64] = []
    var seen: Set<UInt64> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
        let first = ends.first.flatMap({ UInt64($0) }),
        let last = ends.last.flatMap({ UInt64($0) }), ends.count <= 2, first <= last, last - first < 10_000
      else { return nil }
      for seed in first...last {
        guard seen.insert(seed).inserted, seeds.count < 10_000 else { return nil }
        seeds.append(seed)
      }
    }
    return seeds.isEmpty ? nil : seeds
  }
}
