import Analysis
import Experiment

/// Gates of a system that has not changed.
struct GateCell {
  enum Kind: String {
    case lognormal
    /// Times in steps of a fifth.
    case ties
    /// One failover in seven loses half of its services.
    case lost = "lost failovers"
    /// Mounts completed of 20, in place of a time.
    case counts = "mounts completed"
  }

  let kind: Kind
  /// Of a run from another of its batch.
  let spread: Double
  /// Of one sitting from another.
  let sittings: Double
  let batches: Int

  static let all: [GateCell] =
    [
      (Kind.lognormal, 0.03, 0), (.lognormal, 0.1, 0), (.lognormal, 0.1, 0.05), (.lognormal, 0.16, 0.1),
      (.lognormal, 0.25, 0.2), (.ties, 0.1, 0.05), (.ties, 0.25, 0.2), (.lost, 0.1, 0.05),
      (.counts, 0.1, 0.05),
    ].flatMap { kind, spread, sittings in
      [3, 5, 10].map { GateCell(kind: kind, spread: spread, sittings: sittings, batches: $0) }
    }

  private var bounds: (roomy: Requirement?, tight: Requirement?) {
    kind == .counts
      ? (Requirement("mounts.completed >= 0.8 x baseline"), Requirement("mounts.completed >= 1 x baseline"))
      : (Requirement("mount.median_ms <= 1.25 x baseline"), Requirement("mount.median_ms <= 1 x baseline"))
  }

  /// How many fail and pass with the roomy bound, and fail with the tight one.
  func simulated(_ repeats: Int, seed: UInt64) -> (failed: Int, passed: Int, failedTight: Int) {
    var random = RandomGenerator(seed: seed)
    guard let roomy = bounds.roomy, let tight = bounds.tight else { return (0, 0, 0) }
    func side(_ name: String) -> ComparisonSide {
      let sitting = sittings * random.normal()
      return ComparisonSide(path: name, runs: (0..<7).map { run(sitting, &random).made("\(name)-\($0)") })
    }
    var (failed, passed, failedTight) = (0, 0, 0)
    for _ in 0..<repeats {
      let baseline = (0..<batches).map { side("\($0)") }
      let new = side("new")
      let verdict = GateResult([roomy], side: new, baseline: baseline).verdict
      if verdict == .fail { failed += 1 }
      if verdict == .pass { passed += 1 }
      if GateResult([tight], side: new, baseline: baseline).verdict == .fail { failedTight += 1 }
    }
    return (failed, passed, failedTight)
  }

  private func run(_ sitting: Double, _ random: inout RandomGenerator) -> SimulatedRun {
    let noise = Exponential.natural(sitting + spread * random.normal())
    switch kind {
    case .lognormal: return SimulatedRun(milliseconds: 100 * noise)
    case .ties: return SimulatedRun(milliseconds: (100 * noise / 20).rounded() * 20)
    case .lost: return SimulatedRun(milliseconds: 100 * noise, mounts: random.below(7) == 0 ? 4 : 8)
    case .counts:
      return SimulatedRun(milliseconds: 100, services: 20, mounts: min(20, Int((14 * noise).rounded())))
    }
  }
}
