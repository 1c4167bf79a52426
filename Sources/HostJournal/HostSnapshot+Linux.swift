internal import LinuxSystem
public import SystemPackage

extension HostSnapshot {
  /// Looks at the host as the calling process sees it (so: outside the child's mount namespace). `processPrefix` is the
  /// beginning of command names (15 characters at most, as the kernel keeps no more); the caller is not counted.
  public static func take(
    sysctls keys: [String] = [], directories paths: [FilePath] = [], processPrefix: String? = nil
  ) throws(JournalError) -> HostSnapshot {
    let host = LinuxHostOperations()
    var snapshot = HostSnapshot()
    for key in keys {
      snapshot.sysctls[key] = try host.readSysctl(key).map(normalized)
    }
    snapshot.hugePages = hugePages(in: try text("/proc/meminfo"))
    snapshot.mounts = try text("/proc/self/mountinfo").split(separator: "\n").map(String.init)
    for name in try names(in: "/sys/block") ?? [] where name.hasPrefix("loop") {
      guard let number = decimal(name.dropFirst(4), as: Int.self) else { continue }
      snapshot.loopNodes.insert(number)
      snapshot.loopBindings[number] = try host.backingFile(number)
    }
    snapshot.traceInstances = traceInstances()
    for number in MemoryBlocks.numbers() {
      let state = try explaining("read the state of memory block", String(number), advice: "run as root") {
        () throws(Errno) in try MemoryBlocks.state(number)
      }
      snapshot.memoryBlocks[number] =
        switch state {
        case .online(let zone?)?: "online in \(zone)"
        case .online(nil)?: "online"
        case .offline?: "offline"
        case .unsettled?: "unsettled"
        case nil: "gone"
        }
    }
    for path in paths {
      snapshot.directories[path.string] = try names(in: path.string).map { Set($0) }
    }
    if let processPrefix { snapshot.processes = try processes(processPrefix) }
    return snapshot
  }

  /// Through a mount of its own, as ``LinuxHostOperations/removeTraceInstance(_:)`` goes. nil without the privilege, or where the kernel has
  /// no tracing.
  private static func traceInstances() -> Set<String>? {
    let names = try? TraceFileSystem.mountDetached().open("instances", .readOnly, .directory).entryNames()
    return names.map { Set($0.map(readable)) }
  }

  private static func hugePages(in meminfo: String) -> UInt64? {
    for line in meminfo.split(separator: "\n") where line.hasPrefix("HugePages_Total:") {
      return decimal(line.split(separator: " ").last ?? "")
    }
    return nil
  }

  private static func processes(_ prefix: String) throws(JournalError) -> [ProcessIdentity: String] {
    var result: [ProcessIdentity: String] = [:]
    for name in try names(in: "/proc") ?? [] {
      guard let pid = decimal(name, as: Int32.self), pid != ProcessNumber.own,
        let bytes = try? KernelFile.bytesIfPresent("/proc/\(pid)/comm", limitBytes: 64)
      else { continue }
      let command = normalized(String(decoding: bytes, as: UTF8.self))
      // A zombie holds nothing any more.
      guard command.hasPrefix(prefix), let process = try? ProcessIdentity.of(pid: pid), process.isAlive
      else { continue }
      result[process] = command
    }
    return result
  }

  private static func text(_ path: String) throws(JournalError) -> String {
    let bytes = try explaining("read", path, advice: "mount /proc") { () throws(Errno) in
      try KernelFile.bytesIfPresent(path, limitBytes: 16 << 20)
    }
    return String(decoding: bytes ?? [], as: UTF8.self)
  }

  private static func names(in path: String) throws(JournalError) -> [String]? {
    try explaining("list", path, advice: "run as root") { () throws(Errno) in
      do throws(Errno) {
        return try Descriptor(opening: path, .readOnly, .directory).entryNames().map(readable)
      } catch .noSuchFileOrDirectory {
        return nil
      }
    }
  }
}
