internal import LinuxSystem
internal import SystemPackage

/// Kernel modules (delete_module(2)).
extension LinuxHostOperations {
  public func unloadModule(_ name: String) throws(JournalError) -> Removal {
    guard name == pinningModuleName else {
      throw JournalError(
        kind: .malformed, action: "unload the kernel module", subject: name, advice: "it is not this program's")
    }
    return try explaining("unload the kernel module", name, advice: "by hand: rmmod \(name)") { () throws(Errno) in
      do throws(Errno) {
        try KernelModule.unload(name)
        return .removed
      } catch .noSuchFileOrDirectory {
        return .absent
      } catch .noFunction {
        // A kernel without modules has none of ours.
        return .absent
      } catch .wouldBlock {
        return .busy("it is in use, or is being loaded")
      } catch .resourceBusy {
        return .busy("it is being loaded")
      }
    }
  }
}
