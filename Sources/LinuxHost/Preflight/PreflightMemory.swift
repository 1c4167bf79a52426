import Experiment
import HostJournal

extension Preflight {
  func memoryChecks() -> [Check] {
    var checks: [Check] = []
    if probe.pageBytes != 4096 {
      checks.append(
        Check(
          "memory.pages", .problem, "pages are \(probe.pageBytes) bytes; the experiment's sizes are for pages of 4096",
          fix: "use a kernel with 4 kB pages"))
    }
    checks.append(contentsOf: machineChecks() + ballastChecks() + inodeChecks())
    checks.append(blockCheck())
    checks.append(contentsOf: cgroupChecks())
    checks.append(swapCheck())
    checks.append(panicCheck())
    checks.append(overcommitCheck())
    return checks
  }

  private func machineChecks() -> [Check] {
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
        fix: "scripts/lab --as-2005 6.1 run --scenario \(scenario.name); --machine any runs it here all the same")
    ]
  }

  /// What there is of memory blocks, and whether there are as many as the scenario takes.
  private func blockCheck() -> Check {
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
    guard scenario.takesMemoryBlocks else { return Check(name, .ok, found) }
    let needed = facts.plan(scenario, totalBytes: probe.memoryTotalBytes ?? 0).count
    if scenario.movableBytes != nil, facts.movableBytes > 0, scenario.memoryBytes != nil,
      scenario.memoryMethod == .ballast
    {
      return Check(
        name, .problem,
        "the kernel has a movable zone already, which a ballast of huge pages would fill before any other",
        fix: "run with --memory none, or with --memory-method offline")
    }
    if needed > facts.candidates.count {
      return Check(
        name, .problem,
        "\(needed) memory blocks of \(size) are needed, and there are \(facts.candidates.count) in zone \(dividedZone)",
        fix: "a smaller --memory-division, or a larger machine")
    }
    if needed > 0, facts.unlistedFreeBytes >= blockBytes {
      return Check(
        name, .problem,
        "the kernel has not initialized \(ByteSize.humanText(facts.unlistedFreeBytes)) of its memory yet, and cannot take offline what it has not "
          + "initialized",
        fix: "use all memory once (a run with a ballast does), or boot without deferred_init=lazy")
    }
    return Check(
      name, .ok, found + "; the run takes \(needed), which can be had while nothing in them is in the way")
  }

  /// What one file keeps in memory while inodes are resident: inode, log item and dentry (1,024, 216 and 192 bytes in Linux 6.1), rounded up.
  private static let residentBytesPerFile: UInt64 = 1536

  /// Inodes that may not be reclaimed are memory that nobody gets back: past a point the machine would fail for want of it, and not for want of
  /// large blocks.
  private func inodeChecks() -> [Check] {
    guard scenario.inodeResident, hasWorkload, let total = probe.memoryTotalBytes else { return [] }
    let memory = min(scenario.memoryBytes ?? total, total)
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

  private func cgroupChecks() -> [Check] {
    guard let limits = probe.cgroupLimits else {
      return [
        Check(
          "memory.cgroup", .warning, "the control groups cannot be read: there may be a limit that cannot be seen",
          fix: "mount /sys/fs/cgroup")
      ]
    }
    var checks: [Check] = []
    func lift(_ option: String) -> String {
      probe.isContainer ? "leave \(option) out of the container's command line" : "run outside of the limited slice"
    }
    if let limit = limits.memoryBytes, limit < (probe.memoryTotalBytes ?? .max) {
      checks.append(
        Check(
          "memory.cgroup", .problem,
          "a memory cgroup limits this process to \(ByteSize.humanText(limit)): pressure would become the cgroup's own reclaim, "
            + "which is another experiment",
          fix: lift("--memory")))
    } else {
      checks.append(Check("memory.cgroup", .ok, "no memory cgroup limit"))
    }
    if let processors = limits.processors, processors < Double(probe.processorCount) {
      let tenths = Int((processors * 10).rounded())
      checks.append(
        Check(
          "cpu.cgroup", .warning,
          "a cgroup limits this process to \(tenths / 10).\(tenths % 10) of \(probe.processorCount) processors: mount times would "
            + "show its throttling",
          fix: lift("--cpus")))
    } else {
      checks.append(Check("cpu.cgroup", .ok, "no cgroup limit of CPU time"))
    }
    return checks
  }

  private func swapCheck() -> Check {
    switch probe.swapEntries {
    case nil: Check("memory.swap", .warning, "/proc/swaps cannot be read: there may be swap", fix: "mount /proc")
    case let entries? where entries.isEmpty: Check("memory.swap", .ok, "no swap")
    default:
      Check(
        "memory.swap", .warning, "swap is on: reclaim has a choice that the paper's node did not have",
        fix: "swapoff -a for the time of the run")
    }
  }

  private func panicCheck() -> Check {
    switch probe.panicOnOOM {
    case nil:
      Check(
        "memory.panic_on_oom", .warning, "vm.panic_on_oom cannot be read: running out of memory may mean a panic",
        fix: "mount /proc")
    case "0": Check("memory.panic_on_oom", .ok, "off")
    case let value?:
      Check(
        "memory.panic_on_oom", .problem, "vm.panic_on_oom is \(value): if memory runs out, the machine panics",
        fix: "sysctl vm.panic_on_oom=0")
    }
  }

  private func overcommitCheck() -> Check {
    switch probe.overcommitMemory {
    case nil: Check("memory.overcommit", .warning, "vm.overcommit_memory cannot be read", fix: "mount /proc")
    case "2":
      Check(
        "memory.overcommit", .warning,
        "vm.overcommit_memory is 2: huge pages lower the commit limit, and allocations may be refused although memory is free",
        fix: "sysctl vm.overcommit_memory=0 for the time of the run")
    default: Check("memory.overcommit", .ok, "not strict")
    }
  }

  private func ballastChecks() -> [Check] {
    guard let total = probe.memoryTotalBytes, let available = probe.memoryAvailableBytes else {
      return [Check("memory.size", .problem, "/proc/meminfo cannot be read", fix: "mount /proc")]
    }
    guard let memory = scenario.memoryBytes else {
      return [Check("memory.size", .ok, "no memory is held back: \(ByteSize.humanText(total))")]
    }
    if scenario.memoryMethod == .offline {
      return [
        Check(
          "memory.size", .ok,
          "\(ByteSize.humanText(total - min(memory, total))) of \(ByteSize.humanText(total)) are held back by memory blocks taken offline"
        )
      ]
    }
    guard let hugePage = probe.hugePageBytes, hugePage > 0, let present = probe.hugePagesPresent else {
      return [
        Check(
          "memory.size", .problem, "the kernel has no huge pages to hold memory back with",
          fix: "run with --memory none, or on a kernel with CONFIG_HUGETLBFS")
      ]
    }
    let held = present * hugePage
    let ballast = total > memory + held ? total - memory - held : 0
    if total > held, total - held < memory, memory - (total - held) >= hugePage, memory <= total {
      return [
        Check(
          "memory.size", .warning,
          "the machine's \(present) huge pages leave \(ByteSize.humanText(total - held)), less than the "
            + "\(ByteSize.humanText(memory)) asked for; the run does not take them away",
          fix: "sysctl \(RunSetting.hugePages.key)=\((total - memory) / hugePage) before the run")
      ]
    }
    // What the ballast cannot push out must fit beside it.
    guard available > ballast else {
      return [
        Check(
          "memory.size", .problem,
          "\(ByteSize.humanText(ballast)) must be held back to leave \(ByteSize.humanText(memory)), and only "
            + "\(ByteSize.humanText(available)) are available",
          fix: "end programs that use much memory, or run with a larger --memory")
      ]
    }
    return [
      Check(
        "memory.size", .ok,
        "\(ByteSize.humanText(ballast)) of \(ByteSize.humanText(total)) are held back by \(ballast / hugePage) huge pages"
      )
    ]
  }
}
