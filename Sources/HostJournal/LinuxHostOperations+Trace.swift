internal import LinuxSystem
internal import SystemPackage

/// Instances of the kernel's tracing (Documentation/trace/ftrace.rst, "Instances").
extension LinuxHostOperations {
  public func removeTraceInstance(_ name: String) throws(JournalError) -> Removal {
    guard isTraceInstanceName(name) else {
      throw JournalError(
        kind: .malformed, action: "remove the trace instance", subject: name, advice: "it is not one of this program's")
    }
    return try explaining(
      "remove the trace instance", name,
      advice: "run as root; by hand: mount -t tracefs tracefs /mnt && rmdir /mnt/instances/\(name) && umount /mnt"
    ) { () throws(Errno) in
      // A mount of its own that is attached to no directory: nobody needs to have tracefs mounted, and nobody sees this one.
      let tracefs = try TraceFileSystem.mountDetached()
      do throws(Errno) {
        let instances = try tracefs.open("instances", .readOnly, .directory)
        try instances.removeDirectory(name)
        return .removed
      } catch .noSuchFileOrDirectory {
        return .absent
      } catch .resourceBusy {
        return .busy("somebody reads from it")
      }
    }
  }
}
