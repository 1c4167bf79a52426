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
  }

  struct Leftover: Equatable {
    var path: String
    var owner: String
    var isLive: Bool
  }

  var isRoot = false
  var capabilities: KernelCapabilities?
  var isContainer = false
  var pageBytes: UInt64 = 4096
  var memoryTotalBytes: UInt64?
  var memoryFreeBytes: UInt64?
  var memoryAvailableBytes: UInt64?
  var hugePageBytes: UInt64?
  var hugePagesPresent: UInt64?
  /// The smallest limit of the memory cgroups that this process is in; nil without one.
  var cgroupLimitBytes: UInt64?
  var swapEntries: [Swaps.Entry] = []
  var fileSystems: Set<String>?
  /// The hard limit: the run raises its own soft one.
  var descriptorLimit: UInt64 = 0
  var loopControl = LoopControlState(canBeOpened: false, problem: "")
  var deviceNodesMissing = 0
  /// Of /dev, as mountinfo names it: devtmpfs is the kernel's own, shared by all who have it.
  var deviceFileSystem: String?
  /// The journal would go with the container.
  var stateIsInContainerLayer = false
  var boundLoopDevices = 0
  var sysctlsWritable: [String: Bool] = [:]
  var panicOnOOM: String?
  var hasKernelThreads = false
  var hasPressure = false
  var kernelLogProblem: String?
  var mkfsVersion: String?
  var mkfsPath: String?
  var helperPath: String?
  var workDirectory = WorkDirectory(path: "")
  var stateDirectoryProblem: String?
  var leftovers: [Leftover] = []
}

extension HostProbe {
  /// Reads this machine. Writes nothing.
  static func read(
    sysctls: [String], workDirectory: String, stateDirectory: String, helperPath: String, mkfsPath: String?
  ) -> HostProbe {
    var probe = HostProbe()
    probe.isRoot = User.isRoot
    probe.capabilities = (try? KernelFile.read("/proc/self/status")).flatMap { try? KernelCapabilities.parse(procStatus: $0) }
    var status = stat()
    probe.isContainer = ContainerMark.isPresent
    probe.deviceFileSystem = deviceFileSystem()
    probe.stateIsInContainerLayer = probe.isContainer && nearestFileSystem(stateDirectory) == "overlayfs"
    probe.pageBytes = UInt64(sysconf(Int32(_SC_PAGESIZE)))
    probe.readMemory()
    probe.swapEntries = (try? KernelFile.read("/proc/swaps")).flatMap { try? Swaps.parse($0) }?.entries ?? []
    probe.fileSystems = (try? KernelFile.read("/proc/filesystems")).flatMap { try? FileSystems.parse($0) }?.names
    var limit = rlimit()
    if getrlimit(clinux_rlimit_nofile(), &limit) == 0 { probe.descriptorLimit = UInt64(limit.rlim_max) }
    do throws(SystemError) {
      try OwnedDescriptor(opening: "/dev/loop-control", O_RDWR).close()
      probe.loopControl.canBeOpened = true
    } catch { probe.loopControl.problem = "\(error.errno)" }
    for name in (try? Directory.names(in: "/sys/block")) ?? [] where name.hasPrefix("loop") {
      if clinux_stat("/dev/\(name)", &status) != 0 { probe.deviceNodesMissing += 1 }
      if let number = Int(name.dropFirst(4)), LoopControl.isBound(number) { probe.boundLoopDevices += 1 }
    }
    for key in sysctls where isPresent(Sysctl.path(key)) { probe.sysctlsWritable[key] = isWritable(Sysctl.path(key)) }
    probe.panicOnOOM = KernelFile.trimmed("/proc/sys/vm/panic_on_oom")
    probe.hasKernelThreads = BackgroundClock().hasKernelThreads
    probe.hasPressure = (try? KernelFile.read("/proc/pressure/memory")) != nil
    do throws(SystemError) { _ = try KernelLogReader() } catch { probe.kernelLogProblem = "\(error.errno)" }
    probe.mkfsPath = mkfsPath
    if let mkfsPath { probe.mkfsVersion = version(of: mkfsPath) }
    probe.helperPath = isExecutable(helperPath) ? helperPath : nil
    probe.readWorkDirectory(workDirectory)
    probe.readState(stateDirectory)
    return probe
  }

  private mutating func readMemory() {
    guard let memory = (try? KernelFile.read("/proc/meminfo")).flatMap({ try? MemInfo.parse($0) }) else { return }
    memoryTotalBytes = memory.bytes("MemTotal")
    memoryFreeBytes = memory.bytes("MemFree")
    memoryAvailableBytes = memory.bytes("MemAvailable")
    hugePageBytes = memory.bytes("Hugepagesize")
    hugePagesPresent = memory.count("HugePages_Total")
    guard let groups = (try? KernelFile.read("/proc/self/cgroup")).flatMap({ try? ControlGroups.parse($0) }) else { return }
    for entry in groups.entries {
      let isVersion2 = entry.hierarchy == 0 && entry.controllers.isEmpty
      guard isVersion2 || entry.controllers.contains("memory") else { continue }
      let (root, file) = isVersion2 ? ("/sys/fs/cgroup", "memory.max") : ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
      // A limit holds for all below it. In a cgroup namespace the path is relative to what is mounted, so the top is looked
      // at too.
      var components = entry.path.split(separator: "/").map(String.init)
      while true {
        let path = ([root] + components + [file]).joined(separator: "/")
        // "max" is no number; version 1 writes the largest multiple of a page for no limit.
        if let text = KernelFile.trimmed(path), let limit = UInt64(text), limit < 1 << 60 {
          cgroupLimitBytes = min(cgroupLimitBytes ?? limit, limit)
        }
        if components.popLast() == nil { break }
      }
    }
  }

  private mutating func readWorkDirectory(_ path: String) {
    workDirectory = WorkDirectory(path: path)
    var status = stat()
    guard clinux_lstat(path, &status) == 0 else {
      workDirectory.problem = "it is not there"
      return
    }
    let mode = Int32(bitPattern: status.st_mode)
    if mode & S_IFMT == S_IFLNK {
      workDirectory.problem = "it is a symbolic link"
    } else if mode & S_IFMT != S_IFDIR {
      workDirectory.problem = "it is not a directory"
    } else if mode & 0o022 != 0 && mode & S_ISVTX == 0 {
      workDirectory.problem = "group or others may write to it, and there is no sticky bit to keep them off what is ours"
    } else if status.st_uid != 0 && status.st_uid != geteuid() {
      workDirectory.problem = "it belongs to user \(status.st_uid)"
    }
    workDirectory.fileSystem = HostFactsFileSystem.name(of: path)
    var space = statvfs()
    if statvfs(path, &space) == 0 { workDirectory.freeBytes = UInt64(space.f_bavail) * UInt64(space.f_frsize) }
  }

  private mutating func readState(_ path: String) {
    do throws(JournalError) {
      for entry in try JournalDirectory.entries(FilePath(path)) {
        let (owner, isLive): (String, Bool) =
          switch entry.owner {
          case .live(let process): ("process \(process.pid)", true)
          case .stale: ("a run that was killed", false)
          case .elsewhere: ("a run in another container", false)
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

  private static func isPresent(_ path: String) -> Bool { access(path, F_OK) == 0 }
  private static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  private static func version(of mkfs: String) -> String? {
    guard let ends = try? pipeEnds() else { return nil }
    let reading = OwnedDescriptor(adopting: ends.0)
    let writing = OwnedDescriptor(adopting: ends.1)
    guard let process = try? ChildProcess(spawning: mkfs, ["-V"], output: writing.rawValue) else { return nil }
    try? writing.close()
    guard process.wait().isSuccess else { return nil }
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
