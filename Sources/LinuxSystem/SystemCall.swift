import CLinux
public import SystemPackage

/// The one funnel for errno. Everything that goes to the kernel from Swift goes through here, so that EINTR is dealt with in one place and
/// errno is read before anything else can change it.
public enum SystemCall {
  /// Calls until it is no longer interrupted; -1 becomes the errno as an error. Not for close(2): on Linux the descriptor is gone after
  /// EINTR, and a second close may hit somebody else's.
  @discardableResult
  public static func check<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
      let result = call()
      if result != -1 { return result }
      let error = Errno(rawValue: clinux_errno())
      if error != .interrupted { throw error }
    }
  }

  /// As ``check(_:)``, for calls that answer nothing but success.
  public static func perform(_ call: () -> Int32) throws(Errno) { try check(call) }
}
