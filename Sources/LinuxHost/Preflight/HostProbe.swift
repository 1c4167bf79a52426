import CLinux
import HostJournal
import KernelText
import LinuxSystem
import SystemPackage

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
    /// nil for a run in another container: its process numbers mean nothing here.
    var isLive: Bool?
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
  var mkfsVersion: String?
  var mkfsPath: String?
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
  var leftovers: [Leftover] = []
}

extension HostProbe {
  /// Reads this machine. Writes nothing.
  static func read(
    sysctls: [String], workDirectory: String, stateDirectory: String, helperPath: String, mkfsPath: String?, pinModulePath: String? = nil
  ) -> HostProbe {
    var probe = HostProbe()
    probe.isRoot = User.isRoot
    probe.capabilities = (try? KernelFile.read("/proc/self/status")).flatMap { try? KernelCapabilities.parse(procStatus: $0) }
    probe.isContainer = ContainerMark.isPresent
    probe.kernelRelease = KernelFile.trimmed("/proc/sys/kernel/osrelease")
    if User.isRoot { probe.resultsOwner = EnvironmentVariable.value("SUDO_UID").flatMap { UInt32($0) } }
    probe.processorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    probe.deviceFileSystem = deviceFileSystem()
    probe.stateIsInContainerLayer = probe.isContainer && nearestFileSystem(stateDirectory) == "overlayfs"
    probe.pageBytes = UInt64(sysconf(Int32(_SC_PAGESIZE)))
    probe.readMemory()
    probe.readCgroups()
    probe.swapEntries = (try? KernelFile.read("/proc/swaps")).flatMap { try? Swaps.parse($0) }?.entries
    probe.fileSystems = (try? KernelFile.read("/proc/filesystems")).flatMap { try? FileSystems.parse($0) }?.names
    var limit = rlimit()
    if getrlimit(clinux_rlimit_nofile(), &limit) == 0 { probe.descriptorLimit = UInt64(limit.rlim_max) }
    do throws(SystemError) {
      try OwnedDescriptor(opening: "/dev/loop-control", O_RDWR).close()
      probe.loopControl.canBeOpened = true
    } catch { probe.loopControl.problem = "\(error.errno)" }
    probe.readLoopDevices()
    for key in sysctls where isPresent(Sysctl.path(key)) { probe.sysctlsWritable[key] = isWritable(Sysctl.path(key)) }
    probe.overcommitMemory = KernelFile.trimmed("/proc/sys/vm/overcommit_memory")
    probe.panicOnOOM = KernelFile.trimmed("/proc/sys/vm/panic_on_oom")
    probe.hasKernelThreads = BackgroundClock().hasKernelThreads
    probe.hasPressure = (try? KernelFile.read("/proc/pressure/memory")) != nil
    do throws(SystemError) { _ = try KernelLogReader() } catch { probe.kernelLogProblem = "\(error.errno)" }
    probe.mkfsPath = mkfsPath
    if let mkfsPath { probe.mkfsVersion = version(of: mkfsPath) }
    probe.helperPath = isExecutable(helperPath) ? helperPath : nil
    probe.pinModulePath = pinModulePath ?? PinningModule.standardPath()
    var status = stat()
    probe.pinModuleIsThere = clinux_stat(probe.pinModulePath, &status) == 0 && status.st_mode & UInt32(S_IFMT) == UInt32(S_IFREG)
    probe.pinModuleIsLoaded = isPresent("/sys/module/snapmeta")
    probe.hasKernelModules = isPresent("/proc/modules")
    probe.readDeviceMapper()
    probe.readWorkDirectory(workDirectory)
    probe.readState(stateDirectory)
    return probe
  }

  private mutating func readDeviceMapper() {
    // Not opened: that would load the device mapper.
    do throws(SystemError) {
      try systemCall("look at", "/dev/mapper/control") { access("/dev/mapper/control", R_OK | W_OK) }
    } catch { deviceMapperProblem = "\(error.errno)" }
    hasSlabFolder = Self.isPresent("/sys/kernel/slab")
    let folder = "/lib/modules/\(kernelRelease ?? "unknown")"
    let lists = ["modules.dep", "modules.builtin"].compactMap { try? KernelFile.read("\(folder)/\($0)") }
    missingMapperTargets = ["dm-snapshot", "dm-zero"].filter { name in
      let loaded = String(name.map { $0 == "-" ? "_" : $0 })
      return !Self.isPresent("/sys/module/\(loaded)") && !lists.contains { $0.contains("/\(name).ko") }
    }
  }

  private mutating func readMemory() {
    guard let memory = (try? KernelFile.read("/proc/meminfo")).flatMap({ try? MemInfo.parse($0) }) else { return }
    memoryTotalBytes = memory.bytes("MemTotal")
    memoryFreeBytes = memory.bytes("MemFree")
    memoryAvailableBytes = memory.bytes("MemAvailable")
    hugePageBytes = memory.bytes("Hugepagesize")
    hugePagesPresent = memory.count("HugePages_Total")
  }

  private mutating func readCgroups() {
    guard let groups = (try? KernelFile.read("/proc/self/cgroup")).flatMap({ try? ControlGroups.parse($0) }),
      let mounts = (try? KernelFile.read("/proc/self/mountinfo")).flatMap({ try? MountInfo.parse($0) })
    else { return }
    cgroupLimits = CgroupLimits(groups: groups, mounts: mounts, file: KernelFile.trimmed)
  }

  private mutating func readLoopDevices() {
    guard let names = try? Directory.names(in: "/sys/block") else { return }
    var devices = LoopDevices(present: 0, bound: 0, withoutNode: 0)
    for name in names where name.hasPrefix("loop") {
      guard let number = Int(name.dropFirst(4)) else { continue }
      devices.present += 1
      if LoopControl.isBound(number) { devices.bound += 1 }
      if !Self.isPresent("/dev/\(name)") { devices.withoutNode += 1 }
    }
    loopDevices = devices
  }

  private mutating func readWorkDirectory(_ path: String) {
    workDirectory = WorkDirectory(path: path)
    var status = stat()
    guard clinux_lstat(path, &status) == 0 else {
      workDirectory.problem = "it is not there"
      return
    }
    switch Int32(bitPattern: status.st_mode) & S_IFMT {
    case S_IFLNK: workDirectory.problem = "it is a symbolic link"
    case S_IFDIR: workDirectory.problem = TrustedPath(path).flaw.map { "\($0), and so could lead what root does in it elsewhere" }
    default: workDirectory.problem = "it is not a directory"
    }
    // What is not to be used is not tried either.
    if workDirectory.problem != nil { return }
    workDirectory.fileSystem = HostFactsFileSystem.name(of: path)
    var space = statvfs()
    if statvfs(path, &space) == 0 { workDirectory.freeBytes = UInt64(space.f_bavail) * UInt64(space.f_frsize) }
    workDirectory.takesDirectIO = Self.takesDirectIO(path)
  }

  private mutating func readState(_ path: String) {
    do throws(JournalError) {
      for entry in try JournalDirectory.entries(FilePath(path)) {
        let (owner, isLive): (String, Bool?) =
          switch entry.owner {
          case .live(let process): ("process \(process.pid)", true)
          case .stale: ("a run that was killed", false)
          case .elsewhere: ("a run in another container", nil)
          case .unknown: ("an unknown run", false)
          }
        leftovers.append(Leftover(path: entry.path.string, owner: owner, isLive: isLive))
      }
    } catch { stateDirectoryProblem = "\(error)" }
  }

  private static func deviceFileSystem() -> String? {
    let mounts = (try? KernelFile.read("/proc/self/mountinfo")).flatMap { try? MountInfo.parse($0) }
    return mounts?.entries.last { $0.mountPoint == "/dev" }?.fileSystem
  }

  /// Of `path`, or of the nearest directory above it that is there.
  private static func nearestFileSystem(_ path: String) -> String? {
    var components = path.split(separator: "/")
    while true {
      if let name = HostFactsFileSystem.name(of: "/" + components.joined(separator: "/")) { return name }
      if components.popLast() == nil { return nil }
    }
  }

  /// Tried on a file without a name, which is gone when it is closed; nil where such files cannot be made.
  private static func takesDirectIO(_ directory: String) -> Bool? {
    do throws(SystemError) {
      let number = try systemCall("open a file with direct I/O in", directory) { clinux_open_unnamed_direct(directory) }
      clinux_close(number)
      return true
    } catch {
      return error.errno == .invalidArgument ? false : nil
    }
  }

  private static func isPresent(_ path: String) -> Bool { access(path, F_OK) == 0 }
  private static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  static func version(of mkfs: String) -> String? {
    guard let ends = try? pipeEnds() else { return nil }
    let reading = OwnedDescriptor(adopting: ends.0)
    let writing = OwnedDescriptor(adopting: ends.1)
    guard let process = try? ChildProcess(spawning: mkfs, ["-V"], output: writing.rawValue) else { return nil }
    try? writing.close()
    // A process that is dropped is killed: a doctor that hangs would help nobody.
    guard process.hasEnded(withinNanoseconds: 5_000_000_000), process.wait().isSuccess else { return nil }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = bytes.withUnsafeMutableBytes { clinux_read(reading.rawValue, $0.baseAddress, $0.count) }
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").first.map(String.init)
  }

  private static func pipeEnds() throws(SystemError) -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    try systemCall("make a pipe") { ends.withUnsafeMutableBufferPointer { clinux_pipe($0.baseAddress, 0) } }
    return (ends[0], ends[1])
  }
}
