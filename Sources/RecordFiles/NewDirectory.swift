import Experiment
import Foundation

/// Makes the directory that a run's results go into, or takes an empty one that is there.
///
/// The way to it is gone one component after another, each against the open directory before it: who writes results may be root, while
/// any directory on the way may belong to somebody who puts a link in place of what was there a moment ago.
enum NewDirectory {
  /// `parent`/`name`, with a number behind it where there is one already: two runs may begin in the same second.
  static func make(in parent: String, name: String, owner: FileOwner?) throws(RecordFileError) -> PosixFile {
    let place = try DirectoryWalk.parent(of: parent + "/" + name, making: true, owner: owner)
    for number in 1...99 {
      if let directory = try makeOne(place, name + (number == 1 ? "" : "-\(number)"), "\(parent)/", owner: owner) { return directory }
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
    let place = try DirectoryWalk.parent(of: String(path), making: true, owner: owner)
    let name = String(path.split(separator: "/").last ?? ".")
    let prefix = String(path.dropLast(name.count))
    if let directory = try makeOne(place, name, prefix, owner: owner) { return directory }
    return try takeEmpty(place, name, prefix)
  }

  /// Returns nil when there is something of that name already.
  private static func makeOne(
    _ place: borrowing PosixFile, _ name: String, _ prefix: String, owner: FileOwner?
  ) throws(RecordFileError) -> PosixFile? {
    let descriptor = place.descriptor
    do throws(RecordFileError) { try systemCall("make", prefix + name) { mkdirat(descriptor, name, 0o755) } } catch {
      if error.errorNumber == EEXIST { return nil }
      throw error
    }
    let directory = try place.open(name, O_RDONLY | O_DIRECTORY, shownAs: prefix + name)
    // The caller's umask may have been stricter than somebody's wish to read the results.
    try directory.setMode(0o755)
    try directory.give(to: owner)
    return directory
  }

  private static func takeEmpty(_ place: borrowing PosixFile, _ name: String, _ prefix: String) throws(RecordFileError) -> PosixFile {
    func inTheWay(_ reason: String) -> RecordFileError {
      RecordFileError(
        .inTheWay, operation: "use", path: prefix + name, reason: reason, advice: "name a directory that is new or empty")
    }
    var status = stat()
    let descriptor = place.descriptor
    try systemCall("examine", prefix + name) { fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: break
    case S_IFLNK: throw inTheWay("it is a symbolic link")
    default: throw inTheWay("it exists and is not a directory")
    }
    let directory = try place.open(name, O_RDONLY | O_DIRECTORY, shownAs: prefix + name)
    guard let isEmpty = try directory.isEmptyDirectory() else { throw inTheWay("it cannot be listed") }
    guard isEmpty else { throw inTheWay("it is not empty") }
    return directory
  }
}
