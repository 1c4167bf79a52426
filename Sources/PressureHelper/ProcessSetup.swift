import CLinux

/// What the process does to itself before it touches any memory.
enum ProcessSetup {
  private static let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

  /// Makes this process the OOM killer's first choice, deaf to a terminal's signals, and free of inherited descriptors.
  static func prepare(_ arguments: HelperArguments) throws(SystemFailure) {
    guard sysconf(Int32(_SC_PAGESIZE)) == PageSize.bytes else {
      throw SystemFailure(
        operation: "sysconf _SC_PAGESIZE", errno: ENOTSUP,
        advice: "this kernel's pages are not of 4 kB; use one whose are")
    }
    blockSignals()
    try closeInherited(keeping: arguments.descriptors)
    // First of all things that could go wrong later: without this the OOM killer takes an innocent process instead, for
    // pages in pipes are in nobody's RSS (mm/oom_kill.c, oom_badness).
    try writeOwnScore("1000\n")
    _ = clinux_set_name("fb-pressure")
    try raiseDescriptorLimit()
  }

  /// The soft limit as raised by `prepare`.
  static func descriptorLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(openFiles, &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
  }

  /// Ctrl-C reaches a whole process group, and the helper must outlive those whose work it may have to undo: it ends by
  /// `quit` or by the end of file. SIGPIPE: a reply to a dead child gives EPIPE instead.
  private static func blockSignals() {
    let signals = [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM]
    let descriptor = clinux_signal_descriptor(signals, Int32(signals.count))
    // Blocking is all that is wanted; nobody reads them.
    if descriptor >= 0 { _ = clinux_close(descriptor) }
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
    guard clinux_close_range(first, last) == 0 else {
      throw .last("close_range", "this needs Linux 5.9 or later")
    }
  }

  private static func writeOwnScore(_ score: StaticString) throws(SystemFailure) {
    let path = "/proc/self/oom_score_adj"
    let advice = "mount /proc writable; without it the OOM killer would take innocent processes for the helper's pages"
    let file = clinux_open(path, O_WRONLY | O_CLOEXEC, 0)
    guard file >= 0 else { throw .last("open \(path)", advice) }
    defer { _ = clinux_close(file) }
    guard clinux_write(file, score.utf8Start, score.utf8CodeUnitCount) == score.utf8CodeUnitCount else {
      throw .last("write \(path)", advice)
    }
  }

  private static func raiseDescriptorLimit() throws(SystemFailure) {
    var limit = rlimit()
    guard getrlimit(openFiles, &limit) == 0 else { throw .last("getrlimit RLIMIT_NOFILE", "this cannot fail") }
    limit.rlim_cur = limit.rlim_max
    guard setrlimit(openFiles, &limit) == 0 else {
      throw .last("setrlimit RLIMIT_NOFILE", "raise `ulimit -n` before the run")
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
