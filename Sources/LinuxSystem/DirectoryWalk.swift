import CLinux
public import SystemPackage

/// Goes to a directory component by component, each opened against the one before, and follows only links that may be believed.
///
/// A directory of somebody else's on the way is no reason to refuse: results may be wanted there, and nothing that is written there is
/// ever believed. A link of somebody else's is: it would have root make and give away directories wherever its owner likes. (Where what is
/// found is believed, ``TrustedPath`` is what to ask.)
public enum DirectoryWalk {
  /// A component that could not be gone through.
  public struct Failure: Error, Equatable, Sendable {
    /// As in "open".
    public let operation: String
    /// As the caller wrote it, up to this component.
    public let path: String
    public let errno: Errno
    /// Whose symbolic link it is, where that is why.
    public let plantedBy: UInt32?

    init(_ operation: String, _ path: String, _ errno: Errno, plantedBy: UInt32? = nil) {
      (self.operation, self.path, self.errno, self.plantedBy) = (operation, path, errno, plantedBy)
    }
  }

  /// The open directory that the last component of `path` is in.
  ///
  /// - Parameters:
  ///   - making: makes what is not there on the way, mode 0755, and gives it to `owner`.
  ///   - owner: whose links are followed too, beside root's and the own user's.
  public static func parent(of path: String, making: Bool, owner: FileOwner?) throws(Failure) -> Descriptor {
    let components = path.split(separator: "/").dropLast().joined(separator: "/")
    var rest = PathComponents(components)
    var here = try root(path)
    var shown = path.first == "/" ? "/" : ""
    while let component = rest.next() {
      let name = String(component)
      let next = (shown.isEmpty || shown == "/" ? shown : shown + "/") + name
      do throws(Failure) {
        here = try open(here, name, next, making: making, owner: owner)
        shown = next
      } catch {
        // O_DIRECTORY with O_NOFOLLOW answers so for a link, and for a file.
        guard error.errno == .notDirectory || error.errno == .tooManySymbolicLinkLevels,
          let target = try linkTarget(here, name, next, owner: owner)
        else { throw error }
        guard rest.follow(target) else { throw Failure("open", next, .tooManySymbolicLinkLevels) }
        if target.hasPrefix("/") {
          here = try root(target)
          shown = "/"
        }
      }
    }
    return here
  }

  /// Where a path begins.
  private static func root(_ path: String) throws(Failure) -> Descriptor {
    let start = path.first == "/" ? "/" : "."
    do throws(Errno) { return try Descriptor(opening: start, .readOnly, .directory) } catch {
      throw Failure("open", start, error)
    }
  }

  private static func open(
    _ here: borrowing Descriptor, _ name: String, _ shown: String, making: Bool, owner: FileOwner?
  ) throws(Failure) -> Descriptor {
    func goThrough(_ here: borrowing Descriptor) throws(Failure) -> Descriptor {
      do throws(Errno) { return try here.open(name, .readOnly, [.pathOnly, .directory, .noFollow]) } catch {
        throw Failure("open", shown, error)
      }
    }
    do throws(Failure) { return try goThrough(here) } catch {
      guard making, error.errno == .noSuchFileOrDirectory else { throw error }
    }
    do throws(Errno) { try here.makeDirectory(name, permissions: 0o755) } catch {
      // Somebody was faster; what it is, the opening tells.
      guard error == .fileExists else { throw Failure("make", shown, error) }
      return try goThrough(here)
    }
    do throws(Errno) {
      let made = try here.open(name, .readOnly, [.directory, .noFollow])
      // The caller's umask may have been stricter.
      try made.setPermissions(0o755)
      if let owner { try made.setOwner(user: owner.userID, group: owner.groupID) }
      return made
    } catch { throw Failure("make", shown, error) }
  }

  /// nil where `name` is no link; throws where it is one that was planted.
  private static func linkTarget(
    _ here: borrowing Descriptor, _ name: String, _ shown: String, owner: FileOwner?
  ) throws(Failure) -> String? {
    let status: Stat
    do throws(Errno) { status = try here.status(of: name) } catch { throw Failure("examine", shown, error) }
    guard status.type == .symbolicLink else { return nil }
    let user = status.userID.rawValue
    guard user == 0 || user == User.effectiveID || user == owner?.userID else {
      throw Failure("follow", shown, .tooManySymbolicLinkLevels, plantedBy: user)
    }
    do throws(Errno) { return try here.linkTarget(of: name) } catch { throw Failure("read", shown, error) }
  }
}

/// Whom files belong to that root makes: the user behind sudo, who wants to read, move and delete them.
public struct FileOwner: Equatable, Sendable {
  public let userID: UInt32
  public let groupID: UInt32

  public init(userID: UInt32, groupID: UInt32) {
    self.userID = userID
    self.groupID = groupID
  }

  /// The user who called sudo, to whom results should belong; nil without sudo.
  public static var behindSudo: FileOwner? {
    guard User.isRoot, let user = EnvironmentVariable.value("SUDO_UID").flatMap({ UInt32($0) }),
      let group = EnvironmentVariable.value("SUDO_GID").flatMap({ UInt32($0) })
    else { return nil }
    return FileOwner(userID: user, groupID: group)
  }
}
