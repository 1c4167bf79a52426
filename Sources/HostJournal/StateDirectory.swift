internal import LinuxSystem
internal import SystemPackage

/// The directory of the journals. What lies in it tells root what to delete, so nobody else may have had a hand in it.
enum StateDirectory {
  static func open(_ path: FilePath, creating: Bool) throws(JournalError) -> Descriptor {
    let name = path.isEmpty ? "." : path.string
    let parent = path.removingLastComponent()
    if let flaw = TrustedPath(parent.isEmpty ? "." : parent.string).flaw {
      throw refusal(
        name, "\(flaw), and so could put another in its place; choose one with --state-dir that only root can reach")
    }
    if creating {
      do throws(Errno) {
        try FileSystem.makeDirectory(name)
      } catch .fileExists {
        // Looked at below.
      } catch {
        throw JournalError(error, "create the state directory", name, advice: createAdvice(error))
      }
    }
    let directory = try openWithoutFollowing(name)
    let status = try explaining("look at the state directory", name, advice: "this should not happen") {
      () throws(Errno) in try directory.status()
    }
    if status.userID.rawValue != User.effectiveID {
      throw refusal(
        name, "it belongs to user \(status.userID.rawValue); choose another one with --state-dir, or remove it")
    }
    if status.permissions.rawValue & 0o022 != 0 {
      throw refusal(name, "group or others may write to it; look at what is in it, then chmod 700 it or remove it")
    }
    return directory
  }

  private static func openWithoutFollowing(_ name: String) throws(JournalError) -> Descriptor {
    do throws(Errno) {
      return try Descriptor(opening: name, .readOnly, [.directory, .noFollow])
    } catch {
      if isSymbolicLink(name) { throw refusal(name, "it is a symbolic link; name the directory itself") }
      throw JournalError(error, "open the state directory", name, advice: "choose another one with --state-dir")
    }
  }

  static func openIfPresent(_ path: FilePath) throws(JournalError) -> Descriptor? {
    do throws(JournalError) {
      return try open(path, creating: false)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return nil
    }
  }

  private static func createAdvice(_ error: Errno) -> String {
    switch error {
    case .noSuchFileOrDirectory: "its parent directory does not exist; create it, or choose another with --state-dir"
    case .permissionDenied, .notPermitted: "run as root, or choose another with --state-dir"
    default: "choose another with --state-dir"
    }
  }

  private static func isSymbolicLink(_ path: String) -> Bool {
    (try? FileSystem.status(of: path))?.type == .symbolicLink
  }

  private static func refusal(_ path: String, _ reason: String) -> JournalError {
    JournalError(kind: .untrusted, action: "use the state directory", subject: path, advice: reason)
  }
}
