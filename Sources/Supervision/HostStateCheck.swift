import Experiment
import HostJournal

/// Compares the host before and after the run, as seen from outside the testbed's mount namespace.
///
/// Others may mount, bind and start things meanwhile; of what can be told apart only that which bears the run's name
/// counts.
struct HostStateCheck {
  private let keys: [String]
  private let runID: String
  private let before: HostSnapshot?
  /// Why nothing can be compared; nil when it can.
  let problem: String?

  init(scenario: Scenario, runID: String) {
    keys = scenario.changedSettings
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

  /// What is not as before, a line each: of the run, and settings of others.
  ///
  /// - Parameter restore: what was put back from the journal. A setting that it does not name was read as it was before
  ///   when the run put it back: one that differs now was set since, by somebody else, and is theirs.
  func differences(after restore: RestoreReport) -> (leftovers: [String], foreign: [String]) {
    guard var before else { return ([], []) }
    do throws(JournalError) {
      var after = try Self.take(keys, runID)
      // A device that somebody else has bound meanwhile is theirs, and so is its node; nodes that are gone were theirs
      // to remove.
      after.loopNodes.subtract(after.loopBindings.filter { !$0.value.contains(runID) }.keys)
      after.loopNodes.formUnion(before.loopNodes)
      after.loopBindings = after.loopBindings.filter { $0.value.contains(runID) }
      // Of the blocks of memory, too, those that the run has not taken are others'.
      let taken = Set((restore.restored + restore.alreadyAsBefore).compactMap(\.memoryBlock))
      after.memoryBlocks = after.memoryBlocks.filter { taken.contains($0.key) }
      before.memoryBlocks = before.memoryBlocks.filter { taken.contains($0.key) }
      // What the journal could not put back is named by it, with the reason.
      for number in restore.leftovers.compactMap(\.change.loopNumber) {
        after.loopBindings[number] = before.loopBindings[number]
        if !before.loopNodes.contains(number) { after.loopNodes.remove(number) }
      }
      var foreign: [String] = []
      for key in keys
      where before.sysctls[key] != after.sysctls[key]
        && !restore.leftovers.contains(where: { $0.change.isSetting(key) })
      {
        if !restore.foreignValue.contains(where: { $0.change.isSetting(key) }) {
          let (old, new) = (before.sysctls[key] ?? "absent", after.sysctls[key] ?? "absent")
          foreign.append(
            "left alone: sysctl \(key): it was \(old) before and after the run, and somebody has set it to \(new) since"
          )
        }
        before.sysctls[key] = nil
        after.sysctls[key] = nil
        if key == RunSetting.hugePages.key { after.hugePages = before.hugePages }
      }
      return (after.difference(from: before), foreign)
    } catch {
      return (["what the run left behind could not be checked: \(error)"], [])
    }
  }

  private static func take(_ keys: [String], _ runID: String) throws(JournalError) -> HostSnapshot {
    var snapshot = try HostSnapshot.take(sysctls: keys)
    snapshot.mounts = snapshot.mounts.filter { $0.contains(runID) }
    return snapshot
  }
}

extension HostChange {
  /// The loop device that it is about.
  fileprivate var loopNumber: Int? {
    switch self {
    case .loopNode(let number), .loopBinding(let number, _, _, _): number
    default: nil
    }
  }

  fileprivate var memoryBlock: Int? {
    if case .memoryBlock(let number, _, _) = self { number } else { nil }
  }

  fileprivate func isSetting(_ key: String) -> Bool {
    if case .sysctl(key, _, _) = self { true } else { false }
  }
}
