import CLinux
import SystemPackage

/// A process this one started and must see the end of. Dropping one that still runs kills it and reaps it: no orphan, no
/// zombie.
public struct ChildProcess: ~Copyable {
  public let processID: Int32
  private let process: ProcessDescriptor
  /// Or is left to others: nothing is to be done about its end.
  private var hasBeenReaped = false

  /// For poll(2): readable when the process has ended.
  public var descriptor: Int32 { process.descriptor }

  /// How a process ended.
  public enum Ending: Equatable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signaled(Int32)

    public var isSuccess: Bool { self == .exited(0) }

    public var description: String {
      switch self {
      case .exited(let code): "exited with code \(code)"
      case .signaled(let signal): "was killed by signal \(signal)"
      }
    }
  }

  /// posix_spawn(3): default signal dispositions, an empty mask, a process group of its own (so that Ctrl-C at the terminal
  /// reaches only the process that the user started), and no descriptor but those named.
  ///
  /// - Parameters:
  ///   - path: the executable; PATH is searched when it holds no slash.
  ///   - descriptors: (this process's number, the child's number), in rising order of the child's numbers, which must all be
  ///     above 2. Standard input is /dev/null; output and error are inherited unless `output` is given.
  ///   - output: takes both standard output and standard error.
  ///   - directory: the child's working directory.
  public init(
    spawning path: String, _ arguments: [String], descriptors: [(own: Int32, child: Int32)] = [], output: Int32? = nil,
    directory: String? = nil
  ) throws(SystemError) {
    func check(_ code: Int32) throws(SystemError) {
      if code != 0 { throw SystemError(operation: "start", subject: path, errno: Errno(rawValue: code)) }
    }
    // A target number that is also some source's own number would be overwritten before it is copied: first move all
    // sources out of the way.
    var sources: [Int32] = []
    defer { for source in sources { clinux_close(source) } }
    for pair in descriptors {
      precondition(pair.child > 2 && pair.child < 64, "descriptor number out of range")
      sources.append(try systemCall("duplicate", "descriptor \(pair.own)") { clinux_duplicate_above(pair.own, 64) })
    }
    var actions = posix_spawn_file_actions_t()
    try check(posix_spawn_file_actions_init(&actions))
    defer { posix_spawn_file_actions_destroy(&actions) }
    try check(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0))
    if let output {
      try check(posix_spawn_file_actions_adddup2(&actions, output, 1))
      try check(posix_spawn_file_actions_adddup2(&actions, output, 2))
    }
    for (source, pair) in zip(sources, descriptors) {
      try check(posix_spawn_file_actions_adddup2(&actions, source, pair.child))
    }
    if let directory { try check(clinux_spawn_change_directory(&actions, directory)) }
    var attributes = posix_spawnattr_t()
    try check(clinux_spawn_attributes(&attributes))
    defer { posix_spawnattr_destroy(&attributes) }

    var pid: pid_t = 0
    let strings = ([path] + arguments).map { strdup($0) }
    defer { for string in strings { free(string) } }
    var pointers = strings + [nil]
    try check(posix_spawnp(&pid, path, &actions, &attributes, &pointers, clinux_environment()))
    do throws(Errno) {
      process = try ProcessDescriptor(pid)
    } catch {
      // Without it the end of the child could not be waited for with a time limit.
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
      throw SystemError(operation: "open a descriptor for process", subject: "\(pid)", errno: error)
    }
    processID = pid
  }

  /// Sends a signal; a process that has ended already is no error.
  public borrowing func signal(_ number: Int32) { try? process.signal(number) }

  /// True once the process has ended, waiting at most that long.
  public borrowing func hasEnded(withinNanoseconds timeout: UInt64) -> Bool {
    process.hasEnded(withinNanoseconds: timeout)
  }

  /// Waits for the end and takes it in.
  public consuming func wait() -> Ending {
    let pid = processID
    hasBeenReaped = true
    return Self.reap(pid)
  }

  /// Leaves a process that cannot be ended (a thread in uninterruptible sleep) to whoever inherits it.
  public consuming func abandon() { hasBeenReaped = true }

  deinit {
    if hasBeenReaped { return }
    try? process.signal(SIGKILL)
    _ = Self.reap(processID)
  }

  private static func reap(_ pid: Int32) -> Ending {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1 {
      // ECHILD: somebody reaped it before; its code is lost.
      if clinux_errno() != EINTR { return .exited(-1) }
    }
    return clinux_exited(status) != 0 ? .exited(clinux_exit_code(status)) : .signaled(clinux_term_signal(status))
  }
}
