import Experiment

extension Preflight {
  func memoryChecks() -> [Check] {
    var checks: [Check] = []
    if probe.pageBytes != 4096 {
      checks.append(
        Check(
          "memory.pages", .problem, "pages are \(probe.pageBytes) bytes; the sizes of the experiment hold for 4096",
          fix: "use a kernel with 4 kB pages"))
    }
    checks.append(contentsOf: ballastChecks())
    if let limit = probe.cgroupLimitBytes, limit < (probe.memoryTotalBytes ?? .max) {
      checks.append(
        Check(
          "memory.cgroup", .problem,
          "a memory cgroup limits this process to \(ByteSize.humanText(limit)): pressure would become the cgroup's own reclaim, "
            + "which is another experiment",
          fix: probe.isContainer ? "leave --memory out of the container's command line" : "run outside of the limited slice"))
    } else {
      checks.append(Check("memory.cgroup", .ok, "no memory cgroup limit"))
    }
    if probe.swapEntries.isEmpty {
      checks.append(Check("memory.swap", .ok, "no swap"))
    } else {
      checks.append(
        Check(
          "memory.swap", .warning, "swap is on: reclaim has a choice that the paper's node did not have",
          fix: "swapoff -a for the time of the run"))
    }
    if let value = probe.panicOnOOM, value != "0" {
      checks.append(
        Check(
          "memory.panic_on_oom", .problem, "vm.panic_on_oom is \(value): should memory run out the machine would panic",
          fix: "sysctl vm.panic_on_oom=0"))
    } else {
      checks.append(Check("memory.panic_on_oom", .ok, "off"))
    }
    return checks
  }

  private func ballastChecks() -> [Check] {
    guard let total = probe.memoryTotalBytes, let available = probe.memoryAvailableBytes else {
      return [Check("memory.size", .problem, "/proc/meminfo cannot be read", fix: "mount /proc")]
    }
    guard let memory = scenario.memoryBytes else {
      return [Check("memory.size", .ok, "the machine stays as it is, \(ByteSize.humanText(total))")]
    }
    guard let hugePage = probe.hugePageBytes, let present = probe.hugePagesPresent else {
      return [
        Check(
          "memory.size", .problem, "the kernel has no huge pages to hold memory back with",
          fix: "run with --memory none, or on a kernel with CONFIG_HUGETLBFS")
      ]
    }
    let held = present * hugePage
    let ballast = total > memory + held ? total - memory - held : 0
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
        "\(ByteSize.humanText(ballast)) of \(ByteSize.humanText(total)) are held back by \(ballast / hugePage) huge pages")
    ]
  }
}
