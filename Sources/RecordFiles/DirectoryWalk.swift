import Experiment
import Foundation

/// Goes to a directory component by component, and follows only links that may be believed.
///
/// A directory of somebody else's on the way is no reason to refuse: results may be wanted there, and nothing that is written there is
/// ever believed. A link of somebody else's is: it would have this program make and give away directories wherever its owner likes.
enum DirectoryWalk {
  /// As many as the kernel follows (path_resolution(7)).
  private static let linkLimit = 40

  /// The open directory that the last component of `path` is in.
  ///
  /// - Parameters:
  ///   - making: makes what is not there on the way, and gives it to `owner`.
  ///   - owner: the user behind sudo, whose links are followed too.
  static func parent(of path: String, making: Bool, owner: FileOwner?) throws(RecordFileError) -> PosixFile {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw RecordFileError(.badName, operation: "make", path: path, reason: "it is not a path", advice: "name a directory")
    }
    try checkName(path, operation: "make")
    var here = try PosixFile.open(path.first == "/" ? "/" : ".", O_RDONLY | O_DIRECTORY)
    var shown = path.first == "/" ? "/" : ""
    var rest = Array(path.split(separator: "/").map(String.init).dropLast().reversed())
    var links = 0
    while let name = rest.popLast() {
      let next = (shown.isEmpty || shown == "/" ? shown : shown + "/") + name
      do throws(RecordFileError) {
        here = try open(here, name, next, making: making, owner: owner)
        shown = next
      } catch {
        // O_DIRECTORY with O_NOFOLLOW answers so for a link, and for a file.
        guard error.errorNumber == ENOTDIR || error.errorNumber == ELOOP, let target = try linkTarget(here, name, next, owner: owner) else { throw error }
        links += 1
        guard links <= linkLimit else { throw RecordFileError(operation: "open", path: next, errorNumber: ELOOP) }
        if target.hasPrefix("/") {
          here = try PosixFile.open("/", O_RDONLY | O_DIRECTORY)
          shown = "/"
        }
        rest += target.split(separator: "/").map(String.init).reversed()
      }
    }
    return here
  }

  /// Names come back in messages, tables and pages, each of them a line.
  static func checkName(_ path: String, operation: String) throws(RecordFileError) {
    guard SingleLine.text(path, limit: path.count) == path else {
      throw RecordFileError(
        .badName, operation: operation, path: path, reason: "there is a line break or another control character in its name", advice: "rename it")
    }
  }

  private static func open(
    _ here: borrowing PosixFile, _ name: String, _ shown: String, making: Bool, owner: FileOwner?
  ) throws(RecordFileError) -> PosixFile {
    do throws(RecordFileError) { return try here.open(name, PosixFile.wayOnly | O_DIRECTORY, shownAs: shown) } catch {
      guard making, error.errorNumber == ENOENT else { throw error }
    }
    let descriptor = here.descriptor
    do throws(RecordFileError) { try systemCall("make", shown) { mkdirat(descriptor, name, 0o755) } } catch {
      // Somebody was faster; what it is, the opening tells.
      guard error.errorNumber == EEXIST else { throw error }
      return try here.open(name, PosixFile.wayOnly | O_DIRECTORY, shownAs: shown)
    }
    let made = try here.open(name, O_RDONLY | O_DIRECTORY, shownAs: shown)
    try made.setMode(0o755)
    try made.give(to: owner)
    return made
  }

  /// nil where `name` is no link; throws where it is one that was planted.
  private static func linkTarget(
    _ here: borrowing PosixFile, _ name: String, _ shown: String, owner: FileOwner?
  ) throws(RecordFileError) -> String? {
    var status = stat()
    let descriptor = here.descriptor
    try systemCall("examine", shown) { fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) }
    guard status.st_mode & S_IFMT == S_IFLNK else { return nil }
    guard status.st_uid == 0 || status.st_uid == geteuid() || status.st_uid == owner?.userID else {
      throw RecordFileError(
        .inTheWay, operation: "follow", path: shown, reason: "it is a symbolic link of user \(status.st_uid)",
        advice: "name the directory that it leads to")
    }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = try systemCall("read", shown) {
      bytes.withUnsafeMutableBytes { readlinkat(descriptor, name, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count) }
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
