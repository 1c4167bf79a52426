import CLinux
import LinuxSystem

/// Whether root may work in a directory that a user has named: whoever may rename it, or one above it, could put another in its place
/// while root is at work there.
enum DirectoryTrust {
  /// Why not, of the directories above `path`; nil where all of them belong to root or to the user behind sudo, and nobody else may write to
  /// them (or only under a sticky bit, which keeps others' hands off what is not theirs: inode(7)).
  ///
  /// - Parameter path: absolute, without `..`; what is not there is for others to say.
  static func problem(above path: String) -> String? {
    let components = path.split(separator: "/").dropLast()
    var trusted: Set<UInt32> = [0, geteuid()]
    if User.isRoot, let user = EnvironmentVariable.value("SUDO_UID").flatMap({ UInt32($0) }) { trusted.insert(user) }
    for count in 0...components.count {
      let directory = "/" + components.prefix(count).joined(separator: "/")
      var status = stat()
      guard clinux_lstat(directory, &status) == 0 else { return nil }
      if !trusted.contains(status.st_uid) {
        return "it lies in \(directory), which belongs to user \(status.st_uid), who could put another in its place"
      }
      if status.st_mode & 0o022 != 0 && status.st_mode & UInt32(S_ISVTX) == 0 {
        return "it lies in \(directory), where group or others may put another in its place"
      }
    }
    return nil
  }
}
