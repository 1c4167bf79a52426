import CLibmount
import Experiment
import LinuxSystem
import SystemPackage

/// The library that mounts.
enum MountLibrary {
  static var version: String {
    var text: UnsafePointer<CChar>?
    mnt_get_library_version(&text)
    return text.map { String(cString: $0) } ?? "unknown"
  }
}

/// One mounted file system, owned. `unmount()` is the good path; a mount that is dropped is unmounted too, as far as that goes.
struct MountedFileSystem: ~Copyable {
  let target: String
  private var isMounted = true

  /// Takes over what is mounted at `target`.
  init(adopting target: String) { self.target = target }

  /// umount2(2) through libmount, without touching the tables in /run, which are the host's.
  consuming func unmount() throws(SystemError) {
    isMounted = false
    try Self.unmount(target)
  }

  deinit { if isMounted { try? Self.unmount(target) } }

  private static func unmount(_ target: String) throws(SystemError) {
    guard let context = mnt_new_context() else {
      throw SystemError(operation: "unmount", subject: target, errno: .noMemory)
    }
    defer { mnt_free_context(context) }
    mnt_context_disable_mtab(context, 1)
    mnt_context_disable_canonicalize(context, 1)
    mnt_context_disable_helpers(context, 1)
    mnt_context_set_target(context, target)
    let code = mnt_context_umount(context)
    if let errno = MountCommand.errno(of: context, returned: code) {
      throw SystemError(operation: "unmount", subject: target, errno: errno)
    }
  }
}

/// A mount(2) made ready, so that nothing but the mount itself is between the two readings of the clock.
struct MountCommand: ~Copyable {
  private let context: OpaquePointer
  private let source: String
  private let target: String

  /// - Parameter isFake: all of libmount's work but the system call, to measure what libmount itself costs.
  init(source: String, target: String, fileSystem: String, options: String = "", isFake: Bool = false)
    throws(SystemError)
  {
    context = try Self.makeContext(
      source: source, target: target, fileSystem: fileSystem, options: options, isFake: isFake)
    self.source = source
    self.target = target
  }

  /// A volume that fails over.
  init(source: String, target: String, _ volumes: VolumeFormat) throws(SystemError) {
    try self.init(
      source: source, target: target, fileSystem: volumes.fileSystem.rawValue, options: volumes.mountOptions.text)
  }

  private static func makeContext(
    source: String, target: String, fileSystem: String, options: String, isFake: Bool
  ) throws(SystemError) -> OpaquePointer {
    guard let context = mnt_new_context() else {
      throw SystemError(operation: "mount", subject: source, errno: .noMemory)
    }
    // /run/mount/utab is shared with the host even where the mount namespace is not.
    mnt_context_disable_mtab(context, 1)
    // Both paths are ours and canonical; looking them up again would be timed along.
    mnt_context_disable_canonicalize(context, 1)
    // No /sbin/mount.xfs: the mount is a system call of this thread or it is not measured.
    mnt_context_disable_helpers(context, 1)
    mnt_context_set_optsmode(context, Int32(MNT_OMODE_NOTAB))
    mnt_context_enable_fake(context, isFake ? 1 : 0)
    var code = mnt_context_set_source(context, source)
    if code == 0 { code = mnt_context_set_target(context, target) }
    if code == 0 { code = mnt_context_set_fstype(context, fileSystem) }
    if code == 0 && !options.isEmpty { code = mnt_context_set_options(context, options) }
    guard code == 0 else {
      mnt_free_context(context)
      throw SystemError(operation: "prepare the mount of", subject: source, errno: Errno(rawValue: -code))
    }
    return context
  }

  deinit { mnt_free_context(context) }

  /// Mounts. A non-zero answer of libmount does not say that nothing is mounted; its status does.
  borrowing func run() throws(SystemError) -> MountedFileSystem {
    let code = mnt_context_mount(context)
    if mnt_context_get_status(context) == 1 { return MountedFileSystem(adopting: target) }
    throw SystemError(
      operation: "mount", subject: source, errno: Self.errno(of: context, returned: code) ?? .ioError)
  }

  /// With `isFake`: everything but mount(2).
  borrowing func runFake() -> Int32 { mnt_context_mount(context) }

  /// The errno behind libmount's answer: that of the system call where one failed, else libmount's own negative code. nil
  /// when it worked.
  fileprivate static func errno(of context: OpaquePointer, returned code: Int32) -> Errno? {
    if code == 0 && mnt_context_get_status(context) == 1 { return nil }
    let systemCallErrno = mnt_context_get_syscall_errno(context)
    if systemCallErrno != 0 { return Errno(rawValue: abs(systemCallErrno)) }
    return code < 0 ? Errno(rawValue: -code) : .ioError
  }
}
