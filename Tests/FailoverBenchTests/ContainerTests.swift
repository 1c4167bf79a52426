import CLinux
import Experiment
import HostJournal
import LinuxSystem
import RecordFiles
import Testing

/// The image that `scripts/image --tag failover-bench:test` builds, or the one that FAILOVER_BENCH_IMAGE names.
///
/// Skipped where there is none, even with FAILOVER_BENCH_REQUIRE_ROOT_TESTS=1: an image takes minutes to build, and podman is
/// nothing that the project needs.
private enum Container {
  static let image = EnvironmentVariable.value("FAILOVER_BENCH_IMAGE") ?? "failover-bench:test"

  /// Why the test cannot run here; nil when it can.
  static let obstacle: String? = {
    if !User.isRoot { return "needs root; run `sudo scripts/test`" }
    if EnvironmentVariable.value("FAILOVER_BENCH_SKIP_ROOT_TESTS") == "1" {
      return "FAILOVER_BENCH_SKIP_ROOT_TESTS=1 is set"
    }
    for program in ["podman", "runc"] where Shell.run("command -v \(program)").status != 0 {
      return "\(program) is missing; install it with: apt-get install podman runc"
    }
    if Shell.run("podman image exists \"$1\"", [image]).status != 0 {
      return "podman has no image \(image); build it with: scripts/image --tag \(image)"
    }
    return nil
  }()

  static var reason: Comment { Comment(rawValue: obstacle ?? "") }
}

private enum Shell {
  /// Runs a line of shell with `words` as its positional parameters; its output and its errors, and its exit code.
  static func run(_ line: String, _ words: [String] = [], seconds: UInt64 = 60) -> (status: Int32, output: String) {
    var template = Array("/tmp/failover-bench-test-output-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { return (-1, "mkstemp: errno \(clinux_errno())") }
    let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer {
      clinux_close(file)
      unlink(path)
    }
    do {
      let child = try ChildProcess(spawning: "/bin/bash", ["-c", line, "bash"] + words, output: file)
      let ended = child.hasEnded(withinNanoseconds: seconds * 1_000_000_000)
      if !ended { child.signal(SIGKILL) }
      let ending = child.wait()
      let output = try KernelFile.read(path)
      guard ended, case .exited(let code) = ending else { return (-1, "\(output)\n\(ending)") }
      return (code, output)
    } catch {
      return (-1, "\(error)")
    }
  }
}

extension FaultTests {
  /// Within FaultTests because that is one after another: all of them hold the host against what it was.
  @Suite(.enabled(if: Container.obstacle == nil, Container.reason))
  struct ContainerTests {
    @Test(
      "the quick scenario runs in a privileged container, its results are whole, and the host is as it was",
      .timeLimit(.minutes(5)))
    func quickScenario() throws {
      var template = Array("/var/tmp/fb-test-container-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil, "mkdtemp: errno \(clinux_errno())")
      let directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      defer { _ = Shell.run("rm -rf --one-file-system \"$1\"", [directory]) }
      let results = directory + "/results"
      try Directory.make(results)
      let before = try snapshot()

      let container = "failover-bench-test-\(getpid())"
      // A test that fails in the middle leaves no container behind.
      defer { _ = Shell.run("podman rm --force --ignore \"$1\"", [container]) }
      // podman's own limits lie above what a confined caller may pass on, and runc is then refused to set them. podman lowers
      // its own limit of processes to pid_max.
      let run = Shell.run(
        """
        files=$(ulimit -H -n) processes=$(ulimit -H -u) most=$(cat /proc/sys/kernel/pid_max)
        if [ "$processes" = unlimited ] || [ "$processes" -gt "$most" ]; then processes=$most; fi
        limits=(--ulimit "nofile=$files:$files" --ulimit "nproc=$processes:$processes")
        exec podman --runtime runc run --name "$1" --rm --privileged "${limits[@]}" -v /dev:/dev -v "$2:/results" "$3" \
          run --scenario quick --output /results/q
        """, [container, results, Container.image], seconds: 200)
      #expect(run.status == 0, "\(run.output)")

      let recorded = try RunDirectoryReader.read(results + "/q")
      #expect(recorded.record.status == .complete)
      #expect(recorded.record.mounts.map(\.outcome) == Array(repeating: .mounted, count: 16))
      #expect(recorded.record.leftovers?.items ?? [] == [])
      // Its first line names the columns.
      #expect(try KernelFile.read(results + "/q/mounts.csv").split(separator: "\n").count == 17)
      // Tests of other modules use the host as well: what goes away by itself is not this one's.
      var difference = ["not looked yet"]
      for _ in 0..<60 where !difference.isEmpty {
        difference = try snapshot().difference(from: before)
        if !difference.isEmpty { Clock.sleep(nanoseconds: 500_000_000) }
      }
      #expect(difference == [], "\(run.output)")
    }

    /// Of the mounts only those of loop devices: podman's own come and go with its storage.
    private func snapshot() throws -> HostSnapshot {
      var snapshot = try HostSnapshot.take(sysctls: RunningCommand.keys)
      snapshot.mounts = snapshot.mounts.filter { $0.contains(" /dev/loop") }
      return snapshot
    }
  }
}
