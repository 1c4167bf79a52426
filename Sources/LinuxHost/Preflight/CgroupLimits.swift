import KernelText

/// What the control groups of this process, and all above them, allow it (cgroups(7)).
struct CgroupLimits: Equatable {
  /// The smallest limit; nil without one. memory.high of version 2 counts too: it throttles and reclaims just as well.
  var memoryBytes: UInt64?
  /// CPU time in processors, the smallest of the hierarchy; nil without a limit.
  var processors: Double?

  /// Looks through every hierarchy that may limit memory or CPU time; nil where one of them is not mounted here, for then
  /// nobody can tell.
  ///
  /// - Parameter file: the text of a file without white space at its ends, nil when it cannot be read.
  init?(groups: ControlGroups, mounts: MountInfo, file: (String) -> String?) {
    for entry in groups.entries {
      let isVersion2 = entry.hierarchy == 0 && entry.controllers.isEmpty
      let hasMemory = isVersion2 || entry.controllers.contains("memory")
      let hasProcessors = isVersion2 || entry.controllers.contains("cpu")
      guard hasMemory || hasProcessors else { continue }
      let mount = mounts.entries.last {
        isVersion2
          ? $0.fileSystem == "cgroup2"
          : $0.fileSystem == "cgroup" && $0.superOptions.split(separator: ",").contains(hasMemory ? "memory" : "cpu")
      }
      guard let mount else {
        // Where version 1 has the memory, version 2 is there without it, mounted or not.
        if isVersion2 && groups.entries.contains(where: { $0.controllers.contains("memory") }) { continue }
        return nil
      }
      for directory in Self.directories(from: entry.path, mount) {
        if hasMemory { takeMemory(directory, isVersion2, file) }
        if hasProcessors { takeProcessors(directory, isVersion2, file) }
      }
    }
  }

  /// The group's directory and all above it up to the mount: a limit holds for everything below it.
  ///
  /// In a container the mount may show only a part of the hierarchy, its root; a group outside of that (a path with "..") is
  /// looked at from the mount point alone.
  private static func directories(from path: String, _ mount: MountInfo.Entry) -> [String] {
    var components = path.split(separator: "/")
    let root = mount.root.split(separator: "/")
    if components.starts(with: root) { components.removeFirst(root.count) } else { components = [] }
    if components.contains("..") { components = [] }
    return (0...components.count).reversed().map {
      ([Substring(mount.mountPoint)] + components.prefix($0)).joined(separator: "/")
    }
  }

  private mutating func takeMemory(_ directory: String, _ isVersion2: Bool, _ file: (String) -> String?) {
    for name in isVersion2 ? ["memory.max", "memory.high"] : ["memory.limit_in_bytes"] {
      // "max" is no number; version 1 writes the largest multiple of a page for no limit.
      guard let text = file("\(directory)/\(name)"), let limit = UInt64(text), limit < 1 << 60 else { continue }
      memoryBytes = min(memoryBytes ?? limit, limit)
    }
  }

  private mutating func takeProcessors(_ directory: String, _ isVersion2: Bool, _ file: (String) -> String?) {
    let quota: Double?
    let period: Double?
    if isVersion2 {
      let words = file("\(directory)/cpu.max")?.split(separator: " ") ?? []
      (quota, period) = words.count == 2 ? (Double(words[0]), Double(words[1])) : (nil, nil)
    } else {
      quota = file("\(directory)/cpu.cfs_quota_us").flatMap(Double.init)
      period = file("\(directory)/cpu.cfs_period_us").flatMap(Double.init)
    }
    // Version 1 writes -1 for no limit, version 2 "max".
    guard let quota, let period, quota > 0, period > 0 else { return }
    processors = min(processors ?? .infinity, quota / period)
  }
}
