public import LinuxSystem
internal import SystemPackage

/// Blocks of memory (mm/memory_hotplug.c).
extension LinuxHostOperations {
  public func memoryBlock(_ number: Int) throws(JournalError) -> MemoryBlocks.State? {
    try explaining("read the state of memory block", String(number), advice: "run as root, with /sys mounted") {
      () throws(Errno) in try MemoryBlocks.state(number)
    }
  }

  public func setMemoryBlock(
    _ number: Int, _ target: MemoryBlocks.Target, isPatient: Bool
  ) throws(JournalError) -> String? {
    let limit = isPatient ? MemoryBlocks.attemptMilliseconds : MemoryBlocks.briefMilliseconds
    do throws(Errno) {
      try MemoryBlocks.set(number, target, withinMilliseconds: limit)
      return nil
    } catch {
      if error == .interrupted {
        return "a page in it is held, or there is nowhere to move it to: given up after \(limit / 1000) s"
      }
      if error == MemoryBlocks.poisoned {
        throw JournalError(
          error, "bring back memory block", String(number), advice: "a page in it is broken; only a boot helps")
      }
      guard MemoryBlocks.concernsBlock(error) else {
        throw JournalError(
          error, "write \(target.rawValue) to the state of memory block", String(number),
          advice: "run as root, with /sys writable")
      }
      return "the kernel refuses: \(error)"
    }
  }

  public func emptyMemory() {
    try? writeSysctl("vm.drop_caches", value: "3")
    try? writeSysctl("vm.compact_memory", value: "1")
  }
}
