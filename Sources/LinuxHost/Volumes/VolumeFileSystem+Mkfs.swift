public import Experiment
import KernelText
import LinuxSystem

extension VolumeFileSystem {
  public var mkfsName: String { "mkfs.\(rawValue)" }

  /// The Debian package with its mkfs.
  public var packageName: String {
    switch self {
    case .xfs: "xfsprogs"
    case .ext4: "e2fsprogs"
    case .btrfs: "btrfs-progs"
    }
  }

  /// Those that the running kernel has, loaded or built in; nil where /proc/filesystems cannot be read.
  public static func ofThisKernel() -> [VolumeFileSystem]? {
    guard let names = (try? KernelFile.read("/proc/filesystems")).flatMap({ try? FileSystems.parse($0) })?.names else {
      return nil
    }
    return allCases.filter { names.contains($0.rawValue) }
  }

  /// What the program says of itself, in its first line; nil where it does not run.
  public func mkfsVersion(path: String) -> String? { HostProbe.version(of: path) }

  /// All defaults but the UUID; quiet, and without a discard, which on a sparse file has nothing to do.
  func mkfsArguments(uuid: String) -> [String] {
    switch self {
    case .xfs: ["-q", "-K", "-m", "uuid=\(uuid)"]
    case .ext4: ["-q", "-F", "-E", "nodiscard", "-U", uuid]
    case .btrfs: ["-q", "-K", "-U", uuid]
    }
  }
}

/// Where the programs are that make the file systems of a run.
public struct MkfsPrograms: Equatable, Sendable, Codable {
  /// Of the volumes that fail over.
  public var volumes: String
  /// Of the workload's own volume, which is an XFS whatever the others are; not needed where there is no workload.
  public var workload: String

  public init(volumes: String, workload: String) { (self.volumes, self.workload) = (volumes, workload) }
}

extension VolumeFormat {
  /// Beyond those of ``VolumeFileSystem/mkfsArguments(uuid:)``.
  var mkfsArguments: [String] {
    switch fileSystem {
    case .xfs:
      (blockBytes == 4096 ? [] : ["-b", "size=\(blockBytes)"]) + (logStripeBytes.map { ["-l", "su=\($0)"] } ?? [])
    case .ext4:
      // By itself it makes blocks of 1 kB in volumes below 512 MiB. Above the size of a page it wants to be forced twice. What it leaves to
      // be done lazily a thread of the kernel would write during the failover.
      ["-F", "-b", "\(blockBytes)", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0"]
    case .btrfs: []
    }
  }
}
