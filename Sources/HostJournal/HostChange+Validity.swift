extension HostChange {
  /// Why this change can be neither journalled nor restored, or nil. Asked on both ways: root acts on what it reads.
  var defect: String? {
    switch self {
    case .sysctl(let key, let previous, let new):
      if !isSysctlKey(key) { return "not a sysctl key" }
      return textDefect(previous, limit: 4096) ?? textDefect(new, limit: 4096)
    case .loopNode(let number):
      return loopDefect(number)
    case .loopBinding(let number, let backingFile, _, _):
      return loopDefect(number) ?? textDefect(backingFile, limit: 4095)
    case .deviceNode(let path, _, _), .plannedDirectory(let path), .directory(let path, _, _):
      return pathDefect(path)
    case .traceInstance(let name):
      return isTraceInstanceName(name) ? nil : "not the name of a trace instance of this program"
    case .kernelModule(let name):
      return name == pinningModuleName ? nil : "not the module of this program"
    case .mappedDevice(let name):
      return isMappedDeviceName(name) ? nil : "not the name of a mapped device of this program"
    case .memoryBlock(let number, let zone, _):
      if zone != dividedZone { return "not the zone that blocks are taken from" }
      return (0..<(1 << 24)).contains(number) ? nil : "not the number of a memory block"
    case .process(let pid, _, let role):
      // Never init, never a process group or "all": kill(2) gives 0 and negative numbers a meaning.
      return pid > 1 ? textDefect(role, limit: 64) : "not a process number"
    }
  }
}

/// Minor numbers have 20 bits.
private func loopDefect(_ number: Int) -> String? {
  (0..<(1 << 20)).contains(number) ? nil : "not the number of a loop device"
}

private func textDefect(_ text: String, limit: Int) -> String? {
  if text.utf8.count > limit { return "longer than \(limit) bytes" }
  // A zero byte ends a C string: what is checked here would not be what the kernel is given.
  return text.utf8.contains(0) ? "holds a zero byte" : nil
}

/// Absolute, and each component a name: so two spellings of one path are not two resources, and ".." leads nowhere.
private func pathDefect(_ path: String) -> String? {
  if let defect = textDefect(path, limit: 4095) { return defect }
  guard path.utf8.first == UInt8(ascii: "/") else { return "not an absolute path" }
  let components = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  for component in components {
    if component.isEmpty { return "has an empty component" }
    if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) { return "has a relative component" }
  }
  return nil
}

/// The only module that is ever loaded or unloaded.
public let pinningModuleName = "snapmeta"

/// The only zone whose blocks are ever taken: one that `online_kernel` puts back where it was. A block at the end of another may come back in a
/// different one (mm/memory_hotplug.c, `default_kernel_zone_for_pfn`).
public let dividedZone = "Normal"

/// Only what this program makes: an instance of somebody else's is not even asked for.
func isTraceInstanceName(_ name: String) -> Bool {
  let prefix = "failover-bench-"
  guard name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count, name.utf8.count <= 64 else { return false }
  return name.utf8.dropFirst(prefix.utf8.count).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
}

/// The devices of which a snapshot is made, each with its run's name before it (drivers/md/dm-snap.c).
public enum MappedDeviceRole: String, CaseIterable, Sendable {
  /// What a file system would lie on; both others are mapped onto it.
  case volume
  /// Where a snapshot keeps what was overwritten.
  case exceptions
  case snapshot
  /// The volume as it is written while there is a snapshot of it.
  case origin

  /// The device mapper's name of it in a run.
  public func name(runID: String) -> String { "failover-bench-\(runID)-\(rawValue)" }
}

/// Only what this program makes.
func isMappedDeviceName(_ name: String) -> Bool {
  MappedDeviceRole.allCases.contains { role in
    let suffix = "-\(role.rawValue)"
    return name.hasSuffix(suffix) && isTraceInstanceName(String(name.dropLast(suffix.count)))
  }
}

/// Dotted names. A dot becomes a slash below /proc/sys, so an empty component could become "..".
func isSysctlKey(_ key: String) -> Bool {
  let components = key.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  guard components.count > 1, key.utf8.count <= 255 else { return false }
  return components.allSatisfy { component in
    !component.isEmpty
      && component.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
