import Experiment
import KernelText

extension Preflight {
  var hasWorkload: Bool { scenario.phases.contains(.populate) && scenario.files > 0 }

  /// What a fresh image takes of the disk: mkfs.xfs writes its log out in full, at least 64 MiB and 1/2048 of the file system
  /// (xfsprogs 6.1.0: 65,868 kB for 300 MiB as for 100 GiB, 524,620 kB for 1 TiB); older ones write less, as does mkfs.ext4 (e2fsprogs 1.47.0 with
  /// blocks of 4 kB: 27,856 kB for 300 MiB).
  static func imageBytes(fileSystemBytes: UInt64) -> UInt64 {
    min(max(64 << 20, fileSystemBytes / 2048), 2 << 30) + (2 << 20)
  }

  /// Bytes that a run takes of the work directory. Each file of the workload is a block, an inode and its share of a
  /// directory; a crashed volume holds 200 small ones.
  func storageNeededBytes() -> UInt64 {
    let image =
      Self.imageBytes(fileSystemBytes: scenario.fileSystemBytes) + (scenario.crashedVolumes ? 1 << 20 : 0)
      + servicesBytes
    let images = UInt64(scenario.fileSystems) * image
    guard hasWorkload else { return images }
    return images + scenario.files * (4096 + 512 + 128)
      + Self.imageBytes(fileSystemBytes: FileWorkload.volumeBytes(files: scenario.files))
  }

  /// What one service writes, in blocks of its file system, with an inode each.
  private var servicesBytes: UInt64 {
    let block = scenario.volumes.blockBytes
    return scenario.service.sizesBytes(seed: scenario.seed).reduce(0) {
      $0 + (UInt64($1) + block - 1) / block * block + 512
    }
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
    // The number is ramfs's (linux/magic.h), tmpfs without a limit.
    if directory.fileSystem == "tmpfs" || directory.fileSystem == "0x858458f6" {
      checks.append(
        Check(
          "work-dir", .problem, "\(directory.path) is on tmpfs: the images would take up the memory that is measured",
          fix: fix(inContainer: "-v /var/tmp:/var/tmp", elsewhere: "name a directory on a disk with --work-dir")))
    } else {
      checks.append(Check("work-dir", .ok, "\(directory.path) is on \(name)"))
      checks.append(directIOCheck())
    }
    let needed = storageNeededBytes()
    if let free = directory.freeBytes {
      let text = "about \(ByteSize.humanText(needed)) needed, \(ByteSize.humanText(free)) free"
      checks.append(
        Check(
          "disk", if: free > needed, text, else: .problem, "\(text) in \(directory.path)",
          fix: "free space, or name a directory on a larger disk with --work-dir"))
    } else {
      checks.append(
        Check(
          "disk", .warning,
          "about \(ByteSize.humanText(needed)) needed; the free space of \(directory.path) cannot be read",
          fix: "name another directory with --work-dir"))
    }
    return checks
  }

  private func directIOCheck() -> Check {
    let fix = "name a directory on ext4 or XFS with --work-dir"
    return switch probe.workDirectory.takesDirectIO {
    case true: Check("work-dir.direct-io", .ok, "files can be opened for direct I/O")
    case false:
      Check(
        "work-dir.direct-io", .warning,
        "the file system refuses direct I/O: data of the images is cached twice, and the data cache appears too large",
        fix: fix)
    case nil:
      Check(
        "work-dir.direct-io", .warning,
        "direct I/O support cannot be checked beforehand; the run reports it", fix: fix)
    }
  }

  func observationChecks() -> [Check] {
    var checks = [
      Check(
        "kernel-threads", if: probe.hasKernelThreads, "the CPU time of kswapd, kcompactd and kworkers can be read",
        else: .warning, "the kernel's threads are not visible here: their CPU time will be missing",
        fix: fix(inContainer: "--pid=host", elsewhere: "run in the host's PID namespace")),
      Check(
        "pressure", if: probe.hasPressure, "pressure stall information can be read",
        else: .warning, "no pressure stall information: PSI will be missing", fix: "boot with psi=1"),
    ]
    if let problem = probe.kernelLogProblem {
      let capability = probe.capabilities?.has("CAP_SYSLOG") == false ? ", CAP_SYSLOG is missing" : ""
      checks.append(
        Check(
          "kernel-log", .warning,
          "/dev/kmsg cannot be read (\(problem)\(capability)): the kernel's log will be missing",
          fix: fix(inContainer: "--privileged -v /dev:/dev", elsewhere: "run with sudo")))
    } else {
      checks.append(Check("kernel-log", .ok, "/dev/kmsg can be read"))
    }
    if tracing != .unwanted { checks.append(traceCheck()) }
    return checks
  }

  private func traceCheck() -> Check {
    Check(
      "trace", if: probe.traceProblem == nil, "what a failover asks of the page allocator can be traced (run --trace)",
      else: tracing == .needed ? .problem : .warning,
      "what the failover asks of the page allocator cannot be traced: \(probe.traceProblem ?? "")",
      fix: fix(
        inContainer: "--privileged",
        elsewhere: probe.isRoot
          ? "boot a kernel with CONFIG_FTRACE and CONFIG_EVENT_TRACING, without lockdown; or run with --no-trace"
          : "run with sudo"))
  }

  func leftoverChecks() -> [Check] {
    journalChecks() + leftoversOfEarlierRuns()
  }

  private func journalChecks() -> [Check] {
    guard probe.stateIsInContainerLayer else { return [] }
    return [
      Check(
        "journal", .warning,
        "the journal is inside the container: if the container is killed, it is lost, and the host cannot be restored",
        fix: fix(inContainer: "-v /run/failover-bench:/run/failover-bench -v /var/tmp:/var/tmp", elsewhere: ""))
    ]
  }

  private func leftoversOfEarlierRuns() -> [Check] {
    if let problem = probe.stateDirectoryProblem {
      return [Check("state-dir", .problem, problem, fix: "name another directory with --state-dir")]
    }
    if let first = probe.leftovers.first {
      return [
        Check(
          "leftovers", .problem,
          "\(probe.leftovers.count == 1 ? "a journal" : "\(probe.leftovers.count) journals") of "
            + "\(first.owner): \(first.path)",
          fix: probe.leftovers.contains { $0.mayBeLive }
            ? "failover-bench cleanup, which refuses while that run is active" : "failover-bench cleanup")
      ]
    }
    return [Check("leftovers", .ok, "nothing is left of an earlier run")]
  }
}
