import Experiment
import HostJournal
import LinuxSystem
import SystemPackage

/// Memory taken from the kernel's own zone block by block: offline, to make the machine small, or for ZONE_MOVABLE, which divides it.
///
/// Blocks can be had while nothing unmovable lies in them: right after boot nearly all, after hours of use 61 of 168 (Linux 6.18, 24 GB), after a
/// gigabyte of page cache in a guest of 4 GB none. So they are taken first of all, and come online as movable once a ballast holds
/// back the rest: huge pages are movable to the kernel, and would fill that zone before any other (mm/hugetlb.c, `htlb_alloc_mask`).
extension LinuxTestbed {
  mutating func takeMemoryBlocks(_ context: some RunContext) throws(TestbedFailure) {
    let facts = MemoryBlockFacts.read()
    let total = try HostMemory.totalBytes()
    let plan = facts.plan(scenario, totalBytes: total)
    if scenario.movableBytes != nil, facts.movableBytes > 0 {
      context.report(
        .warning(
          "the kernel has a movable zone of \(ByteSize.humanText(facts.movableBytes)) already: it is used, whatever memory-division says"
        ))
    }
    guard plan.count > 0, let blockBytes = facts.blockBytes else { return }
    // As the preflight has it: a ballast that leaves less than nothing would take all memory.
    guard plan.leaves(scenario.memoryBytes ?? total, blockBytes: blockBytes) else {
      throw TestbedFailure(
        .environment, operation: "take memory from the kernel's zone",
        reason: "\(plan.movable) memory blocks of \(ByteSize.humanText(blockBytes)) leave nothing to the kernel",
        advice: "a smaller --memory-division, or a larger --memory")
    }
    let minimumFree = try keepRecomputedSettings()
    var taken: [Int] = []
    var candidates = facts.candidates
    // What is in the page cache can be moved, but needs time and room elsewhere; what was dropped needs neither. Where that is not
    // enough, once more behind a compaction.
    for isSecond in [false, true] where taken.count < plan.count {
      FileSystem.synchronizeAll()
      try attempting("make room for memory blocks") { () throws(SystemError) in
        try Sysctl.write(RunSetting.dropCaches.key, "3")
        if isSecond { try Sysctl.write(RunSetting.compactMemory.key, "1") }
      }
      var refused: [Int] = []
      for number in candidates {
        if taken.count == plan.count { break }
        try context.checkpoint()
        try checkRoom(blockBytes)
        // Those that become movable first: which of them do is decided here, for the journal.
        if try takeBlock(number, isMovable: taken.count < plan.movable) {
          taken.append(number)
        } else {
          refused.append(number)
        }
        // Said of those that cannot be had as well: they may take seconds each, and silence is taken for death.
        context.progress(done: UInt64(taken.count), total: UInt64(plan.count))
      }
      candidates = refused
    }
    guard taken.count == plan.count else {
      throw TestbedFailure(
        .environment, operation: "take memory from the kernel's zone",
        reason:
          "\(taken.count) of \(plan.count) blocks of \(ByteSize.humanText(blockBytes)) could be taken; each of the others holds "
          + "unmovable pages",
        advice: "run it soon after boot, or in a guest (scripts/lab)")
    }
    movableBlocks = Array(taken.prefix(plan.movable))
    asideBytes = UInt64(plan.movable) * blockBytes
    // A machine made small this way has the watermarks of one. With a ballast it has those of the whole, divided or not.
    keptMinimumFree = plan.offline == 0 ? minimumFree : nil
  }

  /// The kernel computes some settings anew with each block. Once the blocks are back they are given the values that they have now.
  /// - Returns: that of vm.min_free_kbytes, from which the watermarks are.
  private mutating func keepRecomputedSettings() throws(TestbedFailure) -> String {
    try attempting("read a kernel setting") { () throws(SystemError) in
      for key in RunSetting.all.filter({ $0.use == .recomputed }).map(\.key) where FileSystem.exists(Sysctl.path(key)) {
        let present = try Sysctl.read(key)
        _ = try journal.record(.sysctl(key: key, previous: present, new: present))
      }
      return try Sysctl.read(RunSetting.minimumFree.key)
    }
  }

  private func checkRoom(_ blockBytes: UInt64) throws(TestbedFailure) {
    let available = try HostMemory.availableToKernelBytes()
    guard available < blockBytes + MemoryBlockFacts.marginBytes else { return }
    throw TestbedFailure(
      .environment, operation: "take memory from the kernel's zone",
      reason: "only \(ByteSize.humanText(available)) are available: the machine would run out of memory",
      advice: "end programs that use much memory, or ask for less (--memory-division) or a larger machine (--memory)")
  }

  /// False where the kernel cannot empty the block.
  private mutating func takeBlock(_ number: Int, isMovable: Bool) throws(TestbedFailure) -> Bool {
    try attempting("take a memory block") { () throws(SystemError) in
      let entry = try journal.record(.memoryBlock(number: number, zone: dividedZone, isMovable: isMovable))
      do throws(Errno) {
        try MemoryBlocks.set(number, .offline)
        return true
      } catch {
        guard MemoryBlocks.concernsBlock(error) else {
          throw SystemError(operation: "offline", subject: "memory block \(number)", errno: error)
        }
        try journal.undone(entry)
        return false
      }
    }
  }

  /// The blocks set aside become ZONE_MOVABLE.
  mutating func divideMemory() throws(TestbedFailure) {
    for number in movableBlocks {
      try attempting("make a movable zone") { () throws(SystemError) in
        try attempt("online_movable", "memory block \(number)") { () throws(Errno) in
          try MemoryBlocks.set(number, .onlineMovable)
        }
      }
      guard (try? MemoryBlocks.state(number)) == .online(zone: MemoryBlocks.movableZone) else {
        throw TestbedFailure(
          .fault, operation: "make a movable zone", subject: "memory block \(number)",
          reason: "the kernel has put it into another zone")
      }
    }
    asideBytes = 0
    let key = RunSetting.minimumFree.key
    guard let kept = keptMinimumFree else { return }
    try attempting("put a kernel setting back", advice: "sysctl \(key)=\(kept)") { () throws(SystemError) in
      // Only where it has changed: what is written counts as set by somebody from then on, and is preferred to what the kernel computes.
      if try Sysctl.read(key) != kept { try Sysctl.write(key, kept) }
    }
  }
}
