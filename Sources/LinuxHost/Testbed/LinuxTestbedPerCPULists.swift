import Experiment
import HostJournal
import LinuxSystem

/// The free pages that processors keep to themselves: in no free list, so no figure of one has them.
///
/// A processor keeps tens of MB of what was freed last, and over 1 GB after a large program has ended: how much, is chance, and on a
/// small machine it decides. Environment 1 on 2 GiB stopped between mount 52 and mount 83 from run to run with them, and between 64
/// and 66 without (Linux 6.18, two processors).
extension LinuxTestbed {
  /// Does `body` while processors may keep 1 MB each instead of some 40, and has them give back the rest afterwards. What is measured
  /// later is measured under the kernel's own limit.
  mutating func withShortPerCPULists<Value>(
    _ context: some RunContext, _ body: (inout LinuxTestbed) throws(TestbedFailure) -> Value
  ) throws(TestbedFailure) -> Value {
    let mark = settings.mark
    // Without it the limit is what it is.
    _ = try? settings.set(RunSetting.perCPUListFraction.key, "1000000", journal: &journal)
    defer { for leftover in settings.restore(since: mark, journal: &journal) { context.report(.warning(leftover)) } }
    let value = try body(&self)
    try drainPerCPULists(context)
    return value
  }

  /// Until they no longer fall. Once a second each processor lowers what it may keep by an eighth, down to its limit (mm/vmstat.c,
  /// `decay_pcp_high`); `vm.stat_refresh` has it done at once. A kernel without that is waited for, 30 s at most.
  private func drainPerCPULists(_ context: some RunContext) throws(TestbedFailure) {
    var least = UInt64.max
    var unchanged = 0
    for _ in 0..<150 where unchanged < 10 {
      try context.checkpoint()
      guard let bytes = try observer!.observe().perCPUFreeBytes, bytes > 0 else { return }
      unchanged = bytes < least ? 0 : unchanged + 1
      least = min(least, bytes)
      do throws(SystemError) {
        for _ in 0..<8 { try Sysctl.write(RunSetting.refreshStatistics.key, "1") }
      } catch {
        Clock.sleep(nanoseconds: 200_000_000)
      }
    }
  }
}
