import Experiment
import LinuxSystem
import SystemPackage

/// Whether the volumes can be made as the scenario has them, and this kernel can mount them.
extension Preflight {
  func volumeChecks() -> [Check] { [fileSystemCheck(), mkfsCheck()] + workloadChecks() + blockSizeChecks() }

  /// The workload's own volume is an XFS whatever the others are.
  private func workloadChecks() -> [Check] {
    guard hasWorkload, kind != .xfs else { return [] }
    return [
      Check(
        "workload", if: probe.workloadMkfsPath != nil && probe.fileSystems?.contains("xfs") == true,
        "the workload's volume can be an XFS", else: .problem,
        "the workload's volume is an XFS, for which the kernel's XFS or mkfs.xfs is missing",
        fix: "modprobe xfs, on the host itself; apt-get install xfsprogs")
    ]
  }

  private var kind: VolumeFileSystem { scenario.volumes.fileSystem }

  private func fileSystemCheck() -> Check {
    let name = kind.rawValue
    return switch probe.fileSystems {
    case nil: Check(name, .problem, "/proc/filesystems cannot be read", fix: "mount /proc")
    case let names?:
      Check(
        name, if: names.contains(name), "the kernel has \(name == "xfs" ? "XFS" : name)", else: .problem,
        "the kernel has no \(name == "xfs" ? "XFS" : name), or its module is not loaded",
        fix: "modprobe \(name), on the host itself")
    }
  }

  private func mkfsCheck() -> Check {
    let mkfs = kind.mkfsName
    guard let version = probe.mkfsVersion else {
      return Check(
        mkfs, .problem, probe.mkfsPath == nil ? "\(mkfs) is not installed" : "\(mkfs) does not run",
        fix: "apt-get install \(kind.packageName)")
    }
    guard let problem = probe.mkfsProblem else { return Check(mkfs, .ok, version) }
    let size = ByteSize.exactText(scenario.fileSystemBytes)
    return Check(
      mkfs, .problem, "\(mkfs) cannot make a volume of \(size) as the scenario has it: \(problem)",
      fix: "a larger --filesystem-size, another --block-size, or a later \(kind.packageName)")
  }

  /// Blocks larger than a page: XFS since Linux 6.12 with transparent huge pages compiled in (fs/xfs/xfs_super.c, `xfs_fs_fill_super`), ext4
  /// since 6.19, which says so in sysfs (fs/ext4/sysfs.c).
  private func blockSizeChecks() -> [Check] {
    let bytes = scenario.volumes.blockBytes
    guard bytes > probe.pageBytes else { return [] }
    let text = "blocks of \(ByteSize.exactText(bytes))"
    switch kind {
    case .xfs:
      return [
        Check(
          "block-size", if: isKernel(atLeast: (6, 12)) != false && probe.hasTransparentHugePages,
          "this kernel's XFS can do \(text)",
          else: .problem,
          "\(text) are larger than a page: XFS can do them since Linux 6.12, with transparent huge pages compiled in",
          fix: "boot a newer kernel (scripts/lab has some), or run with --block-size 4KiB")
      ]
    case .ext4:
      guard probe.hasLargeBlocksInExt4 else {
        return [
          Check(
            "block-size", .problem,
            "\(text) are larger than a page: ext4 can do them since Linux 6.19 (/sys/fs/ext4/features/blocksize_gt_pagesize)",
            fix: "boot a newer kernel (scripts/lab has some), or run with --block-size 4KiB")
        ]
      }
      return [
        Check(
          "block-size", .warning,
          "this kernel's ext4 can do \(text), but needs memory for metadata and journal in pieces as large: on a fragmented machine a mount may fail "
            + "with ENOMEM, or wait for good, and cannot be killed then",
          fix: "run it in a guest: scripts/lab")
      ]
    case .btrfs:
      return [Check("block-size", .problem, "btrfs has no \(text)", fix: "run with --block-size 4KiB")]
    }
  }
}

extension HostProbe {
  /// Has mkfs say whether it could make such a volume, of a file in memory to which it writes nothing.
  mutating func readVolumes(_ scenario: Scenario) {
    hasTransparentHugePages = FileSystem.exists("/sys/kernel/mm/transparent_hugepage")
    hasLargeBlocksInExt4 = FileSystem.exists("/sys/fs/ext4/features/blocksize_gt_pagesize")
    guard let mkfsPath, mkfsVersion != nil else { return }
    let trial: [String]
    switch scenario.volumes.fileSystem {
    case .xfs: trial = ["-N"]
    case .ext4: trial = ["-n"]
    // mkfs.btrfs has no such option.
    case .btrfs: return
    }
    do throws(SystemError) {
      let file = try MemoryFile.make("failover-bench-mkfs", bytes: Int(clamping: scenario.fileSystemBytes))
      mkfsProblem = Self.said(
        by: mkfsPath, trial + ["-q"] + scenario.volumes.mkfsArguments + ["/proc/self/fd/3"],
        descriptors: [(file.rawValue, 3)])
    } catch { mkfsProblem = "\(error)" }
  }

  /// The first line of what a program that fails says; nil where it does not.
  private static func said(
    by program: String, _ arguments: [String], descriptors: [(own: Int32, child: Int32)]
  ) -> String? {
    guard let (ending, text) = ending(of: program, arguments, descriptors: descriptors) else {
      return "it does not run"
    }
    if ending.isSuccess { return nil }
    return text.split(separator: "\n").first { !$0.hasPrefix("Warning") && !$0.hasPrefix("mke2fs") }.map {
      SingleLine.text($0, limit: 200)
    } ?? "it \(ending)"
  }
}
