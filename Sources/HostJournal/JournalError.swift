public import SystemPackage

/// Everything that can go wrong in this module: what was attempted, on which path or key, what the kernel said, and
/// what to do next. One type, since all of it ends up in front of the same person.
public struct JournalError: Error, Equatable, Sendable {
  /// What a caller may want to tell apart; everything else is in the words.
  public enum Kind: Equatable, Sendable {
    /// A system call failed; see `errno`.
    case systemCall
    /// A path whose type, owner or mode cannot be relied on by a program that runs as root.
    case untrusted
    /// Text that is not what it should be: a value that cannot be journalled, a damaged file.
    case malformed
    /// A bound of this module was exceeded.
    case tooLarge
    /// Somebody is putting the host back at this moment: no further change may be made.
    case restoreUnderWay
    /// The journal was removed: the host was put back by somebody else. No further change may be made.
    case alreadyRestored
    /// `finish` found changes that are not undone.
    case pendingChanges(Int)
    /// Another run holds the host; its process where a live journal tells.
    case runActive(pid: Int32?)
  }

  public var kind: Kind
  /// An infinitive: "write", "create the state directory".
  public var action: String
  /// The path, sysctl key or device.
  public var subject: String
  public var errno: Errno?
  /// What to do next, or what it means; never empty.
  public var advice: String

  public init(kind: Kind, action: String, subject: String, errno: Errno? = nil, advice: String) {
    (self.kind, self.action, self.subject, self.errno, self.advice) = (kind, action, subject, errno, advice)
  }
}

extension JournalError: CustomStringConvertible {
  public var description: String {
    let cause = errno.map { ": \($0.description)" } ?? ""
    return "cannot \(action) \(printable(subject))\(cause) (\(advice))"
  }
}

extension JournalError {
  init(_ errno: Errno, _ action: String, _ subject: String, advice: String) {
    self.init(kind: .systemCall, action: action, subject: subject, errno: errno, advice: advice)
  }
}

/// Runs a system call (or several) and says what it was for when it fails.
func explaining<Result: ~Copyable>(
  _ action: String, _ subject: String, advice: String, _ body: () throws(Errno) -> Result
) throws(JournalError) -> Result {
  do throws(Errno) {
    return try body()
  } catch {
    throw JournalError(error, action, subject, advice: advice)
  }
}

/// Removes something that this program has named; a name that is none of ours leads to nothing.
func removing(
  _ what: String, _ name: String, isOurs: Bool, advice: String, _ remove: () throws(Errno) -> Removal
) throws(JournalError) -> Removal {
  guard isOurs else {
    throw JournalError(kind: .malformed, action: what, subject: name, advice: "it is not this program's")
  }
  return try explaining(what, name, advice: advice, remove)
}

/// Removes something, and says what an errno of that means.
///
/// - Parameters:
///   - absent: there is none.
///   - busy: it is in use, by whom.
/// - Throws: any other errno.
func removal(
  absent: Set<Errno>, busy: [Errno: String], _ remove: () throws(Errno) -> Void
) throws(Errno) -> Removal {
  do throws(Errno) {
    try remove()
    return .removed
  } catch {
    if absent.contains(error) { return .absent }
    guard let reason = busy[error] else { throw error }
    return .busy(reason)
  }
}

/// The same text with control characters written out: names come from files and must not drive the terminal.
func printable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    let isInvisible = (0x200b...0x200f).contains(scalar.value) || (0x2028...0x202e).contains(scalar.value)
    if isControl || isInvisible {
      result += scalar.escaped(asASCII: true)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
