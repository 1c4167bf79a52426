internal import LinuxSystem
internal import SystemPackage

/// Kernel modules (delete_module(2)).
extension LinuxHostOperations {
  public func unloadModule(_ name: String) throws(JournalError) -> Removal {
    try removing(
      "unload the kernel module", name, isOurs: name == pinningModuleName, advice: "by hand: rmmod \(name)"
    ) { () throws(Errno) in
      // A kernel without modules, which has no such function, has none of ours.
      try removal(
        absent: [.noSuchFileOrDirectory, .noFunction],
        busy: [.wouldBlock: "it is in use, or is being loaded", .resourceBusy: "it is being loaded"]
      ) { () throws(Errno) in try KernelModule.unload(name) }
    }
  }
}
