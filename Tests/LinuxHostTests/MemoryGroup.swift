import CLinux
import LinuxSystem

/// A control group whose members may have so much memory, that of the kernel included, and no more: where they need more, the kernel's own OOM
/// killer comes, to them alone.
struct MemoryGroup: ~Copyable {
  struct Missing: Error {}

  private let path: String
  private let limit: String

  /// - Throws: the machine has no memory controller, or it cannot be used.
  init() throws {
    let name = "failover-bench-test-\(getpid())"
    let unified = (try? KernelFile.read("/sys/fs/cgroup/cgroup.controllers"))?.split(whereSeparator: \.isWhitespace)
    if unified?.contains("memory") == true {
      try? KernelFile.write("+memory", to: "/sys/fs/cgroup/cgroup.subtree_control")
      (path, limit) = ("/sys/fs/cgroup/\(name)", "memory.max")
    } else {
      (path, limit) = ("/sys/fs/cgroup/memory/\(name)", "memory.limit_in_bytes")
    }
    guard mkdir(path, 0o755) == 0 else { throw Missing() }
  }

  /// What the process has already stays where it was counted.
  func add(_ process: Int32, limitBytes: Int) throws {
    try KernelFile.write("\(limitBytes)", to: "\(path)/\(limit)")
    try KernelFile.write("\(process)", to: "\(path)/cgroup.procs")
  }

  deinit { rmdir(path) }
}
