import CLinux
import LinuxSystem
import SystemPackage

/// How the process prepares itself before it touches any memory.
enum ProcessSetup {
  /// Makes this process the OOM killer's first choice, deaf to a terminal's signals, and free of inherited descriptors.
  static func prepare(_ arguments: HelperArguments) throws(SystemFailure) {
    guard Machine.pageBytes == PageSize.bytes else {
      throw SystemFailure(
        operation: "sysconf _SC_PAGESIZE", errno: .notSupported,
        advice: "this kernel's pages are not 4 kB; use a kernel with 4 kB pages")
    }
    blockSignals()
    try closeInherited(keeping: arguments.descriptors)
    // First of all things that could go wrong later: without this the OOM killer takes an innocent process instead, for
    // pages in pipes are in nobody's RSS (mm/oom_kill.c, oom_badness).
    try writeOwnScore("1000\n")
    _ = clinux_set_name("fb-pressure")
    DescriptorLimit.raise()
  }

  /// Ctrl-C reaches a whole process group, and the helper must outlive those whose work it may have to undo: it ends by
  /// `quit` or by the end of file. SIGPIPE: a reply to a dead child gives EPIPE instead.
  private static func blockSignals() {
    let signals = [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM]
    // Blocking is all that is wanted; nobody reads them.
    _ = try? SignalDescriptor(signals)
  }

  /// A descriptor inherited by accident could be somebody else's socket end, kept open by this process.
  private static func closeInherited(keeping: [Int32]) throws(SystemFailure) {
    var first: UInt32 = 3
    for descriptor in keeping.map({ UInt32($0) }).sorted() {
      if first < descriptor { try closeRange(first, descriptor - 1) }
      first = descriptor + 1
    }
    try closeRange(first, UInt32.max)
  }

  private static func closeRange(_ first: UInt32, _ last: UInt32) throws(SystemFailure) {
    try calling("close_range", advice: "this needs Linux 5.9 or later") { clinux_close_range(first, last) }
  }

  private static func writeOwnScore(_ score: String) throws(SystemFailure) {
    do throws(SystemError) { try KernelFile.write(score, to: "/proc/self/oom_score_adj") } catch {
      throw SystemFailure(
        operation: "write /proc/self/oom_score_adj", errno: error.errno,
        advice:
          "mount /proc writable; without it the OOM killer would kill other processes because of the helper's pages")
    }
  }

  /// To be called when all that is needed is in place.
  ///
  /// Pinning pushes out the page cache, this program's own text included, and then stalls on reading it back just when
  /// memory is shortest. Measured by emptying the memory cgroup of a helper (Linux 6.18): without the lock 9 major
  /// faults in the next 16,384 pages and 23 ms for them, with it none and 14 ms, for 17 MB locked (10 MB were resident
  /// anyway).
  ///
  /// Best effort: without CAP_IPC_LOCK the limit RLIMIT_MEMLOCK may forbid it, and the work is only slower then. Not
  /// MCL_FUTURE: it would populate whatever is mapped later, the mlock backend's chunks before MADV_NOHUGEPAGE
  /// included.
  static func lockWorkingMemory() {
    _ = mlockall(Int32(MCL_CURRENT))
  }
}
