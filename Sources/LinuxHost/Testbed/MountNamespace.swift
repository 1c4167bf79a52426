public import Experiment
import LinuxSystem
import SystemPackage

/// The mount namespace of the testbed's process.
public enum MountNamespace {
  /// Gives this process a mount namespace of its own, so that its mounts die with it and the host never sees them.
  ///
  /// Must be called before any other thread exists: unshare(2) moves only the calling thread, and the others would go on
  /// mounting in the host's namespace.
  public static func enter() throws(TestbedFailure) {
    let threads = (try? Directory.names(in: "/proc/self/task").count) ?? 1
    guard threads == 1 else {
      throw TestbedFailure(
        .fault, operation: "enter a mount namespace", reason: "this process has \(threads) threads already",
        advice: "please report this as a bug")
    }
    try attempting(
      "enter a mount namespace", advice: "needs CAP_SYS_ADMIN: run with sudo, or the container with --privileged"
    ) { () throws(SystemError) in
      try attempt("unshare") { () throws(Errno) in try MountNamespaces.unshare() }
      try attempt("make all mounts private") { () throws(Errno) in try MountNamespaces.makeAllPrivate() }
    }
  }
}
