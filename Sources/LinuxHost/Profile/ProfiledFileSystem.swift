import KernelText
import LinuxSystem

/// A kind of file system that can be profiled.
public enum ProfiledFileSystem: String, Sendable, Codable, CaseIterable {
  case xfs
  case ext4
  case btrfs

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
  public static func ofThisKernel() -> [ProfiledFileSystem]? {
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
