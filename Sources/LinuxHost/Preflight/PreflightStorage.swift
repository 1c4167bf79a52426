import Experiment

extension Preflight {
  /// Bytes that a run takes of the work directory. A fresh image of 300 MiB holds 26 MB of log and structures; each
  /// file a block, an inode and its share of a directory.
  func storageNeededBytes() -> UInt64 {
    let images = UInt64(scenario.fileSystems) * (32 << 20)
    let workload = scenario.pattern == nil ? scenario.files * (4096 + 512 + 128) + (64 << 20) : 0
    return images + workload
  }

  func storageChecks() -> [Check] {
    let directory = probe.workDirectory
    if let problem = directory.problem {
      return [
        Check("work-dir", .problem, "\(directory.path): \(problem)", fix: "name a directory of root with --work-dir")
      ]
    }
    var checks: [Check] = []
    let name = directory.fileSystem ?? "an unknown file system"
    if directory.fileSystem == "tmpfs" {
      checks.append(
        Check(
          "work-dir", .problem, "\(directory.path) is on tmpfs: the images would take up the memory that is measured",
          fix: fix(inContainer: "-v /var/tmp:/var/tmp", elsewhere: "name a directory on a disk with --work-dir")))
    } else {
      checks.append(Check("work-dir", .ok, "\(directory.path) is on \(name)"))
    }
    let needed = storageNeededBytes()
    if let free = directory.freeBytes {
      checks.append(
        free > needed
          ? Check("disk", .ok, "about \(ByteSize.humanText(needed)) needed, \(ByteSize.humanText(free)) free")
          : Check(
            "disk", .problem, "about \(ByteSize.humanText(needed)) needed, \(ByteSize.humanText(free)) free in \(directory.path)",
            fix: "free space, or name a directory on a larger disk with --work-dir"))
    }
    return checks
  }

  func observationChecks() -> [Check] {
    var checks: [Check] = []
    if probe.hasKernelThreads {
      checks.append(Check("kernel-threads", .ok, "the CPU time of kswapd, kcompactd and kworkers can be read"))
    } else {
      checks.append(
        Check(
          "kernel-threads", .warning, "the kernel's threads are not visible here: their CPU time will be missing",
          fix: fix(inContainer: "--pid=host", elsewhere: "run in the host's PID namespace")))
    }
    if !probe.hasPressure {
      checks.append(
        Check("pressure", .warning, "no pressure stall information: PSI will be missing", fix: "boot with psi=1"))
    }
    if let problem = probe.kernelLogProblem {
      checks.append(
        Check(
          "kernel-log", .warning, "/dev/kmsg cannot be read (\(problem)): the kernel's log will be missing",
          fix: fix(inContainer: "--privileged -v /dev:/dev", elsewhere: "run with sudo")))
    }
    return checks
  }

  func leftoverChecks() -> [Check] {
    journalChecks() + leftoversOfEarlierRuns()
  }

  private func journalChecks() -> [Check] {
    guard probe.stateIsInContainerLayer else { return [] }
    return [
      Check(
        "journal", .warning,
        "the journal lies in the container: should the container be killed, it is lost, and nobody can put the host back",
        fix: fix(inContainer: "-v /run/failover-bench:/run/failover-bench -v /var/tmp:/var/tmp", elsewhere: ""))
    ]
  }

  private func leftoversOfEarlierRuns() -> [Check] {
    if let problem = probe.stateDirectoryProblem {
      return [Check("state-dir", .problem, problem, fix: "name another directory with --state-dir")]
    }
    if let live = probe.leftovers.first(where: \.isLive) {
      return [Check("leftovers", .problem, "another run is active: \(live.owner)", fix: "wait until it has ended")]
    }
    if let first = probe.leftovers.first {
      return [
        Check(
          "leftovers", .problem, "\(probe.leftovers.count == 1 ? "a journal" : "\(probe.leftovers.count) journals") of "
            + "\(first.owner): \(first.path)",
          fix: "failover-bench cleanup")
      ]
    }
    return [Check("leftovers", .ok, "nothing is left of an earlier run")]
  }
}
