import HostJournal
import KernelText
import LinuxSystem
import SystemPackage

extension HostProbe {
  /// Reads this machine. Writes nothing.
  static func read(
    sysctls: [String], workDirectory: String, stateDirectory: String, helperPath: String, mkfsPath: String?,
    pinModulePath: String? = nil
  ) -> HostProbe {
    var probe = HostProbe()
    probe.isRoot = User.isRoot
    probe.capabilities = (try? KernelFile.read("/proc/self/status")).flatMap {
      try? KernelCapabilities.parse(procStatus: $0)
    }
    probe.isContainer = ContainerMark.isPresent
    probe.kernelRelease = KernelFile.trimmed("/proc/sys/kernel/osrelease")
    if User.isRoot { probe.resultsOwner = EnvironmentVariable.value("SUDO_UID").flatMap { UInt32($0) } }
    probe.processorCount = Machine.processorCount
    probe.deviceFileSystem = deviceFileSystem()
    probe.stateIsInContainerLayer = probe.isContainer && nearestFileSystem(stateDirectory) == "overlayfs"
    probe.pageBytes = Machine.pageBytes
    probe.readMemory()
    probe.geometry = .read()
    probe.memoryBlocks = .read()
    probe.freePageReportingOrder = FreePageReporting.order()
    // Of "always within_size advise [never] deny force" the one in brackets.
    probe.sharedHugePages = KernelFile.trimmed("/sys/kernel/mm/transparent_hugepage/shmem_enabled").flatMap { text in
      text.split(separator: " ").first { $0.hasPrefix("[") }.map { $0.filter { $0 != "[" && $0 != "]" } }
    }
    probe.readCgroups()
    probe.swapEntries = (try? KernelFile.read("/proc/swaps")).flatMap { try? Swaps.parse($0) }?.entries
    probe.fileSystems = (try? KernelFile.read("/proc/filesystems")).flatMap { try? FileSystems.parse($0) }?.names
    probe.descriptorLimit = DescriptorLimit.hard
    do throws(Errno) {
      try LoopControlDevice().close()
      probe.loopControl.canBeOpened = true
    } catch { probe.loopControl.problem = "\(error)" }
    probe.readLoopDevices()
    for key in sysctls where FileSystem.exists(Sysctl.path(key)) {
      probe.sysctlsWritable[key] = FileSystem.isWritable(Sysctl.path(key))
    }
    probe.overcommitMemory = KernelFile.trimmed("/proc/sys/vm/overcommit_memory")
    probe.panicOnOOM = KernelFile.trimmed("/proc/sys/vm/panic_on_oom")
    probe.hasKernelThreads = KernelThreads.areVisible
    probe.hasPressure = (try? KernelFile.read("/proc/pressure/memory")) != nil
    do throws(SystemError) { _ = try KernelLogReader() } catch { probe.kernelLogProblem = "\(error.errno)" }
    probe.traceProblem = TraceInstance.problem()
    probe.mkfsPath = mkfsPath
    if let mkfsPath { probe.mkfsVersion = version(of: mkfsPath) }
    probe.helperPath = FileSystem.isExecutable(helperPath) ? helperPath : nil
    probe.pinModulePath = pinModulePath ?? PinningModule.standardPath()
    probe.pinModuleIsThere = (try? FileSystem.targetStatus(of: probe.pinModulePath))?.type == .regular
    probe.pinModuleIsLoaded = FileSystem.exists("/sys/module/snapmeta")
    probe.hasKernelModules = FileSystem.exists("/proc/modules")
    probe.readDeviceMapper()
    probe.readWorkDirectory(workDirectory)
    probe.readState(stateDirectory)
    return probe
  }

  private mutating func readDeviceMapper() {
    // Not opened: that would load the device mapper.
    do throws(Errno) { try FileSystem.checkReadWrite("/dev/mapper/control") } catch { deviceMapperProblem = "\(error)" }
    hasSlabFolder = FileSystem.exists("/sys/kernel/slab")
    let folder = "/lib/modules/\(kernelRelease ?? "unknown")"
    let lists = ["modules.dep", "modules.builtin"].compactMap { try? KernelFile.read("\(folder)/\($0)") }
    missingMapperTargets = ["dm-snapshot", "dm-zero"].filter { name in
      let loaded = String(name.map { $0 == "-" ? "_" : $0 })
      return !FileSystem.exists("/sys/module/\(loaded)") && !lists.contains { $0.contains("/\(name).ko") }
    }
  }

  private mutating func readMemory() {
    guard let memory = (try? KernelFile.read("/proc/meminfo")).flatMap({ try? MemInfo.parse($0) }) else { return }
    memoryTotalBytes = memory.bytes("MemTotal")
    memoryFreeBytes = memory.bytes("MemFree")
    memoryAvailableBytes = memory.bytes("MemAvailable")
    hugePageBytes = memory.bytes("Hugepagesize")
    hugePagesPresent = memory.count("HugePages_Total")
    // Of all sizes; kernels before 4.20 tell that of the default size alone.
    hugePoolBytes = memory.bytes("Hugetlb") ?? hugePagesPresent.map { $0 * (hugePageBytes ?? 0) }
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
      if !FileSystem.exists("/dev/\(name)") { devices.withoutNode += 1 }
    }
    loopDevices = devices
  }

  private mutating func readWorkDirectory(_ path: String) {
    workDirectory = WorkDirectory(path: path)
    switch (try? FileSystem.status(of: path))?.type {
    case nil: workDirectory.problem = "it does not exist"
    case .symbolicLink: workDirectory.problem = "it is a symbolic link"
    case .directory:
      workDirectory.problem = TrustedPath(path).flaw.map { "\($0), and so could lead what root does in it elsewhere" }
    default: workDirectory.problem = "it is not a directory"
    }
    // What is not to be used is not tried either.
    if workDirectory.problem != nil { return }
    workDirectory.fileSystem = HostFactsFileSystem.name(of: path)
    workDirectory.freeBytes = try? FileSystem.availableBytes(of: path)
    workDirectory.takesDirectIO = try? FileSystem.takesDirectIO(in: path)
  }

  private mutating func readState(_ path: String) {
    // The lock is the host's, whatever state directory a run has; where it cannot be tried, a journal tells.
    // Opened only where there are loop devices: it would load their module, without which no run is on.
    if FileSystem.exists("/sys/module/loop") {
      do throws(JournalError) { try HostLock.acquire(stateDirectory: FilePath(path)).release() } catch {
        if case .runActive(let pid) = error.kind { activeRun = pid.map { "process \($0)" } ?? "perhaps in a container" }
      }
    }
    do throws(JournalError) {
      for entry in try JournalDirectory.entries(FilePath(path)) {
        let (owner, mayBeLive): (String, Bool)
        switch entry.owner {
        case .live(let process):
          activeRun = activeRun ?? "process \(process.pid)"
          continue
        case .stale: (owner, mayBeLive) = ("a run that was killed", false)
        case .elsewhere: (owner, mayBeLive) = ("a run in another container", true)
        case .unknown: (owner, mayBeLive) = ("an unknown run", false)
        }
        leftovers.append(Leftover(path: entry.path.string, owner: owner, mayBeLive: mayBeLive))
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

  static func version(of mkfs: String) -> String? {
    ending(of: mkfs, ["-V"]).flatMap { ending, text in
      ending.isSuccess ? text.split(separator: "\n").first.map(String.init) : nil
    }
  }

  /// How a program ended, and what it said; nil where it could not be started, or did not end in time.
  static func ending(
    of program: String, _ arguments: [String], descriptors: [(own: Int32, child: Int32)] = []
  ) -> (ending: ChildProcess.Ending, text: String)? {
    guard let ends = try? Pipe.make() else { return nil }
    let reading = Descriptor(adopting: ends.read)
    let writing = Descriptor(adopting: ends.write)
    guard
      let process = try? ChildProcess(spawning: program, arguments, descriptors: descriptors, output: writing.rawValue)
    else { return nil }
    try? writing.close()
    // A process that is dropped is killed: a doctor that hangs would help nobody.
    guard process.hasEnded(withinNanoseconds: 5_000_000_000) else { return nil }
    let ending = process.wait()
    guard let bytes = try? reading.readToEnd(limitBytes: 64 << 10) else { return nil }
    return (ending, String(decoding: bytes, as: UTF8.self))
  }
}
