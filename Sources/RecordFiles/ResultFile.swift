import LinuxSystem
import SystemPackage

/// A descriptor of a file or directory of results, and the path that messages have for it.
///
/// Names are resolved against open directories and no symbolic link is followed: who writes here may be root, while the directory may
/// belong to a user.
struct ResultFile: ~Copyable {
  let file: Descriptor
  let path: String

  init(_ file: consuming Descriptor, path: String) {
    self.file = file
    self.path = path
  }

  /// Opens `path` as it stands.
  init(opening path: String, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = [])
    throws(RecordFileError)
  {
    self.init(
      try attempting("open", path) { () throws(Errno) in try Descriptor(opening: path, mode, options) }, path: path)
  }

  /// Opens `name` in this directory, and no link of that name.
  borrowing func open(
    _ name: String, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = [],
    shownAs shown: String? = nil
  ) throws(RecordFileError) -> ResultFile {
    let path = shown ?? "\(self.path)/\(name)"
    do throws(Errno) {
      return ResultFile(try file.open(name, mode, options.union(.noFollow), permissions: 0o644), path: path)
    } catch { throw RecordFileError(operation: options.contains(.create) ? "create" : "open", path: path, error) }
  }

  /// Writes all of `bytes`; at the end of the file when it was opened so.
  borrowing func write(_ bytes: [UInt8]) throws(RecordFileError) {
    do throws(Errno) { try file.write(bytes) } catch { throw RecordFileError(operation: "write", path: path, error) }
  }

  /// Appends one line whole: what a full disk left of it is taken back, so that the file stays valid.
  borrowing func appendLine(_ bytes: [UInt8]) throws(RecordFileError) {
    let size = try status().size
    do throws(RecordFileError) { try write(bytes) } catch {
      try? file.setSize(size)
      throw error
    }
  }

  borrowing func synchronize() throws(RecordFileError) {
    do throws(Errno) { try file.synchronize() } catch {
      throw RecordFileError(operation: "synchronize", path: path, error)
    }
  }

  borrowing func give(to owner: FileOwner?) throws(RecordFileError) {
    guard let owner else { return }
    do throws(Errno) { try file.setOwner(user: owner.userID, group: owner.groupID) } catch {
      throw RecordFileError(operation: "change the owner of", path: path, error)
    }
  }

  borrowing func status() throws(RecordFileError) -> Stat {
    do throws(Errno) { return try file.status() } catch {
      throw RecordFileError(operation: "examine", path: path, error)
    }
  }
}

/// Of a directory.
extension ResultFile {
  /// Makes the directory `name` in this one; nil where there is something of that name.
  borrowing func makeFolder(_ name: String, shownAs shown: String? = nil, owner: FileOwner?) throws(RecordFileError)
    -> ResultFile?
  {
    let path = shown ?? "\(self.path)/\(name)"
    do throws(Errno) { try file.makeDirectory(name, permissions: 0o755) } catch {
      if error == .fileExists { return nil }
      throw RecordFileError(operation: "make", path: path, error)
    }
    let made = try open(name, .readOnly, .directory, shownAs: path)
    // The caller's umask may have been stricter than somebody's wish to read the results.
    do throws(Errno) { try made.file.setPermissions(0o755) } catch {
      throw RecordFileError(operation: "set the mode of", path: path, error)
    }
    try made.give(to: owner)
    return made
  }

  /// The directory `name` in this one, made where there is none.
  borrowing func folder(_ name: String, owner: FileOwner?) throws(RecordFileError) -> ResultFile {
    if let made = try makeFolder(name, owner: owner) { return made }
    return try open(name, .readOnly, .directory)
  }

  /// nil where it cannot be listed.
  borrowing func isEmptyDirectory() -> Bool? { (try? file.entryNames(atMost: 1))?.isEmpty }

  /// Takes the file `name` away, if there is one.
  borrowing func remove(_ name: String) { try? file.removeFile(name) }

  /// Writes a new file beside the old one and puts it in its place once it is on disk.
  borrowing func replaceFile(_ name: String, with bytes: [UInt8], owner: FileOwner?) throws(RecordFileError) {
    let temporary = ".\(name).new"
    // One may be left of a write that failed; nobody else writes here.
    remove(temporary)
    do throws(RecordFileError) {
      let new = try open(temporary, .writeOnly, [.create, .exclusiveCreate])
      try new.write(bytes)
      try new.give(to: owner)
      try new.synchronize()
      do throws(Errno) { try file.rename(temporary, to: name) } catch {
        throw RecordFileError(operation: "write", path: "\(path)/\(name)", error)
      }
      try synchronize()
    } catch {
      remove(temporary)
      throw error
    }
  }
}

/// Paths that are to lead to results.
extension ResultFile {
  /// The open directory that the last component of `path` is in; see `DirectoryWalk`.
  static func parent(of path: String, making: Bool, owner: FileOwner?) throws(RecordFileError) -> Descriptor {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw RecordFileError(
        .badName, operation: "make", path: path, reason: "it is not a path", advice: "name a directory")
    }
    try RecordFileError.checkName(path, operation: "make")
    do throws(DirectoryWalk.Failure) { return try DirectoryWalk.parent(of: path, making: making, owner: owner) } catch {
      guard let user = error.plantedBy else {
        throw RecordFileError(operation: error.operation, path: error.path, error.errno)
      }
      throw RecordFileError(
        .inTheWay, operation: error.operation, path: error.path, reason: "it is a symbolic link of user \(user)",
        advice: "name the directory that it leads to")
    }
  }
}
