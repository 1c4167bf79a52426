import CLinux
public import SystemPackage

/// A system call that failed: what was tried, on what, and why in the kernel's words.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// As in "open", "bind the loop device".
  public let operation: String
  /// A path, a device, a setting; may be empty.
  public let subject: String
  public let errno: Errno

  public init(operation: String, subject: String, errno: Errno) {
    self.operation = operation
    self.subject = subject
    self.errno = errno
  }

  public var description: String {
    subject.isEmpty ? "\(operation): \(errno)" : "\(operation) \(subject): \(errno)"
  }
}

/// The one funnel for errno: calls `body` until it is not interrupted, and turns -1 into an error.
///
/// Everything that goes to the kernel from Swift goes through here, so that EINTR is handled in one place and errno is read
/// before anything else can change it.
@discardableResult
public func systemCall<Result: SignedInteger>(
  _ operation: String, _ subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = Errno(rawValue: clinux_errno())
    if code == .interrupted { continue }
    throw SystemError(operation: operation, subject: subject(), errno: code)
  }
}
