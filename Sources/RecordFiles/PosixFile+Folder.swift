import Foundation

/// A descriptor of a directory as a place for files. Every name is resolved against it and no symbolic link is followed: who writes here
/// may be root, while the directory may belong to a user.
extension PosixFile {
  /// The directory `name` in this one, made where there is none.
  borrowing func folder(_ name: String, owner: FileOwner?) throws(RecordFileError) -> PosixFile {
    let descriptor = descriptor
    var isNew = true
    do throws(RecordFileError) {
      try systemCall("make", "\(path)/\(name)") { mkdirat(descriptor, name, 0o755) }
    } catch {
      guard error.errorNumber == EEXIST else { throw error }
      isNew = false
    }
    let made = try open(name, O_RDONLY | O_DIRECTORY)
    if isNew {
      try made.setMode(0o755)
      try made.give(to: owner)
    }
    return made
  }

  /// nil where it cannot be listed.
  borrowing func isEmptyDirectory() throws(RecordFileError) -> Bool? {
    // A descriptor of its own: the stream closes the one that it is given.
    let descriptor = descriptor
    let copy = try systemCall("open", path) { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard let stream = fdopendir(copy) else {
      _ = close(copy)
      return nil
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { return false }
    }
    return true
  }

  /// Writes a new file beside the old one and puts it in its place once it is on disk.
  borrowing func replaceFile(_ name: String, with bytes: [UInt8], owner: FileOwner?) throws(RecordFileError) {
    let temporary = ".\(name).new"
    let descriptor = descriptor
    // One may be left of a write that failed; nobody else writes here.
    _ = unlinkat(descriptor, temporary, 0)
    do throws(RecordFileError) {
      let file = try open(temporary, O_WRONLY | O_CREAT | O_EXCL)
      try file.write(bytes)
      try file.give(to: owner)
      try file.synchronise()
      try systemCall("write", "\(path)/\(name)") { renameat(descriptor, temporary, descriptor, name) }
      try synchronise()
    } catch {
      _ = unlinkat(descriptor, temporary, 0)
      throw error
    }
  }
}
