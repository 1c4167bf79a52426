import Experiment

extension Preflight {
  func memoryChecks() -> [Check] {
    var checks: [Check] = []
    if probe.pageBytes != 4096 {
      checks.append(
        Check(
          "memory.pages", .problem, "pages are \(probe.pageBytes) bytes; the experiment's sizes are for pages of 4096",
          fix: "use a kernel with 4 kB pages"))
    }
    checks.append(contentsOf: machineChecks() + ballastChecks() + inodeChecks() + transientChecks() + reportingChecks())
    checks.append(blockCheck())
    checks.append(contentsOf: cgroupChecks())
    checks.append(swapCheck())
    checks.append(panicCheck())
    checks.append(overcommitCheck())
    return checks
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
        fix: "swapoff -a during the run")
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
    let aside =
      UInt64(probe.memoryBlocks.plan(scenario, totalBytes: total).movable) * (probe.memoryBlocks.blockBytes ?? 0)
    if scenario.memoryMethod == .offline {
      let held = total - min(memory, total)
      return [
        Check(
          "memory.size", if: available > held + aside + MemoryBlockFacts.marginBytes,
          "\(ByteSize.humanText(held)) of \(ByteSize.humanText(total)) are held back by memory blocks taken offline",
          else: .problem,
          "\(ByteSize.humanText(held + aside)) must be taken offline, and only \(ByteSize.humanText(available)) are available",
          fix: "end programs that use much memory, or run with a larger --memory")
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
    guard available > ballast + aside else {
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
