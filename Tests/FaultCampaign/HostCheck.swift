import Experiment
import HostJournal
import LinuxSystem

/// The host as it must be found again after a round.
struct HostCheck {
  /// The campaign's own directory, below which everything of the rounds lies.
  let root: String
  let before: HostSnapshot

  init(root: String) throws {
    self.root = root
    before = try Self.take(root)
  }

  /// All settings of the memory management, not only those that a run is known to write, and of these the others.
  private static func keys() throws -> [String] {
    try Directory.names(in: "/proc/sys/vm").filter { KernelFile.trimmed("/proc/sys/vm/\($0)") != nil }.map {
      "vm.\($0)"
    }
      + RunSetting.keysWithValue.filter { !$0.hasPrefix("vm.") } + ["kernel.printk"]
  }

  private static func take(_ root: String) throws -> HostSnapshot {
    var snapshot = try HostSnapshot.take(sysctls: keys(), processPrefix: "failover-bench")
    // What others bind and mount meanwhile is theirs.
    snapshot.loopBindings = snapshot.loopBindings.filter { $0.value.contains(root) }
    snapshot.mounts = snapshot.mounts.filter { $0.contains(root) || $0.contains("failover-bench") }
    // Fifteen characters are kept of failover-bench-pressure; others that begin so (the tests' own program) are not of a run.
    snapshot.processes = snapshot.processes.filter { $0.value == "failover-bench" || $0.value == "failover-bench-" }
    return snapshot
  }

  /// What is not as before, a line each. `work` and `state` are the directories of the round's run, which must be empty.
  func difference(work: String, state: String) throws -> [String] {
    let after = try Self.take(root)
    var lines = after.difference(from: before)
    lines += ((try? Directory.names(in: work)) ?? []).filter { $0 != "lost+found" }.map {
      "\($0) is left in the work directory"
    }
    // A journal that was damaged is kept as evidence on purpose.
    lines += ((try? Directory.names(in: state)) ?? []).filter { !$0.contains(".damaged") }.map {
      "\($0) is left in the state directory"
    }
    return lines
  }

  /// Who survives works on after the one that is watched has ended: waits for the host to be as before, for so long at most.
  func differenceAfter(timeoutNanoseconds: UInt64, work: String, state: String) throws -> [String] {
    let deadline = Clock.monotonicNanoseconds() + timeoutNanoseconds
    while true {
      let lines = try difference(work: work, state: state)
      if lines.isEmpty || Clock.monotonicNanoseconds() >= deadline { return lines }
      Clock.sleep(nanoseconds: 20_000_000)
    }
  }
}
