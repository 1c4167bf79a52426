internal import LinuxSystem
internal import SystemPackage

/// Instances of the kernel's tracing (Documentation/trace/ftrace.rst, "Instances").
extension LinuxHostOperations {
  public func removeTraceInstance(_ name: String) throws(JournalError) -> Removal {
    try removing(
      "remove the trace instance", name, isOurs: isTraceInstanceName(name),
      advice: "run as root; by hand: mount -t tracefs tracefs /mnt && rmdir /mnt/instances/\(name) && umount /mnt"
    ) { () throws(Errno) in
      // A mount of its own that is attached to no directory: nobody needs to have tracefs mounted, and nobody sees this one.
      let tracefs = try TraceFileSystem.mountDetached()
      return try removal(absent: [.noSuchFileOrDirectory], busy: [.resourceBusy: "somebody reads from it"]) {
        () throws(Errno) in
        let instances = try tracefs.open("instances", .readOnly, .directory)
        try instances.removeDirectory(name)
      }
    }
  }
}
