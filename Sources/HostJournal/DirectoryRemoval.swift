internal import LinuxSystem
internal import SystemPackage

extension LinuxHostOperations {
  public func removeEmptyDirectory(_ path: String) throws(JournalError) -> Removal {
    try explaining("remove the directory", path, advice: "remove it by hand") { () throws(Errno) in
      do throws(Errno) {
        let status = try FileSystem.status(of: path)
        if let objection = DirectoryRemoval.objection(to: status) { return .foreign(objection) }
        try FileSystem.removeDirectory(path)
        return .removed
      } catch .noSuchFileOrDirectory {
        return .absent
      } catch .directoryNotEmpty {
        // Of ours, a planned directory has had nothing put into it yet.
        return .foreign("it is not empty, so it is somebody else's")
      }
    }
  }

  public func removeDirectoryTree(_ path: String, identity: FileIdentity) throws(JournalError) -> Removal {
    var current = path
    do throws(Errno) {
      return try DirectoryRemoval(path: path, identity: identity).run(at: &current)
    } catch {
      throw JournalError(error, "remove", current, advice: "see what it is, then remove \(printable(path)) by hand")
    }
  }
}

/// Removes one directory of ours with all that is in it. It follows no symbolic link and crosses no mount, not even a
/// bind mount of the same file system (openat2(2) with RESOLVE_NO_XDEV), whatever was planted below it.
struct DirectoryRemoval {
  let path: String
  let identity: FileIdentity

  /// Work directories are a handful of levels deep; each costs a descriptor.
  private static let depthLimit = 64

  /// Why a directory is not one that a run made: those are ours and closed to everybody else.
  static func objection(to status: Stat) -> String? {
    if status.type == .symbolicLink { return "a symbolic link is in its place" }
    if status.type != .directory { return "it is not a directory" }
    if status.userID.rawValue != User.effectiveID { return "it belongs to user \(status.userID.rawValue)" }
    if status.permissions.rawValue & 0o077 != 0 {
      return "it is open to group or others, unlike any that this program makes"
    }
    return nil
  }

  func run(at current: inout String) throws(Errno) -> Removal {
    let split = path.lastIndex(of: "/")!
    let parentPath = split == path.startIndex ? "/" : String(path[..<split])
    let name = String(path[path.index(after: split)...])
    do throws(Errno) {
      let parent = try Descriptor(opening: parentPath, .readOnly, .directory)
      if let objection = Self.objection(to: try parent.status(of: name)) { return .foreign(objection) }
      let top = try parent.open(name, .readOnly, [.directory, .noFollow])
      // Checked again on what was opened: the name may have been given to another in between.
      let status = try top.status()
      if let objection = Self.objection(to: status) { return .foreign(objection) }
      let found = FileIdentity(device: UInt64(status.deviceID.rawValue), inode: UInt64(status.inode.rawValue))
      guard found == identity else { return .foreign("another directory has that name now") }
      if let obstacle = try empty(top, path, depth: 0, &current) { return obstacle }
      current = path
      try parent.removeDirectory(name)
      try parent.synchronize()
      return .removed
    } catch .noSuchFileOrDirectory {
      return .absent
    } catch .directoryNotEmpty {
      return .busy("somebody is still writing into it")
    } catch .resourceBusy {
      return .busy("\(printable(current)) is a mount point")
    }
  }

  /// nil when it is empty then.
  private func empty(
    _ directory: borrowing Descriptor, _ path: String, depth: Int, _ current: inout String
  ) throws(Errno) -> Removal? {
    // In batches, so that memory stays bounded; what was removed does not come again.
    while true {
      let names = try directory.entryNames(atMost: 10_000)
      if names.isEmpty { return nil }
      for name in names {
        let entryPath = "\(path)/\(readable(name))"
        current = entryPath
        do throws(Errno) {
          try directory.removeFile(name)
        } catch .isDirectory {
          if let obstacle = try removeDirectory(name, in: directory, entryPath, depth: depth, &current) {
            return obstacle
          }
        } catch .noSuchFileOrDirectory {
          continue
        }
      }
    }
  }

  private func removeDirectory(
    _ name: [CChar], in parent: borrowing Descriptor, _ path: String, depth: Int, _ current: inout String
  ) throws(Errno) -> Removal? {
    guard depth < Self.depthLimit else { throw .fileNameTooLong }
    let directory: Descriptor
    do throws(Errno) {
      directory = try parent.openDirectoryBeneath(name)
    } catch .improperLink {
      return .busy("\(printable(path)) is a mount point")
    }
    guard UInt64(try directory.status().deviceID.rawValue) == identity.device else {
      return .busy("\(printable(path)) is a mount point")
    }
    if let obstacle = try empty(directory, path, depth: depth + 1, &current) { return obstacle }
    current = path
    try parent.removeDirectory(name)
    return nil
  }
}
