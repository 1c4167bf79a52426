public import Experiment
import KernelText
import LinuxSystem

extension HostFacts {
  /// Reads this machine.
  public static func ofThisMachine(imageDirectory: String) -> HostFacts {
    let kernel = Machine.kernel
    let cpuInfo = (try? KernelFile.read("/proc/cpuinfo")) ?? ""
    let memory = (try? KernelFile.read("/proc/meminfo")).flatMap { try? MemInfo.parse($0) }
    var settings = MemorySettings.read()
    for file in ["enabled", "defrag"] {
      if let value = KernelFile.trimmed("/sys/kernel/mm/transparent_hugepage/\(file)") {
        settings["transparent_hugepage.\(file)"] = value
      }
    }
    settings.merge(KernelGeometry.read().settings) { $1 }
    if let order = FreePageReporting.order() { settings["page_reporting.order"] = "\(order)" }
    var facts = HostFacts(
      kernelRelease: kernel.release, kernelVersion: kernel.version, architecture: kernel.architecture,
      kernelCommandLine: KernelFile.trimmed("/proc/cmdline") ?? "", distribution: distribution(),
      cpuModel: field("model name", of: cpuInfo), cpuCount: Machine.processorCount,
      memoryTotalBytes: memory?.bytes("MemTotal") ?? 0, pageBytes: Machine.pageBytes,
      swapBytes: memory?.bytes("SwapTotal") ?? 0, isContainer: ContainerMark.isPresent,
      imageFileSystem: HostFactsFileSystem.name(of: imageDirectory), settings: settings)
    facts.bootID = KernelFile.trimmed("/proc/sys/kernel/random/boot_id")
    return facts
  }

  private static func field(_ key: String, of text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    return nil
  }

  private static func distribution() -> String? {
    guard let text = try? KernelFile.read("/etc/os-release") else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
      return String(line.dropFirst(12).filter { $0 != "\"" })
    }
    return nil
  }

}

/// Whether this process is in a container of podman's or docker's.
enum ContainerMark {
  /// Their mark alone is not enough: images of virtual machines are made from containers, mark and all. A container has a
  /// layered root or a PID namespace of its own.
  static var isPresent: Bool {
    guard FileSystem.exists("/.dockerenv") || FileSystem.exists("/run/.containerenv") else { return false }
    return HostFactsFileSystem.name(of: "/") == "overlayfs" || !KernelThreads.areVisible
  }
}

/// File systems by the name people know.
enum HostFactsFileSystem {
  /// linux/magic.h; a number where it is none of those people use for images.
  static func name(of path: String) -> String? {
    switch try? FileSystem.type(of: path) {
    case nil: nil
    case 0xEF53: "ext2/ext3/ext4"
    case 0x5846_5342: "xfs"
    case 0x9123_683E: "btrfs"
    case 0x0102_1994: "tmpfs"
    case 0x794c_7630: "overlayfs"
    case 0x6969: "nfs"
    case 0x2FC1_2FC1: "zfs"
    case let magic?: "0x" + String(magic, radix: 16)
    }
  }
}
