import BasicContainers
public import Experiment
import LinuxSystem
import PressureProtocol
import SystemPackage

extension LinuxTestbed {
  public mutating func prepare(_ context: some RunContext) throws(TestbedFailure) {
    try pressure.waitUntilReady(context)
    try attempting("set up the work directory") { () throws(SystemError) in
      try Directory.make(imageDirectory)
      try Directory.make(configuration.workDirectory + "/mnt")
      loopControl = try LoopControl()
    }
    try takeMemoryBlocks(context)
    try makeVolumes(context)
    if scenario.crashedVolumes { try crashVolumes(context) }
    if scenario.phases.contains(.populate) && scenario.files > 0 { try makeWorkload() }
    try raisePipeLimit(context)
    try holdBallast(context)
    try divideMemory()
    // Once the machine has its size: which zones there are is asked once.
    observer = try MemoryObserver()
    capabilities.unavailable += observer!.unavailable()
    if configuration.tracesFailover {
      let total = try HostMemory.totalBytes()
      failoverTrace = try FailoverTrace.make(
        runID: configuration.runID, memoryBytes: scenario.memoryBytes ?? total, journal: &journal)
      capabilities.unavailable += failoverTrace!.unavailable()
    }
  }

  private mutating func makeVolumes(_ context: some RunContext) throws(TestbedFailure) {
    let maker = ImageMaker(
      mkfsPath: configuration.mkfs.volumes, directory: imageDirectory, runID: configuration.runID, seed: scenario.seed)
    let total = UInt64(scenario.fileSystems)
    var withoutDirectIO = 0
    for number in 1...scenario.fileSystems {
      try context.checkpoint()
      try pressure.checkAlive()
      let volume = try maker.make(
        "volume-\(number)", number: number, bytes: scenario.fileSystemBytes, scenario.volumes, journal: &journal)
      volumes.append(volume)
      let device = try attach(volume, scenario.volumes.fileSystem, blockBytes: scenario.volumes.blockBytes)
      if !device.hasDirectIO { withoutDirectIO += 1 }
      devices.append(device)
      try attempting("make the mount point") { () throws(SystemError) in try Directory.make(mountPoint(number)) }
      context.progress(done: UInt64(number), total: total)
    }
    if withoutDirectIO > 0 {
      context.report(
        .warning(
          "\(withoutDirectIO) of \(scenario.fileSystems) loop devices run without direct I/O: the work directory's file system "
            + "refuses it, so their data is cached twice and the data cache appears too large; use --work-dir on ext4 or XFS"
        ))
    }
  }

  /// Binds the image to a loop device; libblkid must then find there what mkfs made.
  private mutating func attach(
    _ volume: VolumeImage, _ fileSystem: VolumeFileSystem, blockBytes: UInt64? = nil
  ) throws(TestbedFailure) -> LoopDevice {
    let device = try attempting(
      "attach the image", advice: "`failover-bench doctor` says what is wrong with the loop devices"
    ) { () throws(SystemError) in try loopControl!.attach(volume.path, journal: &journal) }
    let found = try attempting("probe the volume") { () throws(SystemError) in try ProbedVolume(probing: device.path) }
    guard found.fileSystem == fileSystem.rawValue, found.uuid == volume.uuid else {
      throw TestbedFailure(
        .fault, operation: "recognise", subject: device.path,
        reason:
          "libblkid found \(found.fileSystem ?? "no file system") \(found.uuid ?? "without UUID"), not \(fileSystem.rawValue) \(volume.uuid)",
        advice: "another program uses this device: check `losetup -a`")
    }
    if let blockBytes, let size = found.blockBytes, size != blockBytes {
      throw TestbedFailure(
        .fault, operation: "recognise", subject: device.path,
        reason: "libblkid found blocks of \(size) bytes, not \(blockBytes)")
    }
    return device
  }

  /// Leaves each volume with a dirty log, as after the death of the node that had it mounted: some files are written and
  /// forced to the log, then the file system is shut down before the log is played out.
  private mutating func crashVolumes(_ context: some RunContext) throws(TestbedFailure) {
    for number in 1...scenario.fileSystems {
      try context.checkpoint()
      let source = devices[number - 1].path
      let target = mountPoint(number)
      try attempting("crash the volume") { () throws(SystemError) in
        let mounted = try MountCommand(source: source, target: target, scenario.volumes).run()
        do throws(SystemError) {
          for file in 0..<200 {
            let path = "\(target)/crashed-\(file)"
            try attempt("write", path) { () throws(Errno) in
              let descriptor = try Descriptor(opening: path, .writeOnly, [.create, .exclusiveCreate])
              try descriptor.write([0x63])
              if file == 199 { try descriptor.synchronize() }
              try descriptor.close()
            }
          }
          try attempt("shut down", target) { () throws(Errno) in
            let root = try Descriptor(opening: target, .readOnly, .directory)
            try root.shutDownWithoutLogFlush()
            try root.close()
          }
        } catch {
          try? mounted.unmount()
          throw error
        }
        try mounted.unmount()
      }
    }
  }

  private mutating func makeWorkload() throws(TestbedFailure) {
    let maker = ImageMaker(
      mkfsPath: configuration.mkfs.workload, directory: imageDirectory, runID: configuration.runID, seed: scenario.seed)
    let volume = try maker.make(
      empty: "workload", number: 0, bytes: FileWorkload.volumeBytes(files: scenario.files), .xfs, journal: &journal)
    let device = try attach(volume, .xfs)
    let target = workloadMountPoint
    let source = device.path
    devices.append(device)
    // Not through `attempting`: a closure that returns a noncopyable value crashes the optimizer of Swift 6.3.1.
    do throws(SystemError) {
      try Directory.make(target)
      mounts.append(try MountCommand(source: source, target: target, fileSystem: "xfs").run())
    } catch {
      throw TestbedFailure(error, doing: "mount the workload's file system")
    }
    workload = try FileWorkload(
      directory: target, files: scenario.files, filesPerDirectory: scenario.filesPerDirectory,
      writeBytes: scenario.writeBytes, seed: scenario.seed)
  }

  /// The ring of a pipe is the instrument for a contiguous block, and its size is limited by fs.pipe-max-size.
  private mutating func raisePipeLimit(_ context: some RunContext) throws(TestbedFailure) {
    let key = RunSetting.pipeLimit.key
    let needed = scenario.mountDemand.blocks.map(\.ringCapacityBytes).max() ?? 0
    let present = try attempting("read the limit of pipes") { () throws(SystemError) in try Sysctl.read(key) }
    guard let limit = Int(present), limit < needed else { return }
    try set(key, "\(needed)", context, advice: "the mount demand needs pipes of \(needed) bytes")
  }

  private mutating func holdBallast(_ context: some RunContext) throws(TestbedFailure) {
    guard let memory = scenario.memoryBytes, scenario.memoryMethod == .ballast else { return }
    let ballast = try Ballast()
    // What is set aside comes back before the machine has its size.
    let wanted = ballast.pages(leaving: memory - asideBytes)
    guard wanted > ballast.presentPages else { return }
    // Clean pages that the making of the images left behind would be reclaimed one by one otherwise.
    FileSystem.synchronizeAll()
    try attempting("make room for the ballast") { () throws(SystemError) in
      try Sysctl.write(RunSetting.dropCaches.key, "3")
    }
    try set(Ballast.key, "\(wanted)", context)
    if let got = Ballast.poolPages(), got < wanted {
      // The kernel compacts for one page at a time and gives up early; where something large has just ended, its memory lies about in
      // pieces (195 of 11,028 pages were missing after a virtual machine of 4 GB).
      try attempting("make room for the ballast") { () throws(SystemError) in
        try Sysctl.write(RunSetting.compactMemory.key, "1")
      }
      try set(Ballast.key, "\(wanted)", again: true, context)
    }
    guard let got = Ballast.poolPages() else {
      throw TestbedFailure(.fault, operation: "read", subject: Ballast.key, reason: "the pool cannot be read")
    }
    ballastBytes = got * ballast.hugePageBytes
    // Of the memory that is to be left, not of the ballast: of 256 GB one in a hundred would be more than half a machine of 4.
    let shortfall = wanted - min(wanted, got)
    guard shortfall * ballast.hugePageBytes <= memory / 100 else {
      throw TestbedFailure(
        .environment, operation: "hold memory back",
        reason: "the kernel gave \(got) of \(wanted) huge pages, so the machine cannot be made as small as "
          + ByteSize.exactText(memory),
        advice: "end programs that use much memory, or run with a larger --memory, or with --memory none")
    }
    if shortfall > 0 {
      context.report(
        .warning(
          "the kernel gave \(got) of \(wanted) huge pages: the machine is \(ByteSize.humanText(shortfall * ballast.hugePageBytes)) "
            + "larger than asked for"))
    }
  }
}
