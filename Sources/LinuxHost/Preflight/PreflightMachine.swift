import Experiment
import HostJournal

/// Whether this kernel is the one that the scenario needs, and has the memory blocks and the room that it takes.
extension Preflight {
  func machineChecks() -> [Check] {
    guard scenario.machine == .as2005 else { return [] }
    var reasons: [String] = []
    if probe.geometry.groupsByMobility { reasons.append("this kernel groups pages by mobility") }
    switch probe.geometry.inodeSlabOrder {
    case 0: break
    case nil: reasons.append("the slab of XFS's inodes cannot be seen")
    case let order?: reasons.append("XFS's inodes lie in blocks of \(1 << order) pages")
    }
    return [
      Check(
        "machine", if: probe.geometry.isAs2005, "no grouping by mobility, and inodes in single pages", else: .problem,
        "not the machine of 2005: \(reasons.joined(separator: ", and "))",
        fix:
          "in a guest, scripts/lab --as-2005 6.1 run ... with the same options; --machine any runs it here all the same"
      )
    ]
  }

  /// What there is of memory blocks, and whether there are as many as the scenario takes.
  func blockCheck() -> Check {
    let facts = probe.memoryBlocks
    let name = "memory.blocks"
    guard let blockBytes = facts.blockBytes else {
      let problem = "this kernel cannot take memory offline"
      return scenario.takesMemoryBlocks
        ? Check(
          name, .problem, problem,
          fix: "--memory-division none --memory-method ballast, or a kernel with CONFIG_MEMORY_HOTREMOVE (scripts/lab)")
        : Check(name, .ok, "\(problem): memory cannot be divided")
    }
    let size = ByteSize.humanText(blockBytes)
    let found =
      "\(facts.candidates.count) blocks of \(size) in zone \(dividedZone), \(facts.offline) offline, "
      + (facts.movableBytes > 0 ? "\(ByteSize.humanText(facts.movableBytes)) movable" : "none movable")
    // A zone that nobody asked for, as where memory that is plugged in comes online as movable.
    let unasked =
      scenario.movableBytes == nil && facts.movableBytes > 0
      ? Check(
        name, .warning, "\(found): memory is divided although memory-division is none",
        fix: "boot without movablecore= and kernelcore=, and with memory_hotplug.online_policy=contig-zones") : nil
    guard scenario.takesMemoryBlocks else { return unasked ?? Check(name, .ok, found) }
    let total = probe.memoryTotalBytes ?? 0
    let plan = facts.plan(scenario, totalBytes: total)
    if let (problem, fix) = blockProblem(facts, plan, blockBytes) { return Check(name, .problem, problem, fix: fix) }
    if let unasked { return unasked }
    let taken =
      found
      + "; the run takes \(plan.offline) offline and makes \(plan.movable) movable, provided nothing in them is unmovable"
    if let rounding = rounding(plan, blockBytes, total) {
      return Check(
        name, .warning, "\(taken); whole blocks only: \(rounding.text)", fix: rounding.fix)
    }
    if plan.count * 2 > facts.candidates.count {
      return Check(
        name, .warning,
        "\(taken): it takes more than half of all blocks, and the longer a machine has run, the fewer can be had",
        fix:
          "run it soon after boot, or in a guest (scripts/lab); where blocks are refused the run puts all back and ends with 69"
      )
    }
    guard facts.nodes > 1 else { return Check(name, .ok, taken) }
    return Check(
      name, .warning,
      "\(taken); this machine has \(facts.nodes) nodes, and the blocks come from the one with the highest addresses, which processors of the "
        + "others do not use first",
      fix: "bind the run to that node: numactl --cpunodebind")
  }

  /// By how much the machine and its zone come out larger than asked for, where that is more than a hundredth, as of the ballast, and what to ask for
  /// instead; nil where it is not.
  private func rounding(
    _ plan: MemoryBlockFacts.Plan, _ blockBytes: UInt64, _ total: UInt64
  ) -> (text: String, fix: String)? {
    let memory = scenario.memoryBytes ?? total
    var parts: [(text: String, fix: String)] = []
    let left = total - min(total, UInt64(plan.offline) * blockBytes)
    if plan.offline > 0, left > memory + memory / 100 {
      parts.append(
        (
          "the machine is \(ByteSize.humanText(left - memory)) larger than \(ByteSize.humanText(memory))",
          "--memory \(left >> 20)MiB"
        ))
    }
    let got = UInt64(plan.movable) * blockBytes
    if let wanted = scenario.movableBytes, plan.movable > 0, got - wanted > wanted / 100 {
      parts.append(
        (
          "the movable zone is \(ByteSize.humanText(got)), and not \(ByteSize.humanText(wanted))",
          "--memory-division \(got >> 20)MiB"
        ))
    }
    return parts.isEmpty
      ? nil : (parts.map(\.text).joined(separator: ", and "), parts.map(\.fix).joined(separator: ", "))
  }

  private func blockProblem(
    _ facts: MemoryBlockFacts, _ plan: MemoryBlockFacts.Plan, _ blockBytes: UInt64
  ) -> (problem: String, fix: String)? {
    let size = ByteSize.humanText(blockBytes)
    if scenario.movableBytes != nil, facts.movableBytes > 0, scenario.memoryBytes != nil,
      scenario.memoryMethod == .ballast
    {
      return (
        "the kernel has a movable zone already, which a ballast of huge pages would fill before any other",
        "run with --memory none, or with --memory-method offline"
      )
    }
    if let wanted = scenario.movableBytes, facts.movableBytes > 0,
      max(wanted, facts.movableBytes) - min(wanted, facts.movableBytes) > max(blockBytes, wanted / 16)
    {
      return (
        "the kernel has a movable zone of \(ByteSize.humanText(facts.movableBytes)) already, and \(ByteSize.humanText(wanted)) are asked for",
        "--memory-division \(facts.movableBytes >> 20)MiB, or another movablecore= at boot"
      )
    }
    if plan.count > 0, let bytes = probe.hugePoolBytes, bytes > 0 {
      return (
        "\(ByteSize.humanText(bytes)) of huge pages are reserved: those that lie free in a block go with it, and do not come back (mm/hugetlb.c, "
          + "dissolve_free_hugetlb_folios)",
        "sysctl \(RunSetting.hugePages.key)=0 before the run, or --memory-division none --memory-method ballast"
      )
    }
    if plan.count > 0, facts.brokenBytes > 0 {
      return (
        "\(ByteSize.humanText(facts.brokenBytes)) of memory are broken (HardwareCorrupted): a block with such a page goes offline and does not come "
          + "back",
        "another machine, or --memory-division none --memory-method ballast"
      )
    }
    if plan.movable > 0, !probe.geometry.groupsByMobility {
      return (
        "bringing a zone online turns grouping by mobility back on (mm/page_alloc.c, build_all_zonelists)",
        "a kernel on which the grouping was not switched off, or --memory-division none"
      )
    }
    if plan.count > 0, facts.candidates.isEmpty {
      return ("no memory block lies in zone \(dividedZone) alone", "a machine with more than 4 GB of memory")
    }
    if plan.count > 0, !facts.areWritable {
      return (
        "the state of memory blocks cannot be written",
        fix(inContainer: "--privileged", elsewhere: "run with sudo, with /sys mounted to be written")
      )
    }
    let memory = scenario.memoryBytes ?? probe.memoryTotalBytes ?? 0
    if plan.movable > 0, !plan.leaves(memory, blockBytes: blockBytes) {
      return (
        "\(plan.movable) memory blocks of \(size) leave nothing of \(ByteSize.humanText(memory)) to the kernel",
        "a smaller --memory-division, or a larger --memory"
      )
    }
    if plan.count > facts.candidates.count {
      // What lies below 4 GB is in no block of that zone, on a larger machine as well.
      let total = probe.memoryTotalBytes ?? 0
      let least =
        total - min(total, UInt64(facts.candidates.count - min(plan.movable, facts.candidates.count)) * blockBytes)
      return (
        "\(plan.count) memory blocks of \(size) are needed, and there are \(facts.candidates.count) in zone \(dividedZone)",
        plan.offline > 0
          ? "--memory of \((least + blockBytes) >> 20)MiB or more, or --memory-method ballast"
          : "a smaller --memory-division, or a larger machine"
      )
    }
    if plan.count > 0, let unlisted = facts.unlistedFreeBytes, unlisted >= blockBytes {
      return (
        "the kernel has not initialized \(ByteSize.humanText(unlisted)) of its memory yet, and cannot take offline what it has not initialized",
        "use all memory once (a run with a ballast does), or boot without deferred_init=lazy"
      )
    }
    return nil
  }

  /// Where free memory is taken away behind the kernel's back, the times of a machine that is whole are not its own.
  func reportingChecks() -> [Check] {
    guard let order = probe.freePageReportingOrder else { return [] }
    let size = ByteSize.humanText(probe.pageBytes << UInt64(order))
    return [
      Check(
        "memory.reporting", .warning,
        "the hypervisor reclaims free blocks of \(size) and more (virtio-balloon, free page reporting): their first use is "
          + "slow, and an unfragmented machine has more of them than a fragmented one",
        fix: "for timings, use bare metal or a guest without it; counts are not affected")
    ]
  }

  /// The pattern is of single pages, and a huge page of a file in memory is one block of order 9.
  func transientChecks() -> [Check] {
    guard scenario.transientBackend == .memfd, scenario.pattern != nil else { return [] }
    // With `within_size` a write that extends a file may get a larger page.
    let isSingle = probe.sharedHugePages.map { ["never", "deny", "advise"].contains($0) } ?? true
    return [
      Check(
        "memory.memfd", if: isSingle, "files in memory have single pages", else: .problem,
        "files in memory get huge pages here, and the pattern is of single ones",
        fix: "echo never >/sys/kernel/mm/transparent_hugepage/shmem_enabled, or --transient-backend pipe")
    ]
  }

  /// What one file keeps in memory while inodes are resident, rounded up: once 900,000 of them had been written on Linux 6.1, XFS's inodes, the shadows
  /// of their log items (kmalloc-1k), log items and dentries came to 2,431 bytes each.
  static let residentBytesPerFile: UInt64 = 2560

  /// Whether inodes stay while the workload makes them: a setting under test goes before the scenario's own, and one for the mounts alone comes too late.
  private var keepsInodes: Bool {
    let asked = scenario.sysctls.last { $0.key == RunSetting.inodePressure.key && $0.stage == .start }
    return asked.map { $0.value == RunSetting.keptInodes } ?? scenario.inodeResident
  }

  /// Inodes that may not be reclaimed are memory that nobody gets back: past a point the machine would fail for want of it, and not for want of
  /// large blocks.
  func inodeChecks() -> [Check] {
    guard keepsInodes, hasWorkload, let total = probe.memoryTotalBytes else { return [] }
    // Nothing of a movable zone is for inodes.
    let division = probe.memoryBlocks.plan(scenario, totalBytes: total).movable
    let movable = UInt64(division) * (probe.memoryBlocks.blockBytes ?? 0) + probe.memoryBlocks.movableBytes
    let whole = min(scenario.memoryBytes ?? total, total)
    let memory = whole - min(movable, whole)
    let inodes = scenario.files * Self.residentBytesPerFile
    return [
      Check(
        "memory.inodes", if: inodes + scenario.pinBytes <= memory / 4 * 3,
        "\(ByteSize.humanText(inodes)) of inodes stay in memory, of \(ByteSize.humanText(memory))", else: .problem,
        "\(ByteSize.humanText(inodes)) of resident inodes and \(ByteSize.humanText(scenario.pinBytes)) of pinned pages are more than three "
          + "quarters of \(ByteSize.humanText(memory)): the machine would run out of memory",
        fix: "fewer --files, a smaller --pin or a larger --memory")
    ]
  }
}
