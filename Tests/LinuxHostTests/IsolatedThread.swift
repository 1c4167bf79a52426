import CLinux
import LinuxSystem
import SystemPackage
import Testing

/// Runs a test's body in a mount namespace of its own, so that nothing it mounts is seen by the host, and nothing is left if
/// it forgets: unshare(2) moves only the calling thread, which here is what is wanted, and setns(2) takes it back. It stays the
/// test's own thread: an expectation that fails on another one belongs to no test, and no report names it.
enum IsolatedThread {
  static func run(_ body: () throws -> Void) throws {
    let host = try Descriptor(opening: "/proc/thread-self/ns/mnt", .readOnly)
    try #require(clinux_unshare_mount_namespace() == 0, "unshare(CLONE_NEWNS): errno \(clinux_errno())")
    defer {
      // Other tests would go on in this namespace.
      if clinux_enter_mount_namespace(host.rawValue) != 0 { fatalError("setns(CLONE_NEWNS): errno \(clinux_errno())") }
    }
    try #require(clinux_make_mounts_private() == 0, "mount --make-rprivate: errno \(clinux_errno())")
    try body()
  }
}
