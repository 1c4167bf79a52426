/// Something that a run changed on the host, with all that is needed to put it back and nothing else.
public enum HostChange: Equatable, Sendable {
  /// A value below /proc/sys, key as in sysctl(8): "vm.nr_hugepages".
  case sysctl(key: String, previous: String, new: String)
  /// A loop node that this run added (LOOP_CTL_ADD, or LOOP_CTL_GET_FREE where none was free; drivers/block/loop.c).
  /// Put back by LOOP_CTL_REMOVE. Autoclear unbinds a device, it does not remove the node.
  case loopNode(number: Int)
  /// A loop device bound to a file. Device and inode are those that LOOP_GET_STATUS64 tells (lo_device, lo_inode):
  /// the device is cleared only while it is bound to that very file.
  case loopBinding(number: Int, backingFile: String, device: UInt64, inode: UInt64)
  /// A block device node made by mknod(2), as in a container whose /dev lacks it.
  case deviceNode(path: String, major: UInt32, minor: UInt32)
  /// A directory that is about to be made: its inode is not known before it is there. Put back by rmdir(2) alone, so
  /// that nothing can be lost; followed by `directory` as soon as it is made. `Journal.makeDirectory` does both.
  case plannedDirectory(path: String)
  /// A work directory of this run, mode 0700. Removed with all that is in it, while it still is that inode.
  case directory(path: String, device: UInt64, inode: UInt64)
  /// An instance of the kernel's tracing (tracefs, instances/NAME), with its own buffers. Put back by rmdir(2), which also
  /// turns its events off.
  case traceInstance(name: String)
  /// A kernel module that this run loaded; unloading it frees what it pins.
  case kernelModule(name: String)
  /// A device of the device mapper (drivers/md), put back by DM_DEV_REMOVE; what its target keeps in memory goes along.
  case mappedDevice(name: String)
  /// A block of memory that was taken out of `zone`, offline or, where `isMovable`, for ZONE_MOVABLE. Put back by offline and `online_kernel`.
  case memoryBlock(number: Int, zone: String, isMovable: Bool)
  /// A process of this run. Ended when nobody is left to supervise it.
  case process(pid: Int32, startTicks: UInt64, role: String)
}

extension HostChange {
  /// What two changes have in common that must be undone in order: the later one first.
  enum Resource: Hashable {
    case sysctl(String)
    case loop(Int)
    case path(String)
    case traceInstance(String)
    case kernelModule(String)
    case mappedDevice(String)
    case memoryBlock(Int)
    case process(ProcessIdentity)
  }

  var resource: Resource {
    switch self {
    case .sysctl(let key, _, _): .sysctl(key)
    case .loopNode(let number), .loopBinding(let number, _, _, _): .loop(number)
    case .deviceNode(let path, _, _), .plannedDirectory(let path), .directory(let path, _, _): .path(path)
    case .traceInstance(let name): .traceInstance(name)
    case .kernelModule(let name): .kernelModule(name)
    case .mappedDevice(let name): .mappedDevice(name)
    case .memoryBlock(let number, _, _): .memoryBlock(number)
    case .process(let pid, let ticks, _): .process(ProcessIdentity(pid: pid, startTicks: ticks))
    }
  }

  /// Whether it outlives a restart of the machine.
  var survivesReboot: Bool {
    switch self {
    case .plannedDirectory, .directory: true
    case .sysctl, .loopNode, .loopBinding, .deviceNode, .traceInstance, .kernelModule, .mappedDevice, .memoryBlock,
      .process:
      false
    }
  }
}

extension HostChange: CustomStringConvertible {
  public var description: String {
    switch self {
    case .sysctl(let key, let previous, let new):
      "sysctl \(key): \(printable(normalized(previous))) -> \(printable(normalized(new)))"
    case .loopNode(let number): "loop node loop\(number)"
    case .loopBinding(let number, let file, _, _): "loop\(number) bound to \(printable(file))"
    case .deviceNode(let path, let major, let minor): "device node \(printable(path)) (\(major):\(minor))"
    case .plannedDirectory(let path): "planned directory \(printable(path))"
    case .directory(let path, _, _): "directory \(printable(path))"
    case .traceInstance(let name): "trace instance \(printable(name))"
    case .kernelModule(let name): "kernel module \(printable(name))"
    case .mappedDevice(let name): "mapped device \(printable(name))"
    case .memoryBlock(let number, let zone, let isMovable):
      "memory block \(number): \(printable(zone)) -> \(isMovable ? "Movable" : "offline")"
    case .process(let pid, _, let role): "process \(pid) (\(printable(role)))"
    }
  }
}
