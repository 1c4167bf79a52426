/// The keys of a scenario: one name for the file, the command line and every message.
///
/// Whoever adds one writes a case, its ``entry`` and a property of ``Scenario`` with its default; everything else follows.
public enum ScenarioKey: String, CaseIterable, Sendable {
  case machine
  case memory
  case memoryMethod = "memory-method"
  case memoryDivision = "memory-division"
  case filesystems
  case filesystemSize = "filesystem-size"
  case fileSystem = "file-system"
  case blockSize = "block-size"
  case logStripe = "log-stripe"
  case mountOptions = "mount-options"
  case files
  case filesPerDirectory = "files-per-directory"
  case rewrites
  case writeSize = "write-size"
  case inodeResident = "inode-resident"
  case pin
  case pinBackend = "pin-backend"
  case pattern
  case transientBackend = "transient-backend"
  case injectUntil = "inject-until"
  case dose
  case mountDemand = "mount-demand"
  case demandRetry = "demand-retry"
  case mountTimeout = "mount-timeout"
  case mountPause = "mount-pause"
  case serviceFiles = "service-files"
  case serviceFileSize = "service-file-size"
  case serviceTimeout = "service-timeout"
  case flushBeforeFailover = "flush-before-failover"
  case keepGoing = "keep-going"
  case crashedVolumes = "crashed-volumes"
  case sysctl
  case set
  case seed

  /// The table: help text, property, type, range and unit of each key.
  public var entry: ScenarioEntry {
    switch self {
    case .machine:
      ScenarioEntry(
        "Kernel that is needed; as-2005 is one without grouping by mobility and with inodes in single pages (scripts/lab --as-2005).",
        \.machine, .choice)
    case .memory:
      ScenarioEntry(
        "Memory left to the machine, the rest being held back; none holds nothing back.", \.memoryBytes,
        ValueForm<UInt64>.size((512 << 20)...(1 << 50), note: ", such as 4GiB").orNone)
    case .memoryMethod:
      ScenarioEntry(
        "What holds the rest back, huge pages or memory blocks taken offline (watermarks are then recomputed).",
        \.memoryMethod, .choice)
    case .memoryDivision:
      ScenarioEntry(
        "Memory kept for movable pages in a zone of its own (ZONE_MOVABLE); none leaves memory whole.", \.movableBytes,
        ValueForm<UInt64>.size((1 << 20)...(1 << 50), note: " in whole memory blocks, such as 1280MiB").orNone)
    case .filesystems: ScenarioEntry("File systems that fail over.", \.fileSystems, .number(1...4096))
    case .filesystemSize:
      ScenarioEntry(
        "Size of each file system.", \.fileSystemBytes,
        .size((300 << 20)...(16 << 40), note: " (mkfs.xfs makes no smaller ones)"))
    case .fileSystem: ScenarioEntry("What the volumes that fail over are.", \.volumes.fileSystem, .choice)
    case .blockSize:
      ScenarioEntry(
        "Block size of the volumes; above a page it is what their page cache is allocated in.", \.volumes.blockBytes,
        .powerOfTwo(VolumeFormat.blockSizes))
    case .logStripe:
      ScenarioEntry(
        "Stripe of each XFS log, the size of its log buffers.", \.volumes.logStripeBytes,
        ValueForm<UInt64>.powerOfTwo(VolumeFormat.logStripes).orNone)
    case .mountOptions:
      ScenarioEntry("Options that the volumes are mounted with.", \.volumes.mountOptions, MountOptions.form)
    case .files: ScenarioEntry("Files that the workload creates.", \.files, .number(0...100_000_000))
    case .filesPerDirectory: ScenarioEntry("Files in one directory.", \.filesPerDirectory, .number(1...100_000))
    case .rewrites:
      ScenarioEntry(
        "Writes to files chosen at random.", \.rewrites, .number(0...1_000_000_000, note: ", above 0 only with files"))
    case .writeSize: ScenarioEntry("Bytes of each write.", \.writeBytes, .size(1...4096))
    case .inodeResident:
      ScenarioEntry(
        "Keep all inodes in memory (vm.vfs_cache_pressure = 0), the paper's inode residency.", \.inodeResident, .flag)
    case .pin:
      ScenarioEntry(
        "Snapshot-like memory to pin.", \.pinBytes,
        .size(0...(1 << 40), multipleOf: 4096, note: " in whole pages of 4096B, such as 400MiB"))
    case .pinBackend:
      ScenarioEntry(
        "What pins the memory; mlock's pages can be moved, those of the others cannot.", \.pinBackend, .choice)
    case .pattern:
      ScenarioEntry("Environment 1, in place of populate, rewrite and pin.", \.pattern, InjectionPattern.form.orNone)
    case .transientBackend:
      ScenarioEntry(
        "What environment 1 gives back at its end; memfd's pages can be moved, those of pipes cannot.",
        \.transientBackend, .choice)
    case .injectUntil:
      ScenarioEntry(
        "How much environment 1 injects; reclaim means to where it would begin.", \.injectPages,
        ValueForm<UInt64>.number(1...(1 << 40), note: " pages").or("reclaim"))
    case .dose:
      ScenarioEntry(
        "Share of what would be pinned that stays pinned; 0 is the control.", \.doseShare, .share)
    case .mountDemand: ScenarioEntry("Contiguous blocks that each mount holds.", \.mountDemand, MountDemand.form)
    case .demandRetry: ScenarioEntry("How often to ask for a block that cannot be allocated.", \.demandRetry, .choice)
    case .mountTimeout:
      ScenarioEntry(
        "Time after which a mount counts as stopped.", \.mountTimeoutNanoseconds,
        .duration(1_000_000_000...3_600_000_000_000, note: ", such as 60s"))
    case .mountPause:
      ScenarioEntry(
        "Wait between two mounts, as some clusters do.", \.mountPauseNanoseconds,
        ValueForm<UInt64>.duration(1_000_000...60_000_000_000, note: ", such as 20ms").orNone)
    case .serviceFiles:
      ScenarioEntry(
        "Files that each service creates, writes and reads back once it is mounted.", \.service.files,
        .number(0...ServiceWork.mostFiles))
    case .serviceFileSize:
      ScenarioEntry(
        "Size of a service's files; of a range, sizes are drawn by doubling.", \.service.fileSizes,
        SizeRange.form(ServiceWork.sizes))
    case .serviceTimeout:
      ScenarioEntry(
        "Time after which a service's work counts as failed.", \.service.timeoutNanoseconds,
        .duration(1_000_000_000...3_600_000_000_000, note: ", such as 60s"))
    case .flushBeforeFailover:
      ScenarioEntry(
        "Write out dirty data before the failover, and wait for it.", \.flushesBeforeFailover, .flag)
    case .keepGoing: ScenarioEntry("Continue after a stopped service.", \.keepGoing, .flag)
    case .crashedVolumes:
      ScenarioEntry("Volumes with a dirty log, as after a node has crashed.", \.crashedVolumes, .flag)
    case .sysctl:
      ScenarioEntry(listOf: "A kernel setting.", \.sysctls, SysctlSetting.form) {
        $0.key == $1.key && $0.stage == $1.stage
      }
    case .set:
      ScenarioEntry(listOf: "A parameter of the model.", \.modelSettings, ModelSetting.form) { $0.key == $1.key }
    case .seed: ScenarioEntry("Seed of all random choices.", \.seed, .number(0...UInt64.max))
    }
  }

  /// What may be given, in the words of messages and of `--help`: "1B to 4096B".
  public var expected: String { entry.expected }

  /// Whether it may be given more than once, and holds a list in a file.
  public var isList: Bool { entry.kind == .list }
}

extension Scenario {
  /// Sets `key` from its text.
  ///
  /// `sysctl` and `set` add to the settings there are (one with the same key, and stage, is replaced); every other key replaces.
  /// - Throws: what is expected in place of `text`; the scenario is then as it was.
  public mutating func set(_ key: ScenarioKey, _ text: String) throws(ScenarioError) {
    let entry = key.entry
    guard entry.read(text, &self) else { throw ScenarioError(key: key.rawValue, value: text, expected: entry.expected) }
  }

  /// The texts of `key` that ``set(_:_:)`` reads back to the same scenario; more than one, or none, only for lists.
  public func texts(of key: ScenarioKey) -> [String] { key.entry.texts(self) }

  /// A key that is set and changes nothing, for want of another; nil where there is none. Not of a record, in which it harms nobody, nor of a sweep, which may
  /// vary the other.
  public var idleKey: ScenarioError? {
    if memoryMethod == .offline, memoryBytes == nil {
      return ScenarioError(
        key: ScenarioKey.memoryMethod.rawValue, value: MemoryMethod.offline.rawValue,
        expected: "ballast where memory is none: no memory is held back")
    }
    if transientBackend == .memfd, pattern == nil {
      return ScenarioError(
        key: ScenarioKey.transientBackend.rawValue, value: TransientBackend.memfd.rawValue,
        expected: "pipe where pattern is none: nothing is injected")
    }
    return nil
  }

  /// What no single key can tell.
  /// - Throws: values that do not go together.
  public func validate() throws(ScenarioError) {
    if rewrites > 0 && files == 0 && pattern == nil {
      throw ScenarioError(
        key: ScenarioKey.rewrites.rawValue, value: "\(rewrites)",
        expected: "0 where files is 0: there is no file to write to")
    }
    if let flaw = volumes.flaw { throw flaw }
    if crashedVolumes && volumes.fileSystem == .btrfs {
      throw ScenarioError(
        key: ScenarioKey.crashedVolumes.rawValue, value: "true",
        expected: "false for btrfs: it has no log that a crash leaves to be replayed")
    }
    let serviceBytes = UInt64(service.files) * max(service.fileSizes.mostBytes, volumes.blockBytes)
    if service.files > 0, serviceBytes > fileSystemBytes / 2 {
      throw ScenarioError(
        key: ScenarioKey.serviceFiles.rawValue, value: "\(service.files)",
        expected: "few enough to fill at most half of a volume (\(ByteSize.exactText(fileSystemBytes)))")
    }
    if let injectPages, let pattern, injectPages < UInt64(pattern.pinnedPages + pattern.transientPages) {
      throw ScenarioError(
        key: ScenarioKey.injectUntil.rawValue, value: "\(injectPages)",
        expected: "at least one turn of the pattern \(pattern.text)")
    }
    if let movableBytes, let memoryBytes, movableBytes >= memoryBytes {
      throw ScenarioError(
        key: ScenarioKey.memoryDivision.rawValue, value: ByteSize.exactText(movableBytes),
        expected: "less than memory (\(ByteSize.exactText(memoryBytes)))")
    }
    if let memoryBytes, pattern == nil, pinBytes >= memoryBytes {
      throw ScenarioError(
        key: ScenarioKey.pin.rawValue, value: ByteSize.exactText(pinBytes),
        expected: "less than memory (\(ByteSize.exactText(memoryBytes)))")
    }
  }
}
