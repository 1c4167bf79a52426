import CLinux
import Testing

/// Runs a test's body on a thread with a mount namespace of its own, so that nothing it mounts is seen by the host, and
/// nothing is left if it forgets: unshare(2) moves only the calling thread, which here is what is wanted.
enum IsolatedThread {
  private final class Work {
    let body: () throws -> Void
    var error: (any Error)?
    init(_ body: @escaping () throws -> Void) { self.body = body }
  }

  static func run(_ body: @escaping () throws -> Void) throws {
    let work = Work {
      try #require(clinux_unshare_mount_namespace() == 0, "unshare(CLONE_NEWNS): errno \(clinux_errno())")
      try #require(clinux_make_mounts_private() == 0, "mount --make-rprivate: errno \(clinux_errno())")
      try body()
    }
    var thread = pthread_t()
    let pointer = Unmanaged.passRetained(work).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { argument in
        let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
        do { try work.body() } catch { work.error = error }
        return nil
      }, pointer)
    try #require(result == 0)
    pthread_join(thread, nil)
    if let error = work.error { throw error }
  }
}
