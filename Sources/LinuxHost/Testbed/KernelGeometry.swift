import KernelText
import LinuxSystem

/// How this kernel lays out its own memory, where 2005's did otherwise.
struct KernelGeometry: Equatable {
  /// Whether page blocks are kept for one mobility each (mm/page_alloc.c, `page_group_by_mobility_disabled`).
  var groupsByMobility = true
  /// The order of the pages that XFS's inodes are taken from; nil where XFS is not loaded, or its slab cannot be seen.
  var inodeSlabOrder: Int?

  /// 2005's machine: no grouping, and each page of inodes by itself.
  var isAs2005: Bool { !groupsByMobility && inodeSlabOrder == 0 }

  /// The kernel groups whenever it has more than some 12 MB, and shows whether it does nowhere but in its log at boot: the module of scripts/ungroup,
  /// which switches it off later, shows the variable itself. A zone that comes online switches it on again (mm/page_alloc.c,
  /// `build_all_zonelists`).
  static func read() -> KernelGeometry {
    let inodes = (try? KernelFile.read("/proc/slabinfo")).flatMap { try? SlabInfo.parse($0) }?["xfs_inode"]
    return KernelGeometry(
      groupsByMobility: KernelFile.trimmed("/sys/module/ungroup/parameters/disabled") != "1",
      inodeSlabOrder: inodes.map { $0.pagesPerSlab.trailingZeroBitCount })
  }

  /// As they stand among the settings of a record.
  var settings: [String: String] {
    var settings = ["page_group_by_mobility": groupsByMobility ? "on" : "off"]
    if let inodeSlabOrder { settings["slab.xfs_inode.order"] = "\(inodeSlabOrder)" }
    return settings
  }
}
