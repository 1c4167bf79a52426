import Foundation
import Testing

/// What `profile` and its file answer before anything is touched. None of these needs root.
@Suite struct ProfileUsageTests {
  @Test(
    "what is not allowed gets exit code 64 and exactly one line",
    arguments: [
      (["profile", "--file-system", "zfs"], ["file-system", "zfs", "xfs, ext4, btrfs", "this kernel has"]),
      (["profile", "--mounts", "0"], ["mounts", "'0'", "1 to 128"]),
      (["profile", "--mounts", "129"], ["mounts", "'129'", "1 to 128"]),
      (["profile", "--filesystem-size", "1MiB"], ["filesystem-size", "1MiB", "300MiB"]),
      (["profile", "--output", "/"], ["output"]),
      (["profile", "--output", "/nonexistent/p.json"], ["output", "/nonexistent"]),
      (
        ["run", "--mount-demand", "profile:/nonexistent.json"],
        ["mount-demand", "/nonexistent.json", "failover-bench profile"]
      ),
      (["model", "--mount-demand", "profile:/etc/passwd"], ["mount-demand", "/etc/passwd", "not a profile"]),
      (["run", "--mount-demand", "profile:"], ["mount-demand", "profile:FILE"]),
    ] as [([String], [String])])
  func refusal(_ arguments: [String], _ expected: [String]) throws {
    try Command.expectRefusal(arguments, naming: expected)
  }
}
