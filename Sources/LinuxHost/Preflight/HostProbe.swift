import KernelText

/// What a preflight looks at, read once. The decisions are functions of it, so that they can be tested on machines that are
/// not here. nil means that it could not be read.
struct HostProbe: Equatable {
  struct LoopControlState: Equatable {
    var canBeOpened: Bool
    var problem: String
  }

  struct WorkDirectory: Equatable {
    var path: String
    /// nil when it is there and can be used.
    var problem: String?
    var fileSystem: String?
    var freeBytes: UInt64?
    /// Whether a file in it can be opened with O_DIRECT.
    var takesDirectIO: Bool?
  }

  struct Leftover: Equatable {
    var path: String
    var owner: String
    /// Of another container, whose process numbers mean nothing here.
    var mayBeLive: Bool
  }

  struct LoopDevices: Equatable {
    var present: Int
    var bound: Int
    /// Devices of the kernel without a node in /dev.
    var withoutNode: Int
  }

  var isRoot = false
  var capabilities: KernelCapabilities?
  var isContainer = false
  var kernelRelease: String?
  /// The user behind sudo, to whom the results are given; nil without one.
  var resultsOwner: UInt32?
  var processorCount = 1
  var pageBytes: UInt64 = 4096
  var memoryTotalBytes: UInt64?
  var memoryFreeBytes: UInt64?
  var memoryAvailableBytes: UInt64?
  var hugePageBytes: UInt64?
  var hugePagesPresent: UInt64?
  /// In the pools of all sizes.
  var hugePoolBytes: UInt64?
  var geometry = KernelGeometry()
  var memoryBlocks = MemoryBlockFacts()
  /// nil where free blocks are not reported to a hypervisor.
  var freePageReportingOrder: Int?
  /// When a file in memory gets huge pages (/sys/kernel/mm/transparent_hugepage/shmem_enabled); nil where the kernel has none.
  var sharedHugePages: String?
  var cgroupLimits: CgroupLimits?
  var swapEntries: [Swaps.Entry]?
  var fileSystems: Set<String>?
  /// The hard limit: the run raises its own soft one.
  var descriptorLimit: UInt64 = 0
  var loopControl = LoopControlState(canBeOpened: false, problem: "")
  var loopDevices: LoopDevices?
  /// Of /dev, as mountinfo names it: devtmpfs is the kernel's own, shared by all who have it.
  var deviceFileSystem: String?
  /// The journal would go with the container.
  var stateIsInContainerLayer = false
  var sysctlsWritable: [String: Bool] = [:]
  var panicOnOOM: String?
  var overcommitMemory: String?
  var hasKernelThreads = false
  var hasPressure = false
  var kernelLogProblem: String?
  /// Why a failover cannot be traced.
  var traceProblem: String?
  /// That of the volumes.
  var mkfsVersion: String?
  var mkfsPath: String?
  /// Why it cannot make the volumes; nil where it can, or was not asked.
  var mkfsProblem: String?
  /// mkfs.xfs, where the workload needs it.
  var workloadMkfsPath: String?
  var hasTransparentHugePages = false
  var hasLargeBlocksInExt4 = false
  var helperPath: String?
  var pinModulePath = ""
  var pinModuleIsThere = false
  var pinModuleIsLoaded = false
  var hasKernelModules = false
  var deviceMapperProblem: String?
  /// Modules of the backend `dm-snapshot` that are neither in the kernel nor can be loaded.
  var missingMapperTargets: [String] = []
  var hasSlabFolder = false
  var workDirectory = WorkDirectory(path: "")
  var stateDirectoryProblem: String?
  /// Who holds the host; nil where no run is on, or where that cannot be told.
  var activeRun: String?
  var leftovers: [Leftover] = []
}
