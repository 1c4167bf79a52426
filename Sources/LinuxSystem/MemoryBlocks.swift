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
    /// As part of the kernel's zone at that place, never of ZONE_MOVABLE.
    case onlineKernel = "online_kernel"
    /// As part of ZONE_MOVABLE, of which the kernel takes nothing for itself.
    case onlineMovable = "online_movable"
  }

  private static let folder = "/sys/devices/system/memory"

  public static let movableZone = "Movable"

  /// Bytes in a block: 128 MiB, 2 GiB on large machines. nil where the kernel has no blocks (CONFIG_MEMORY_HOTPLUG).
  public static func blockBytes() -> UInt64? {
    KernelFile.trimmed("\(folder)/block_size_bytes").flatMap { UInt64($0, radix: 16) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// Whether a block can be taken from the kernel at all: without CONFIG_MEMORY_HOTREMOVE it tells no zones (drivers/base/memory.c).
  public static var canGoOffline: Bool {
    numbers().last.map { (try? text("memory\($0)/valid_zones")) ?? nil != nil } ?? false
  }

  /// The numbers of all blocks, those of the lowest addresses first.
  public static func numbers() -> [Int] {
    ((try? Directory.names(in: folder)) ?? []).compactMap { name in
      name.hasPrefix("memory") ? Int(name.dropFirst("memory".utf8.count)) : nil
    }.sorted()
  }

  /// nil where there is no such block, on a kernel that has others.
  ///
  /// - Throws: what cannot be read: /sys may not be mounted, or be masked.
  public static func state(_ number: Int) throws(Errno) -> State? {
    guard let state = try text("memory\(number)/state") else {
      guard try text("block_size_bytes") != nil else { throw .noSuchFileOrDirectory }
      return nil
    }
    switch state {
    case "offline": return .offline
    case "online":
      // Of a block in use the one zone that it is in, or "none".
      let zones = try text("memory\(number)/valid_zones")?.split(separator: " ").map(String.init)
      return .online(zone: zones?.count == 1 && zones != ["none"] ? zones?.first : nil)
    default: return .unsettled
    }
  }

  private static func text(_ name: String) throws(Errno) -> String? {
    try KernelFile.bytesIfPresent("\(folder)/\(name)", limitBytes: 4096).map {
      KernelFile.trim(String(decoding: $0, as: UTF8.self))
    }
  }

  /// Whether the state of a block can be written, as far as the file tells.
  public static func isWritable(_ number: Int) -> Bool { FileSystem.isWritable("\(folder)/memory\(number)/state") }

  /// How long one attempt may take: what can be moved at all is moved in a second or so (128 MiB), a page that is held stays held for as long as
  /// its holder likes.
  public static var attemptMilliseconds: UInt32 { UInt32(clamping: max(5_000, (blockBytes() ?? 0) >> 20 * 40)) }

  /// For an attempt after which there are others to be made: enough for a block that is nearly empty.
  public static let briefMilliseconds: UInt32 = 1_000

  /// Has the kernel do it, and gives up after a time, ``attemptMilliseconds`` unless told otherwise: a page that is held somewhere else keeps it trying for good
  /// (mm/memory_hotplug.c, `offline_pages`, which a signal ends).
  ///
  /// - Throws: EBUSY where something in the block cannot be moved, EINTR after the time; see ``concernsBlock(_:)``.
  public static func set(
    _ number: Int, _ target: Target, withinMilliseconds limit: UInt32 = attemptMilliseconds
  ) throws(Errno) {
    let file = try Descriptor(opening: "\(folder)/memory\(number)/state", .writeOnly)
    let bytes = Array(target.rawValue.utf8)
    let written = clinux_write_within(file.rawValue, bytes, bytes.count, limit)
    // Not through the funnel, which would go on after EINTR.
    if written < 0 { throw Errno(rawValue: clinux_errno()) }
  }

  /// EHWPOISON: a block with a broken page goes offline, and never comes back (drivers/base/memory.c, `memory_block_online`).
  public static let poisoned = Errno(rawValue: 133)

  /// Whether an error of ``set(_:_:withinMilliseconds:)`` is of this block alone, and another may be had: something in it cannot be moved or not now, it has a hole
  /// (EINVAL), or a driver has refused (EPERM).
  public static func concernsBlock(_ error: Errno) -> Bool {
    [.resourceBusy, .resourceTemporarilyUnavailable, .interrupted, .noMemory, .invalidArgument, .notPermitted].contains(
      error)
  }
}
