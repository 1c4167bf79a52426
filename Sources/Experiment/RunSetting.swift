/// A kernel setting that a run writes by itself, beside those that the scenario names: the one list of them.
///
/// What a changed one is put back by has a rule for how the kernel takes a number (`SysctlRule` of HostJournal). That rule stands there
/// and not here: it is the kernel's, it holds for any setting that a scenario names, and putting back must do without a scenario. A test
/// holds the two together.
public struct RunSetting: Sendable {
  public enum Use: Sendable {
    /// Has another value during the run, which is put back.
    case changed
    /// Is given the value that it has, for what the kernel does when it is written.
    case rewritten
    /// Is not changed by the run itself: the kernel computes it anew for each block of memory that a run takes, and it is given back the value that it had.
    case recomputed
    /// Holds no value: it is written for what the kernel does then.
    case action
  }

  /// What the kernel makes of a number that is written.
  public enum Rounding: Sendable {
    case none
    /// As many pages as it can find, up to that number.
    case downToWhatThereIs
    case upToPowerOfTwo
  }

  /// Dotted, as in sysctl(8).
  public let key: String
  public let use: Use
  public let rounding: Rounding
  /// Whether a run breaks off where the kernel does not have it.
  public let isNeeded: Bool
  /// Whether a scenario may not name it.
  public let isReserved: Bool
  /// What to do about a kernel that does not have it.
  public let adviceIfMissing: String
  private let condition: @Sendable (Scenario) -> Bool

  /// Whether a run of `scenario` may write it.
  public func isWritten(by scenario: Scenario) -> Bool { condition(scenario) }

  private init(
    _ key: String, _ use: Use, rounding: Rounding = .none, isNeeded: Bool, isReserved: Bool = false,
    adviceIfMissing: String = "",
    when condition: @escaping @Sendable (Scenario) -> Bool = { _ in true }
  ) {
    (self.key, self.use, self.rounding, self.isNeeded, self.isReserved) = (key, use, rounding, isNeeded, isReserved)
    (self.adviceIfMissing, self.condition) = (adviceIfMissing, condition)
  }

  /// Frees clean pages and inodes before the start state is read.
  public static let dropCaches = RunSetting("vm.drop_caches", .action, isNeeded: true, isReserved: true)
  /// Compacts all zones before the start state is read.
  public static let compactMemory = RunSetting(
    "vm.compact_memory", .action, isNeeded: true, isReserved: true,
    adviceIfMissing: "a kernel with CONFIG_COMPACTION is needed")
  /// The largest ring of a pipe, in bytes: rings are what a mount demand's blocks are made of (round_pipe_size, fs/pipe.c).
  public static let pipeLimit = RunSetting("fs.pipe-max-size", .changed, rounding: .upToPowerOfTwo, isNeeded: true)
  /// The pool of huge pages, which holds memory back (Documentation/admin-guide/mm/hugetlbpage.rst).
  public static let hugePages = RunSetting(
    "vm.nr_hugepages", .changed, rounding: .downToWhatThereIs, isNeeded: true, isReserved: true,
    adviceIfMissing: "run with --memory none, or on a kernel with CONFIG_HUGETLBFS"
  ) { $0.memoryBytes != nil && $0.memoryMethod == .ballast }
  /// How much of the inodes is reclaimed for what is reclaimed of data, in percent.
  public static let inodePressure = RunSetting("vm.vfs_cache_pressure", .changed, isNeeded: true) { $0.inodeResident }
  /// The value of ``inodePressure`` under which inodes really stay. With 1 the kernel threw 684 MB of them away at the first mount that was short of
  /// a block (Linux 6.1); the paper's keeps them.
  public static let keptInodes = "0"
  /// What part of a zone processors may keep of free pages to themselves, as a divisor. Linux 5.14 was the first to have it.
  public static let perCPUListFraction = RunSetting("vm.percpu_pagelist_high_fraction", .changed, isNeeded: false)
  /// Has processors give back free pages that they keep.
  public static let refreshStatistics = RunSetting("vm.stat_refresh", .action, isNeeded: false)
  /// The distance of the watermarks; they are recomputed when it is written. Linux 4.6 was the first to have it.
  public static let watermarkScale = RunSetting("vm.watermark_scale_factor", .rewritten, isNeeded: false)

  /// What the watermarks are computed from, for each block that goes or comes (mm/page_alloc.c, `init_per_zone_wmark_min`; mm/khugepaged.c raises even one that was set).
  public static let minimumFree = RunSetting(
    "vm.min_free_kbytes", .recomputed, isNeeded: false
  ) { $0.takesMemoryBlocks }

  /// What strict overcommit keeps for a user's programs and for an administrator's: computed anew from what is free whenever memory comes (mm/mmap.c,
  /// `reserve_mem_notifier`). A run of a divided memory left 4 kB more there (Linux 6.1).
  public static let userReserve = RunSetting(
    "vm.user_reserve_kbytes", .recomputed, isNeeded: false
  ) { $0.takesMemoryBlocks }
  public static let adminReserve = RunSetting(
    "vm.admin_reserve_kbytes", .recomputed, isNeeded: false
  ) { $0.takesMemoryBlocks }

  /// In the order in which they are checked.
  public static let all = [
    dropCaches, compactMemory, pipeLimit, hugePages, inodePressure, perCPUListFraction, refreshStatistics,
    watermarkScale, minimumFree, userReserve, adminReserve,
  ]

  /// The entry of `key`; nil for a setting that only a scenario may name.
  public static func named(_ key: String) -> RunSetting? { all.first { $0.key == key } }

  /// The keys of those that hold a value, which must be after a run what it was before.
  public static let keysWithValue = all.filter { $0.use != .action }.map(\.key)
}

extension Scenario {
  /// The settings that a run of it cannot do without, each key once: the run's own, then those that it names.
  public var neededSettings: [String] {
    var keys = RunSetting.all.filter { $0.isNeeded && $0.isWritten(by: self) }.map(\.key)
    for setting in sysctls where !keys.contains(setting.key) { keys.append(setting.key) }
    return keys
  }

  /// The settings whose value a run of it may change, each key once.
  public var changedSettings: [String] {
    var keys = RunSetting.keysWithValue
    for setting in sysctls where !keys.contains(setting.key) { keys.append(setting.key) }
    return keys
  }
}
