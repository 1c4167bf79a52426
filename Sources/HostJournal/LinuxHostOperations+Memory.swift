public import LinuxSystem
internal import SystemPackage

/// Blocks of memory (mm/memory_hotplug.c).
extension LinuxHostOperations {
  /// For one block. What can be moved at all is moved in a second or so; a page that is held stays held for as long as its holder likes.
  private static let attemptMilliseconds: UInt32 = 5_000

  public func memoryBlock(_ number: Int) throws(JournalError) -> MemoryBlocks.State? { MemoryBlocks.state(number) }

  public func setMemoryBlock(_ number: Int, _ target: MemoryBlocks.Target) throws(JournalError) -> String? {
    do throws(Errno) {
      try MemoryBlocks.set(number, target, withinMilliseconds: Self.attemptMilliseconds)
      return nil
    } catch {
      switch error {
      case .resourceBusy, .resourceTemporarilyUnavailable, .interrupted, .noMemory:
        try writeSysctl("vm.drop_caches", value: "3")
        try writeSysctl("vm.compact_memory", value: "1")
        return error == .interrupted
          ? "a page in it was held for \(Self.attemptMilliseconds / 1000) s" : "the kernel says: \(error)"
      default:
        throw JournalError(
          error, "write \(target.rawValue) to the state of memory block", String(number),
          advice: "run as root, with /sys writable")
      }
    }
  }
}
