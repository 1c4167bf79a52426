import CLinux
public import SystemPackage

/// Kernel modules (kernel/module/main.c).
public enum KernelModule {
  /// finit_module(2): `parameters` as on the command line of insmod(8).
  public static func load(_ file: borrowing Descriptor, parameters: String) throws(Errno) {
    let file = file.rawValue
    try SystemCall.perform { clinux_load_module(file, parameters) }
  }

  /// delete_module(2), which does not wait for a module in use (EAGAIN).
  public static func unload(_ name: String) throws(Errno) { try SystemCall.perform { clinux_unload_module(name) } }
}

/// The kernel's tracing (Documentation/trace/ftrace.rst).
public enum TraceFileSystem {
  /// A mount of tracefs that is attached to no directory (fsopen(2), fsmount(2)): none has to be mounted, and nobody sees this one.
  public static func mountDetached() throws(Errno) -> Descriptor {
    Descriptor(adopting: try SystemCall.check { clinux_mount_tracefs_detached() })
  }
}

/// Mount namespaces (mount_namespaces(7)).
public enum MountNamespaces {
  /// unshare(2): moves the calling thread, and no other, into a namespace of its own.
  public static func unshare() throws(Errno) { try SystemCall.perform { clinux_unshare_mount_namespace() } }

  /// Makes every mount of this namespace private, so that nothing mounted here is seen outside.
  public static func makeAllPrivate() throws(Errno) { try SystemCall.perform { clinux_make_mounts_private() } }

  /// setns(2): moves the calling thread into the namespace that `namespace` (of /proc/PID/ns/mnt) stands for.
  public static func enter(_ namespace: borrowing Descriptor) throws(Errno) {
    let file = namespace.rawValue
    try SystemCall.perform { clinux_enter_mount_namespace(file) }
  }
}

/// Of any file or directory in an XFS or ext4, whose numbers are the same.
extension Descriptor {
  /// XFS_IOC_GOINGDOWN without a flush of the log (fs/xfs/xfs_fsops.c): the file system is shut down and its log is left dirty.
  public borrowing func shutDownWithoutLogFlush() throws(Errno) {
    try SystemCall.perform { clinux_xfs_going_down_without_log_flush(rawValue) }
  }
}

/// Pipes (pipe(7)).
public enum Pipe {
  /// pipe2(2): (the end to read from, the end to write to).
  public static func make() throws(Errno) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    try SystemCall.perform { ends.withUnsafeMutableBufferPointer { clinux_pipe($0.baseAddress, 0) } }
    return (ends[0], ends[1])
  }
}
