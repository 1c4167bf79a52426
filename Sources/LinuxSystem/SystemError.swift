public import SystemPackage

/// A system call that failed: what was tried, on what, and why in the kernel's words.
///
/// What works on a ``Descriptor`` throws `Errno`, for only its caller knows what the descriptor is of; what takes a path throws this.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// As in "open", "bind the loop device".
  public let operation: String
  /// A path, a device, a setting; may be empty.
  public let subject: String
  public let errno: Errno

  public init(operation: String, subject: String, errno: Errno) {
    (self.operation, self.subject, self.errno) = (operation, subject, errno)
  }

  public var description: String {
    subject.isEmpty ? "\(operation): \(errno)" : "\(operation) \(subject): \(errno)"
  }
}

/// ``SystemCall/check(_:)``, saying what the call was for when it fails.
@discardableResult
public func systemCall<Result: SignedInteger>(
  _ operation: String, _ subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(SystemError) -> Result {
  do throws(Errno) { return try SystemCall.check(body) } catch {
    throw SystemError(operation: operation, subject: subject(), errno: error)
  }
}

/// Runs something that throws `Errno`, and says what it was for when it fails.
public func attempt<Result: ~Copyable>(
  _ operation: String, _ subject: @autoclosure () -> String = "", _ body: () throws(Errno) -> Result
) throws(SystemError) -> Result {
  do throws(Errno) { return try body() } catch {
    throw SystemError(operation: operation, subject: subject(), errno: error)
  }
}

extension Descriptor {
  /// ``close()``, saying what was closed when that fails: a closure cannot consume what it captures, so ``attempt(_:_:_:)`` does not help.
  public consuming func close(naming subject: String) throws(SystemError) {
    do throws(Errno) { try close() } catch { throw SystemError(operation: "close", subject: subject, errno: error) }
  }
}
