public import LinuxSystem

/// What a restore asks of the host. Each is one step that either happened or did not; what to do about it is decided by
/// `JournalRestorer`, which the tests drive with a host of their own.
public protocol HostOperations {
  /// /proc/sys/kernel/random/boot_id.
  func bootID() throws(JournalError) -> String
  /// The inode of the caller's pid namespace.
  func pidNamespace() throws(JournalError) -> UInt64
  func currentProcess() throws(JournalError) -> ProcessIdentity
  func isAlive(_ process: ProcessIdentity) -> Bool

  /// nil where the kernel has no such key.
  func readSysctl(_ key: String) throws(JournalError) -> String?
  func writeSysctl(_ key: String, value: String) throws(JournalError)

  func loopStatus(_ number: Int) throws(JournalError) -> LoopStatus
  /// Unbinds the device if it is bound to that very file, and says what it was before.
  func clearLoop(_ number: Int, ifBoundTo file: FileIdentity) throws(JournalError) -> LoopStatus
  func removeLoopNode(_ number: Int) throws(JournalError) -> Removal
  /// Removes those of the nodes to which no file is bound, at the same time where the host can: the kernel takes some 45 ms for one, most of it
  /// waiting. Those that it removed; what becomes of the others is found out one by one.
  func removeUnboundLoopNodes(_ numbers: [Int]) -> Set<Int>
  /// Who keeps a loop device in use, in words; empty when that cannot be seen.
  func loopHolders(_ number: Int) -> [String]

  func removeDeviceNode(_ path: String, major: UInt32, minor: UInt32) throws(JournalError) -> Removal
  func removeEmptyDirectory(_ path: String) throws(JournalError) -> Removal
  func removeDirectoryTree(_ path: String, identity: FileIdentity) throws(JournalError) -> Removal
  func removeTraceInstance(_ name: String) throws(JournalError) -> Removal
  func unloadModule(_ name: String) throws(JournalError) -> Removal
  func removeMappedDevice(_ name: String) throws(JournalError) -> Removal
  /// nil where there is no such block.
  func memoryBlock(_ number: Int) throws(JournalError) -> MemoryBlocks.State?
  /// Why it could not be done now; nil when it is done. An attempt that is not patient ends where others may be had meanwhile.
  func setMemoryBlock(_ number: Int, _ target: MemoryBlocks.Target, isPatient: Bool) throws(JournalError) -> String?
  /// Drops what can be dropped and compacts the rest, so that a block may be emptied.
  func emptyMemory()
  /// Sends SIGKILL, and does not wait for the end. False when this process is already gone.
  func kill(_ process: ProcessIdentity) throws(JournalError) -> Bool

  func monotonicNanoseconds() -> UInt64
  func sleep(nanoseconds: UInt64)
}

extension HostOperations {
  /// None.
  public func removeUnboundLoopNodes(_ numbers: [Int]) -> Set<Int> { [] }
}

/// What makes a file this file: a name can be given to another.
public struct FileIdentity: Hashable, Sendable {
  public var device: UInt64
  public var inode: UInt64
}

/// A loop device as LOOP_GET_STATUS64 shows it.
public enum LoopStatus: Equatable, Sendable {
  /// There is no such node.
  case absent
  case unbound
  case bound(FileIdentity, backingFile: String)
  /// On its way from one to another; ask again.
  case unsettled
}

/// How an attempt to remove something ended.
public enum Removal: Equatable, Sendable {
  case removed
  /// It was not there.
  case absent
  /// There is something else in its place, which was left alone.
  case foreign(String)
  /// In use; it may be possible later.
  case busy(String)
}
