import Experiment

/// Whether a profile that was read back can have been written by this program.
enum ProfileValidation {
  /// Sums over all mounts stay far below 64 bits.
  private static let maximumBlocks: UInt64 = 1 << 36
  /// 13 days.
  private static let maximumNanoseconds: UInt64 = 1 << 50
  private static let maximumOrder = 20

  /// The first thing wrong, as `key: what`; nil when nothing is.
  static func flaw(in profile: AllocationProfile) -> String? {
    let name = profile.fileSystem
    guard (1...32).contains(name.utf8.count), SingleLine.text(name) == name else {
      return "fileSystem: is not the name of a file system"
    }
    let page = profile.host.pageBytes
    guard (4096...65_536).contains(page), page & (page - 1) == 0 else {
      return "host.pageBytes: \(page) is not a page size"
    }
    guard (1...4096).contains(profile.mounts.count) else {
      return "mounts: \(profile.mounts.count) are not 1 to 4096"
    }
    for (index, mount) in profile.mounts.enumerated() {
      if let flaw = flaw(in: mount, number: index + 1) { return "mounts[\(index)].\(flaw)" }
    }
    return profile.mountDemand == profile.demand?.text ? nil : "mountDemand: does not follow from the mounts"
  }

  private static func flaw(in mount: MountProfile, number: Int) -> String? {
    if mount.number != number { return "number: \(mount.number) is out of order" }
    if mount.durationNanoseconds > maximumNanoseconds { return "durationNanoseconds: too long" }
    if mount.lostEvents > maximumBlocks || mount.interruptAllocations > maximumBlocks { return "a count is too large" }
    var kinds: Set<AllocationCount.Kind> = []
    for (index, count) in mount.allocations.enumerated() {
      guard (0...maximumOrder).contains(count.kind.order) else {
        return "allocations[\(index)].kind.order: \(count.kind.order) is not an order"
      }
      guard (0...255).contains(count.kind.migrateType) else {
        return "allocations[\(index)].kind.migrateType: is not a migratetype"
      }
      if count.blocks > maximumBlocks || count.failed > maximumBlocks {
        return "allocations[\(index)]: a count is too large"
      }
      guard kinds.insert(count.kind).inserted else { return "allocations[\(index)].kind: appears twice" }
    }
    for (key, work) in [("directReclaim", mount.directReclaim), ("compaction", mount.compaction)] {
      guard let work else { continue }
      if work.durationNanoseconds > maximumNanoseconds || work.calls > maximumBlocks
        || work.incompleteCalls > maximumBlocks
      {
        return "\(key): too large"
      }
    }
    return nil
  }
}
