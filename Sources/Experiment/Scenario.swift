/// What is done: the paper's experiment with all its quantities. The same scenario drives every testbed.
///
/// Every stored property is a key of a scenario file and an option of the command line; ``ScenarioKey`` has their names and
/// what is allowed.
public struct Scenario: Equatable, Sendable, Codable {
  public var name: String
  public var summary: String
  /// The machine's memory, made by holding the rest back; nil leaves the machine as it is.
  public var memoryBytes: UInt64?
  public var fileSystems: Int
  public var fileSystemBytes: UInt64
  public var files: UInt64
  public var filesPerDirectory: UInt64
  public var rewrites: UInt64
  public var writeBytes: Int
  /// The paper's inode residency: reclaim takes data before inodes (vm.vfs_cache_pressure = 1 on Linux).
  public var inodeResident: Bool
  public var pinBytes: UInt64
  public var pinBackend: PinBackend
  /// Simulation environment 1 when set; it stands in place of populate, rewrite and pin.
  public var pattern: InjectionPattern?
  public var mountDemand: MountDemand
  public var demandRetry: DemandRetry
  public var mountTimeoutNanoseconds: UInt64
  /// Go on with the mounts behind a stopped service (the paper's wait in vain).
  public var keepGoing: Bool
  /// Volumes with a dirty log, replayed by the failover mount.
  public var crashedVolumes: Bool
  public var sysctls: [SysctlSetting]
  /// Quantities of the simulated machine; the real one has its own.
  public var modelSettings: [ModelSetting]
  public var seed: UInt64

  public init(name: String) {
    self.name = name
    summary = ""
    memoryBytes = nil
    fileSystems = 128
    fileSystemBytes = 300 << 20
    files = 900_000
    filesPerDirectory = 1_000
    rewrites = 900_000
    writeBytes = 16
    inodeResident = false
    pinBytes = 400 << 20
    pinBackend = .pipe
    pattern = nil
    mountDemand = .none
    demandRetry = .untilTimeout
    mountTimeoutNanoseconds = 60_000_000_000
    keepGoing = false
    crashedVolumes = false
    sysctls = []
    modelSettings = []
    seed = 1
  }

  /// The phases of this scenario, in their order.
  public var phases: [Phase] {
    pattern == nil
      ? [.prepare, .settle, .populate, .rewrite, .pin, .failover, .teardown]
      : [.prepare, .settle, .inject, .failover, .teardown]
  }

  public var pinPages: UInt64 { pinBytes / 4096 }
}

/// How snapshot-like memory is pinned on a real kernel.
public enum PinBackend: String, Sendable, Codable, CaseIterable {
  /// Pages in pipes: unmovable, like the snapshot metadata of the paper.
  case pipe
  /// Anonymous locked pages, which compaction can move: the control that shows what "unmovable" does.
  case mlock
  /// Pages that a module of ours allocates one by one in the kernel (scripts/snapmeta), as the paper's authors did.
  case snapmeta
  /// The exceptions of a real device-mapper snapshot, made by writes to its origin (drivers/md/dm-snap.c).
  case dmSnapshot = "dm-snapshot"
}

/// Simulation environment 1: so many pinned pages, then so many transient ones, one page at a time, again and again.
public struct InjectionPattern: Equatable, Sendable, Codable {
  public let pinnedPages: Int
  public let transientPages: Int

  /// Both 1 to 1,024; nil otherwise.
  public init?(pinnedPages: Int, transientPages: Int) {
    guard (1...1024).contains(pinnedPages), (1...1024).contains(transientPages) else { return nil }
    self.pinnedPages = pinnedPages
    self.transientPages = transientPages
  }

  public var text: String { "\(pinnedPages):\(transientPages)" }
}

/// A kernel setting under study: `key=value`, or `key=value@failover` to set it only before the mounts.
public struct SysctlSetting: Equatable, Sendable, Codable {
  public enum Stage: String, Sendable, Codable {
    case start
    case failover
  }

  /// Dotted, as in sysctl(8): `vm.min_free_kbytes`.
  public let key: String
  public let value: String
  public let stage: Stage

  /// Refused. The first three belong to the run itself. Of the others each one sets another to 0 when it is written
  /// (mm/page-writeback.c, mm/util.c), so that putting the one back would not put the host back.
  public static let reserved: Set<String> = [
    "vm.nr_hugepages", "vm.drop_caches", "vm.compact_memory",
    "vm.dirty_bytes", "vm.dirty_ratio", "vm.dirty_background_bytes", "vm.dirty_background_ratio",
    "vm.overcommit_kbytes", "vm.overcommit_ratio",
  ]

  /// Refused: each names a program that the kernel starts as root. A scenario may be somebody else's, and none of them has to do with memory.
  public static let programs: Set<String> = ["kernel.core_pattern", "kernel.modprobe", "kernel.hotplug", "kernel.poweroff_cmd"]

  public static let allowed =
    "KEY=VALUE or KEY=VALUE@failover, KEY dotted as in vm.min_free_kbytes; "
    + "vm.nr_hugepages, vm.drop_caches and vm.compact_memory belong to the run, and vm.dirty_*bytes, vm.dirty_*ratio and "
    + "vm.overcommit_kbytes and _ratio cannot be put back one by one; settings that name a program of the kernel's are not touched"

  public init?(_ text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let key = String(text[..<equals])
    var value = String(text[text.index(after: equals)...])
    var stage = Stage.start
    if let at = value.lastIndex(of: "@") {
      guard let named = Stage(rawValue: String(value[value.index(after: at)...])) else { return nil }
      stage = named
      value = String(value[..<at])
    }
    let components = key.split(separator: ".", omittingEmptySubsequences: false)
    let letters = key.utf8.allSatisfy {
      ($0 >= 97 && $0 <= 122) || ($0 >= 65 && $0 <= 90) || ($0 >= 48 && $0 <= 57) || $0 == 95 || $0 == 45 || $0 == 46
    }
    guard components.count >= 2, components.allSatisfy({ !$0.isEmpty }), letters, !value.isEmpty,
      value.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }), !Self.reserved.contains(key), !Self.programs.contains(key),
      !key.hasPrefix("fs.binfmt_misc.")
    else { return nil }
    self.key = key
    self.value = value
    self.stage = stage
  }

  public var text: String { stage == .start ? "\(key)=\(value)" : "\(key)=\(value)@failover" }
}

/// A quantity of the simulated machine: `watermark.low=510`. What keys there are, and what they may be, the model knows.
public struct ModelSetting: Equatable, Sendable, Codable {
  public let key: String
  public let value: String

  public static let allowed = "KEY=VALUE, KEY a parameter of the model such as watermark.low (`failover-bench model --parameters` lists them)"

  public init?(_ text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let key = String(text[..<equals])
    let value = String(text[text.index(after: equals)...])
    let letters = key.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 46 }
    guard !key.isEmpty, letters, !value.isEmpty, value.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) else { return nil }
    self.key = key
    self.value = value
  }

  public var text: String { "\(key)=\(value)" }
}

extension KeyedEncodingContainer {
  /// Without any, the record is the same as before the model came.
  mutating func encode(_ value: [ModelSetting], forKey key: Key) throws {
    try encodeIfPresent(value.isEmpty ? nil : value, forKey: key)
  }
}

extension KeyedDecodingContainer {
  /// Records written before the model came have none.
  func decode(_ type: [ModelSetting].Type, forKey key: Key) throws -> [ModelSetting] { try decodeIfPresent(type, forKey: key) ?? [] }
}
