internal import LinuxSystem
public import SystemPackage

/// A directory that a run made.
public struct MadeDirectory: Equatable, Sendable {
  /// For `undone` and `release`.
  public var id: Int
  public var device: UInt64
  public var inode: UInt64
}

extension Journal {
  /// Makes a work directory (0700) that did not exist, journalled at each instant: its inode cannot be known before, so
  /// the plan is recorded first, under which nothing but an empty directory would be removed.
  public mutating func makeDirectory(_ path: FilePath) throws(JournalError) -> MadeDirectory {
    let plan = try record(.plannedDirectory(path: path.string))
    do throws(Errno) {
      try FileSystem.makeDirectory(path.string)
    } catch {
      // Somebody else's, or not there at all: nothing to put back.
      try undone(plan)
      throw JournalError(
        error, "create the work directory", path.string,
        advice: error == .fileExists ? "it exists already, and is not this run's" : "choose another place")
    }
    let status = try explaining("look at", path.string, advice: "it was made a moment ago") { () throws(Errno) in
      try FileSystem.status(of: path.string)
    }
    let made = HostChange.directory(
      path: path.string, device: UInt64(status.deviceID.rawValue), inode: UInt64(status.inode.rawValue))
    let id = try record(made)
    try undone(plan)
    return MadeDirectory(id: id, device: UInt64(status.deviceID.rawValue), inode: UInt64(status.inode.rawValue))
  }
}
