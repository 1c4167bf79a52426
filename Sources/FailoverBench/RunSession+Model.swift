import Analysis
import Experiment
import KernelText
import MemoryModel
import RecordFiles
import Report

extension RunSession {
  /// Plays the scenario on a model of this machine as it stood after settle, and writes its series beside the measured one:
  /// `model.csv`, with the columns of `mounts.csv`. Done after the run, for it takes memory and a processor.
  func playModel(_ scheme: Scheme) {
    guard let start = record.start, !record.mounts.isEmpty else { return }
    let player = ModelPlayer(
      scenario: record.scenario, schemes: [scheme], seeds: [record.scenario.seed], start: start, byMobility: freeByMobility,
      keptBytes: observations.first { $0.afterMount == 0 }?.state.perCPUFreeBytes)
    do throws(ScenarioError) {
      guard let run = try player.play().first else { return }
      if let failure = run.failure { return warn("the model could not play this scenario: \(failure)") }
      write(text: MountsCSV.text(run.mounts, run.observations), named: "model.csv")
      comparison = ModelComparison(of: record, observations: observations, with: run)
    } catch {
      warn("the model cannot play this scenario: \(error)")
    }
  }

  /// Free blocks by mobility as /proc/pagetypeinfo had them after settle; empty where it could not be read.
  private var freeByMobility: [FreeByMobility] {
    guard let text = settledPageTypes, let info = try? PageTypeInfo.parse(text) else { return [] }
    var zones: [FreeByMobility] = []
    for list in info.free where list.migrateType == "Movable" {
      func blocks(_ types: [String]) -> [UInt64] {
        var sum = list.freeBlocks.map { _ in UInt64(0) }
        for other in info.free where other.node == list.node && other.zone == list.zone && types.contains(other.migrateType) {
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
