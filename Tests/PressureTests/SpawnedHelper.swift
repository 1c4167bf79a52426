import CLinux
import PressureProtocol
import Testing

/// The helper's executable, which the build puts beside the tests.
enum HelperExecutable {
  static let path: String? = {
    var starts = CommandLine.arguments
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes {
      readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    if count > 0 { starts.insert(String(decoding: buffer[..<count], as: UTF8.self), at: 0) }
    // Upwards from the test bundle: it lies in the build directory itself, or in a bundle in it.
    for start in starts where start.hasPrefix("/") {
      var components = start.split(separator: "/")
      for _ in 0..<4 where !components.isEmpty {
        components.removeLast()
        let candidate = "/" + components.joined(separator: "/") + "/failover-bench-pressure"
        if access(candidate, X_OK) == 0 { return candidate }
      }
    }
    return nil
  }()
}

/// A child process that is killed and reaped at the latest when this goes out of use.
struct SpawnedProcess: ~Copyable {
  let pid: Int32
  private var ended: Int32?

  /// - Parameter descriptors: what the child has as 3, 4 and so on, beside 0 to 2.
  init(_ path: String, _ arguments: [String], descriptors: [Int32]) throws {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    try #require(posix_spawn_file_actions_init(&actions) == 0)
    try #require(clinux_spawn_attributes(&attributes) == 0)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    // Out of the way of the numbers they are copied to.
    let moved = descriptors.map { clinux_duplicate_above($0, 100) }
    defer { for descriptor in moved { _ = clinux_close(descriptor) } }
    for (index, descriptor) in moved.enumerated() {
      try #require(descriptor >= 100)
      try #require(posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(3 + index)) == 0)
    }
    let words = ([path] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var pointers = words + [nil]
    var pid: pid_t = 0
    let result = posix_spawn(&pid, path, &actions, &attributes, &pointers, clinux_environment())
    try #require(result == 0, "posix_spawn \(path): errno \(result)")
    self.pid = pid
  }

  func signal(_ number: Int32) { _ = kill(pid, number) }

  var isRunning: Bool {
    var information = siginfo_t()
    return waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information.si_signo == 0
  }

  /// Waits, at most a generous time, and returns the wait status; nil when it did not end.
  mutating func end(timeoutMilliseconds: Int32 = 60_000) -> Int32? {
    if let ended { return ended }
    let descriptor = clinux_pidfd_open(pid)
    guard descriptor >= 0 else { return nil }
    defer { _ = clinux_close(descriptor) }
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, timeoutMilliseconds) > 0 else { return nil }
    var status: Int32 = 0
    guard waitpid(pid, &status, 0) == pid else { return nil }
    ended = status
    return status
  }

  deinit {
    if ended == nil {
      _ = kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
  }
}

/// A running helper, the child's end of its control socket, and the supervisor's end of its lifeline.
struct SpawnedHelper: ~Copyable {
  var process: SpawnedProcess
  var child: ChildEnd
  var life: ChildEnd

  init(journal: String? = nil) throws {
    let path = try #require(HelperExecutable.path, "failover-bench-pressure is not beside the tests")
    let control = try ChildEnd.pair()
    let lifeline = try ChildEnd.pair()
    var child = ChildEnd(descriptor: control.child)
    let life = ChildEnd(descriptor: lifeline.child)
    defer {
      _ = clinux_close(control.helper)
      _ = clinux_close(lifeline.helper)
    }
    let arguments = ["--control-fd", "3", "--life-fd", "4"] + (journal.map { ["--journal", $0] } ?? [])
    let process = try SpawnedProcess(path, arguments, descriptors: [control.helper, lifeline.helper])
    try child.expect(.ready(version: PressureWire.version, pid: process.pid))
    self.child = child
    self.life = life
    self.process = process
  }

  /// Waits for the helper's end after its child's; true when its exit code is 0.
  mutating func endsWell() -> Bool {
    guard let status = process.end() else { return false }
    return clinux_exited(status) != 0 && clinux_exit_code(status) == 0
  }
}
