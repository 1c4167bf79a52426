import LinuxSystem
import SystemPackage

/// Makes the directory that a run's results go into, or takes an empty one that is there.
///
/// The way to it is gone one component after another, each against the open directory before it: who writes results may be root, while
/// any directory on the way may belong to somebody who puts a link in place of what was there a moment ago.
enum NewDirectory {
  /// `parent`/`name`, with a number appended where there is one already: two runs may begin in the same second.
  static func make(in parent: String, name: String, owner: FileOwner?) throws(RecordFileError) -> ResultFile {
    let place = ResultFile(try ResultFile.parent(of: parent + "/" + name, making: true, owner: owner), path: parent)
    for number in 1...99 {
      let numbered = name + (number == 1 ? "" : "-\(number)")
      if let directory = try place.makeFolder(numbered, shownAs: "\(parent)/\(numbered)", owner: owner) {
        return directory
      }
    }
    throw RecordFileError(
      .inTheWay, operation: "make", path: "\(parent)/\(name)",
      reason: "it exists, and so do 98 directories of that name with a number",
      advice: "give --output another directory")
  }

  /// `path` with its parents. An empty directory that is there is taken as it is: it may be the mount point of a volume.
  static func make(at given: String, owner: FileOwner?) throws(RecordFileError) -> ResultFile {
    var path = Substring(given)
    // A slash at the end would make the kernel follow a symbolic link.
    while path.count > 1 && path.last == "/" { path.removeLast() }
    let parent = try ResultFile.parent(of: String(path), making: true, owner: owner)
    let name = String(path.split(separator: "/").last ?? ".")
    let prefix = String(path.dropLast(name.count))
    let place = ResultFile(parent, path: prefix)
    if let directory = try place.makeFolder(name, shownAs: prefix + name, owner: owner) { return directory }
    return try takeEmpty(place, name, prefix)
  }

  private static func takeEmpty(_ place: borrowing ResultFile, _ name: String, _ prefix: String) throws(RecordFileError)
    -> ResultFile
  {
    func inTheWay(_ reason: String) -> RecordFileError {
      RecordFileError(
        .inTheWay, operation: "use", path: prefix + name, reason: reason,
        advice: "name a directory that is new or empty")
    }
    let status: Stat
    do throws(Errno) { status = try place.file.status(of: name) } catch {
      throw RecordFileError(operation: "examine", path: prefix + name, error)
    }
    switch status.type {
    case .directory: break
    case .symbolicLink: throw inTheWay("it is a symbolic link")
    default: throw inTheWay("it exists and is not a directory")
    }
    let directory = try place.open(name, .readOnly, .directory, shownAs: prefix + name)
    guard let isEmpty = directory.isEmptyDirectory() else { throw inTheWay("it cannot be listed") }
    guard isEmpty else { throw inTheWay("it is not empty") }
    return directory
  }
}
