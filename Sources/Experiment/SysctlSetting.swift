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

  /// Refused: each sets another to 0 when it is written (mm/page-writeback.c, mm/util.c), so that putting the one back would not put the
  /// host back. So are those that the run has for itself (``RunSetting/isReserved``).
  public static let paired = [
    "vm.dirty_bytes", "vm.dirty_ratio", "vm.dirty_background_bytes", "vm.dirty_background_ratio",
    "vm.overcommit_kbytes",
    "vm.overcommit_ratio",
  ]

  /// Refused: each names a program that the kernel starts as root. A scenario may be somebody else's, and none of them has to do with memory.
  public static let programs: Set<String> = [
    "kernel.core_pattern", "kernel.modprobe", "kernel.hotplug", "kernel.poweroff_cmd",
  ]

  static let form = ValueForm<SysctlSetting>(
    valueName: "key=value[@failover]",
    expected: "KEY=VALUE, or KEY=VALUE@failover to set it only before the mounts, KEY as in vm.min_free_kbytes; not "
      + RunSetting.all.filter(\.isReserved).map(\.key).joined(separator: ", ") + " (the run's own), "
      + paired.joined(separator: ", ")
      + " (cannot be put back one by one) or settings that name a program for the kernel to run"
  ) {
    SysctlSetting($0)
  } text: {
    $0.text
  }

  public init?(_ text: String) {
    guard let given = KeyValue(text) else { return nil }
    let key = given.key
    var value = given.value
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
    guard components.count >= 2, components.allSatisfy({ !$0.isEmpty }), letters, value.isPrintableASCII,
      !(RunSetting.named(key)?.isReserved ?? false),
      !Self.paired.contains(key),
      !Self.programs.contains(key), !key.hasPrefix("fs.binfmt_misc.")
    else { return nil }
    (self.key, self.value, self.stage) = (key, value, stage)
  }

  public var text: String { stage == .start ? "\(key)=\(value)" : "\(key)=\(value)@failover" }
}
