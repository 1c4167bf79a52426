import Foundation

/// Makes the directory that a run's results go into, or takes an empty one that is there.
enum NewDirectory {
  /// `parent`/`name`, with a number behind it where there is one already: two runs may begin in the same second.
  static func make(in parent: String, name: String, owner: FileOwner?) throws(RecordFileError) -> PosixFile {
    try makeParents(of: parent + "/" + name, owner: owner)
    for number in 1...99 {
      let path = parent + "/" + name + (number == 1 ? "" : "-\(number)")
      if let directory = try makeOne(path, owner: owner) { return directory }
    }
    throw RecordFileError(
      .inTheWay, operation: "make", path: "\(parent)/\(name)", reason: "it exists, and so do 98 of the same name with a number",
      advice: "give --output another directory")
  }

  /// `path` with its parents. An empty directory that is there is taken as it is: it may be the mount point of a volume.
  static func make(at given: String, owner: FileOwner?) throws(RecordFileError) -> PosixFile {
    var path = Substring(given)
    // A slash at the end would make the kernel follow a symbolic link.
    while path.count > 1 && path.last == "/" { path.removeLast() }
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw RecordFileError(.badName, operation: "make", path: given, reason: "it is not a path", advice: "name a directory")
    }
    try makeParents(of: String(path), owner: owner)
    if let directory = try makeOne(String(path), owner: owner) { return directory }
    return try takeEmpty(String(path))
  }

  private static func makeParents(of path: String, owner: FileOwner?) throws(RecordFileError) {
    var parent = path.first == "/" ? "/" : ""
    for component in path.split(separator: "/").dropLast() {
      parent += (parent.isEmpty || parent == "/" ? "" : "/") + component
      _ = try makeOne(parent, owner: owner)
    }
  }

  /// Returns nil when there is something of that name already.
  private static func makeOne(_ path: String, owner: FileOwner?) throws(RecordFileError) -> PosixFile? {
    do throws(RecordFileError) { try systemCall("make", path) { mkdir(path, 0o755) } } catch {
      if error.errorNumber == EEXIST { return nil }
      throw error
    }
    let directory = try PosixFile.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    // The caller's umask may have been stricter than somebody's wish to read the results.
    try directory.setMode(0o755)
    try directory.give(to: owner)
    return directory
  }

  private static func takeEmpty(_ path: String) throws(RecordFileError) -> PosixFile {
    func inTheWay(_ reason: String) -> RecordFileError {
      RecordFileError(
        .inTheWay, operation: "use", path: path, reason: reason, advice: "name a directory that is new or empty")
    }
    var status = stat()
    try systemCall("examine", path) { lstat(path, &status) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: break
    case S_IFLNK: throw inTheWay("it is a symbolic link")
    default: throw inTheWay("it exists and is not a directory")
    }
    let directory = try PosixFile.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw inTheWay("it cannot be listed")
    }
    guard entries.isEmpty else { throw inTheWay("it is not empty") }
    return directory
  }
}
