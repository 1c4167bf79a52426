import Experiment
import HostJournal

/// Compares the host before and after the run, as seen from outside the testbed's mount namespace.
///
/// Others may mount, bind and start things meanwhile; of what can be told apart only that which bears the run's name counts.
struct HostWatch {
  private let keys: [String]
  private let runID: String
  private let before: HostSnapshot?
  /// Why nothing can be compared; nil when it can.
  let problem: String?

  init(scenario: Scenario, runID: String) {
    keys = ["vm.nr_hugepages", "fs.pipe-max-size", "vm.vfs_cache_pressure"] + scenario.sysctls.map(\.key)
    self.runID = runID
    do throws(JournalError) {
      var snapshot = try Self.take(keys, runID)
      snapshot.loopBindings = [:]
      before = snapshot
      problem = nil
    } catch {
      before = nil
      problem = "what the run leaves behind cannot be checked: \(error)"
    }
  }

  /// What is not as before, a line each.
  func difference() -> [String] {
    guard let before else { return [] }
    do throws(JournalError) {
      var after = try Self.take(keys, runID)
      // A device that somebody else has bound meanwhile is theirs, and so is its node; nodes that are gone were theirs to remove.
      after.loopNodes.subtract(after.loopBindings.filter { !$0.value.contains(runID) }.keys)
      after.loopNodes.formUnion(before.loopNodes)
      after.loopBindings = after.loopBindings.filter { $0.value.contains(runID) }
      return after.difference(from: before)
    } catch {
      return ["what the run left behind could not be checked: \(error)"]
    }
  }

  private static func take(_ keys: [String], _ runID: String) throws(JournalError) -> HostSnapshot {
    var snapshot = try HostSnapshot.take(sysctls: keys)
    snapshot.mounts = snapshot.mounts.filter { $0.contains(runID) }
    return snapshot
  }
}
