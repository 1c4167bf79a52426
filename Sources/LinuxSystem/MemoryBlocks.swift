import CLinux
public import SystemPackage

/// Memory that can be taken from a running kernel, and given back, block by block (Documentation/admin-guide/mm/memory-hotplug.rst).
public enum MemoryBlocks {
  /// What a block is to the kernel.
  public enum State: Equatable, Sendable {
    case offline
    /// In use as part of `zone`; nil where it lies in several, or the kernel does not say.
    case online(zone: String?)
    /// On its way from one to the other.
    case unsettled
  }

  public enum Target: String, Sendable {
    /// Taken from the kernel: what is in it is moved elsewhere, or the kernel refuses.
    case offline
    /// As part of the zone that its neighbours are in.
    case onlineKernel = "online_kernel"
    /// As part of ZONE_MOVABLE, of which the kernel takes nothing for itself.
    case onlineMovable = "online_movable"
  }

  private static let folder = "/sys/devices/system/memory"

  public static let movableZone = "Movable"

  /// Bytes in a block: 128 MiB, 2 GiB on large machines. nil where the kernel cannot do it at all (CONFIG_MEMORY_HOTPLUG).
  public static func blockBytes() -> UInt64? {
    KernelFile.trimmed("\(folder)/block_size_bytes").flatMap { UInt64($0, radix: 16) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The numbers of all blocks, those of the lowest addresses first.
  public static func numbers() -> [Int] {
    ((try? Directory.names(in: folder)) ?? []).compactMap { name in
      name.hasPrefix("memory") ? Int(name.dropFirst("memory".utf8.count)) : nil
    }.sorted()
  }

  /// nil where there is no such block.
  public static func state(_ number: Int) -> State? {
    guard let state = KernelFile.trimmed("\(folder)/memory\(number)/state") else { return nil }
    switch state {
    case "offline": return .offline
    case "online":
      // Of a block in use the one zone that it is in, or "none".
      let zones = KernelFile.trimmed("\(folder)/memory\(number)/valid_zones")?.split(separator: " ").map(String.init)
      return .online(zone: zones?.count == 1 && zones != ["none"] ? zones?.first : nil)
    default: return .unsettled
    }
  }

  /// Has the kernel do it, and gives up after some time: a page that is held somewhere else keeps it trying for good (mm/memory_hotplug.c,
  /// `offline_pages`, which a signal ends).
  ///
  /// - Throws: EBUSY where something in the block cannot be moved, EINTR after the time.
  public static func set(_ number: Int, _ target: Target, withinMilliseconds milliseconds: UInt32) throws(Errno) {
    let file = try Descriptor(opening: "\(folder)/memory\(number)/state", .writeOnly)
    let bytes = Array(target.rawValue.utf8)
    let written = clinux_write_within(file.rawValue, bytes, bytes.count, milliseconds)
    // Not through the funnel, which would go on after EINTR.
    if written < 0 { throw Errno(rawValue: clinux_errno()) }
  }
}
