/// What the volumes that fail over are made as, and mounted with.
public struct VolumeFormat: Equatable, Sendable, Codable {
  public var fileSystem = VolumeFileSystem.xfs
  /// Above the size of a page the file system's page cache must be had in blocks of this size, with no smaller ones to fall back to
  /// (mm/filemap.c, `mapping_min_folio_order`).
  public var blockBytes: UInt64 = 4096
  /// Stripe of an XFS log: each of a mount's eight log buffers is as large (fs/xfs/xfs_log.c, `xlog_alloc_log`). nil for what mkfs makes.
  public var logStripeBytes: UInt64?
  public var mountOptions = MountOptions.none

  public init() {}

  /// The order of a block in pages of 4 kB.
  public var blockOrder: Int {
    var order = 0
    while UInt64(4096) << UInt64(order) < blockBytes { order += 1 }
    return order
  }

  static let blockSizes: ClosedRange<UInt64> = 4096...65_536
  static let logStripes: ClosedRange<UInt64> = 32_768...262_144

  /// What of it does not go together; nil where all does.
  var flaw: ScenarioError? {
    if fileSystem == .btrfs && blockBytes != 4096 {
      return ScenarioError(
        key: ScenarioKey.blockSize.rawValue, value: ByteSize.exactText(blockBytes),
        expected: "4KiB for btrfs")
    }
    guard let logStripeBytes else { return nil }
    func refusal(_ expected: String) -> ScenarioError {
      ScenarioError(
        key: ScenarioKey.logStripe.rawValue, value: ByteSize.exactText(logStripeBytes), expected: expected)
    }
    if fileSystem != .xfs { return refusal("none for \(fileSystem.rawValue): only XFS has it") }
    return logStripeBytes < blockBytes ? refusal("at least a block of \(ByteSize.exactText(blockBytes))") : nil
  }
}

/// A kind of file system that volumes can have.
public enum VolumeFileSystem: String, Sendable, Codable, CaseIterable {
  case xfs
  case ext4
  case btrfs
}

/// Options that a volume is mounted with, as `mount -o` has them.
public struct MountOptions: Equatable, Sendable, Codable {
  /// `logbsize=256k,noatime`; empty for none.
  public let text: String

  public static let none = MountOptions(checked: "")

  private init(checked text: String) { self.text = text }

  /// In files it is its text.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard text.isEmpty || Self.form.parse(text)?.text == text else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "mount options that are not allowed"))
    }
    self.text = text
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  /// Options that would make another experiment of it (a read-only mount serves nobody), or reach beyond the volume: other devices, other
  /// mounts, helpers, the tables in /run, a panic of the host.
  private static let refused: Set<String> = [
    "abort", "auto", "bind", "degraded", "device", "encryption", "group", "helper", "journal_dev", "journal_path",
    "logdev", "loop", "move", "noauto", "nofail", "noload", "norecovery", "offset", "owner", "pri", "private", "rbind",
    "remount", "rescue", "ro", "rprivate", "rshared", "rslave", "rtdev", "runbindable", "sb", "shared", "sizelimit",
    "slave", "source", "subvol", "subvolid", "uhelper", "unbindable", "user", "users",
    "warn_on_error",
  ]

  /// The first option that is refused; nil where none is.
  private static func refusal(in text: String) -> String? {
    text.split(separator: ",").first { option in
      let name = option.prefix { $0 != "=" }.lowercased()
      return refused.contains(name) || name.hasPrefix("x-") || name.hasPrefix("_") || name.hasPrefix("verity.")
        || option.lowercased().hasSuffix("=panic")
    }.map(String.init)
  }

  static let form = ValueForm<MountOptions>(
    valueName: "options",
    expected:
      "none, or options of the file system such as logbsize=256k,noatime; not those that change what is mounted or reach beyond it (ro, "
      + "loop, bind, x-..., helpers, other devices, errors=panic)"
  ) { text in
    if text == "none" { return MountOptions.none }
    let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x27 && $0 != 0x5c }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard isPlain, text.utf8.count <= 200, !parts.contains(where: { $0.isEmpty || $0.hasPrefix("=") }),
      refusal(in: text) == nil
    else { return nil }
    return MountOptions(checked: text)
  } text: {
    $0.text.isEmpty ? "none" : $0.text
  }
}
