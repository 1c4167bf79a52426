internal import LinuxSystem
public import SystemPackage

/// One run at a time on a host, containers included.
///
/// flock(2) on /dev/loop-control: the lock belongs to the inode of the device file, which all containers see that have
/// the host's /dev, and to the open file description, which the child and the helper inherit. So it lasts for as long
/// as any of them lives, however the others died, and there is no file to clean up.
public struct HostLock: ~Copyable {
  public static let defaultFile: FilePath = "/dev/loop-control"

  private let file: Descriptor
  private let path: FilePath

  /// To be named among the descriptors that a spawned process inherits; close-on-exec otherwise.
  public var descriptor: Int32 { file.rawValue }

  private init(_ file: consuming Descriptor, _ path: FilePath) {
    self.file = file
    self.path = path
  }

  /// Throws `runActive` when somebody has it, with the process where a journal in `stateDirectory` tells.
  public static func acquire(
    stateDirectory: FilePath, lockFile: FilePath = HostLock.defaultFile
  ) throws(JournalError) -> HostLock {
    let file = try explaining(
      "open", lockFile.string,
      advice: "run as root, with the loop module; in a container "
        + "with --privileged -v /dev:/dev"
    ) { () throws(Errno) in
      try Descriptor(opening: lockFile.string, .readWrite, .noFollow)
    }
    let isOurs = try explaining("lock", lockFile.string, advice: "see flock(2)") { () throws(Errno) in
      try file.tryLock(exclusively: true)
    }
    guard isOurs else { throw occupied(lockFile, holder(stateDirectory)) }
    return HostLock(file, lockFile)
  }

  /// In a process that was spawned with the descriptor: holds the lock from now on for itself as well.
  public static func adopt(
    inherited descriptor: Int32, lockFile: FilePath = HostLock.defaultFile
  ) throws(JournalError) -> HostLock {
    let file = Descriptor(adopting: descriptor)
    try explaining("adopt the host lock", "descriptor \(descriptor)", advice: "it was not inherited") {
      () throws(Errno) in try file.setCloseOnExec()
    }
    return HostLock(file, lockFile)
  }

  /// Closes this process's share. Never LOCK_UN, which would unlock it for the others too.
  public consuming func release() throws(JournalError) {
    let path = self.path.string
    do throws(Errno) {
      try file.close()
    } catch {
      throw JournalError(error, "close", path, advice: "the lock ends with this process")
    }
  }

  private struct Holder {
    var pid: Int32
    var role: String
  }

  /// The supervisor, or a child or helper that outlived it.
  private static func holder(_ stateDirectory: FilePath) -> Holder? {
    guard let entries = try? JournalDirectory.entries(stateDirectory) else { return nil }
    for entry in entries {
      if case .live(let owner) = entry.owner {
        return Holder(pid: owner.pid, role: "scenario \(printable(entry.contents.header?.scenario ?? ""))")
      }
    }
    for entry in entries {
      for case .process(let pid, let startTicks, let role) in entry.contents.pending.map(\.change)
      where ProcessIdentity(pid: pid, startTicks: startTicks).isAlive {
        return Holder(pid: pid, role: "\(printable(role)) of a run whose first process is dead")
      }
    }
    return nil
  }

  private static func occupied(_ lockFile: FilePath, _ holder: Holder?) -> JournalError {
    let who = holder.map { "process \($0.pid), \($0.role)" } ?? "not known which: perhaps in a container"
    return JournalError(
      kind: .runActive(pid: holder?.pid), action: "lock", subject: lockFile.string,
      advice: "another failover-bench run is active: \(who); wait for it or end it with SIGTERM")
  }
}
