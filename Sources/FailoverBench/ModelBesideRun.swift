import Analysis
import Experiment
import KernelText
import MemoryModel

/// The model of the machine that a run was done on, as that stood after settle.
struct ModelBesideRun {
  let record: RunRecord
  let observations: [Observation]
  /// /proc/pagetypeinfo after settle; nil where it could not be read.
  let pageTypes: String?

  /// The same scenario played with `scheme`; nil for a run that came to no mount.
  func play(_ scheme: Scheme) throws(ScenarioError) -> (run: ModelRun, comparison: ModelComparison)? {
    guard let start = record.start, !record.mounts.isEmpty else { return nil }
    let player = ModelPlayer(
      scenario: record.scenario, schemes: [scheme], seeds: [record.scenario.seed], start: start,
      byMobility: freeByMobility,
      keptBytes: observations.first { $0.afterMount == 0 }?.state.perCPUFreeBytes)
    guard let run = try player.play().first else { return nil }
    return (run, ModelComparison(of: record, observations: observations, with: run))
  }

  private var freeByMobility: [FreeByMobility] {
    guard let pageTypes, let info = try? PageTypeInfo.parse(pageTypes) else { return [] }
    var zones: [FreeByMobility] = []
    for list in info.free where list.migrateType == "Movable" {
      func blocks(_ types: [String]) -> [UInt64] {
        var sum = list.freeBlocks.map { _ in UInt64(0) }
        for other in info.free
        where other.node == list.node && other.zone == list.zone && types.contains(other.migrateType) {
          for (order, count) in other.freeBlocks.enumerated() where order < sum.count { sum[order] += count.blocks }
        }
        return sum
      }
      zones.append(
        FreeByMobility(
          node: list.node, zone: list.zone, unmovable: blocks(["Unmovable"]), movable: blocks(["Movable", "CMA"]),
          reclaimable: blocks(["Reclaimable"])))
    }
    return zones
  }
}
