import SystemPackage

/// Where a path leads, and whether somebody else could make it lead elsewhere.
///
/// Root does what it is told by a path more than once: it checks, makes, mounts, removes. Between two of these, whoever owns any of the
/// directories on the way, or may write to one without a sticky bit, can put something else there. Where nobody can, the path may be used
/// as often as one likes.
public struct TrustedPath: Equatable, Sendable {
  /// Without links, "." and "..", as far as there is something of that name; the rest as it was given.
  public let canonical: String
  /// Why others could make it lead elsewhere: the first component that is to blame, in one clause. nil where nobody could.
  public let flaw: String?
  /// The first symbolic link on the way, the last component left out, that belongs to somebody else: it was planted, whatever it leads to.
  public let plantedLink: String?

  /// Who may own what is on the way.
  public struct Owners: Sendable {
    var users: Set<UInt32>
    /// Groups that may write.
    var groups: Set<UInt32> = []

    /// Root and the user of this process.
    public static var ours: Owners { Owners(users: [0, User.effectiveID]) }

    /// The user behind sudo as well, and that user's own group: whoever may start this program as root has no need to trick it.
    public static func ours(and user: UInt32, group: UInt32) -> Owners {
      Owners(users: [0, User.effectiveID, user], groups: [group])
    }
  }

  /// Looks at every directory from the root on. A relative `path` begins at the current directory. What is not there is no flaw.
  public init(_ path: String, owners: Owners = .ours) {
    var rest = PathComponents(Self.absolute(path))
    var walked: [Substring] = []
    var flaw = Self.flaw(of: "/", owners)
    var plantedLink: String?
    while let name = rest.next() {
      if name == "." { continue }
      if name == ".." {
        _ = walked.popLast()
        continue
      }
      let here = Self.text(walked + [name])
      guard let status = try? FileSystem.status(of: here) else {
        walked.append(name)
        continue
      }
      guard status.type == .symbolicLink else {
        walked.append(name)
        flaw = flaw ?? Self.flaw(of: here, status, owners)
        continue
      }
      if !owners.users.contains(status.userID.rawValue) {
        let text = "\(here) is a symbolic link of user \(status.userID.rawValue)"
        flaw = flaw ?? text
        if !rest.isEmpty { plantedLink = plantedLink ?? text }
      }
      guard let target = FileLink.target(of: here), rest.follow(target) else {
        flaw = flaw ?? "\(here) is a symbolic link that leads nowhere"
        walked.append(name)
        break
      }
      if target.hasPrefix("/") { walked = [] }
    }
    canonical = Self.text(walked + rest.remaining)
    self.flaw = flaw
    self.plantedLink = plantedLink
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : (FileLink.target(of: "/proc/self/cwd") ?? "") + "/" + path
  }

  private static func text(_ components: [Substring]) -> String { "/" + components.joined(separator: "/") }

  private static func flaw(of path: String, _ owners: Owners) -> String? {
    guard let status = try? FileSystem.status(of: path) else { return "\(path) cannot be looked at" }
    return flaw(of: path, status, owners)
  }

  private static func flaw(of path: String, _ status: Stat, _ owners: Owners) -> String? {
    guard owners.users.contains(status.userID.rawValue) else {
      return "\(path) belongs to user \(status.userID.rawValue)"
    }
    // In a directory with a sticky bit others can make names, but take none of ours away.
    if status.type == .directory && status.permissions.contains(.saveText) { return nil }
    if status.permissions.contains(.otherWrite) { return "others may write to \(path)" }
    if status.permissions.contains(.groupWrite) && !owners.groups.contains(status.groupID.rawValue) {
      return "group \(status.groupID.rawValue) may write to \(path)"
    }
    return nil
  }
}
