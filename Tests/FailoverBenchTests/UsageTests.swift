import Foundation
import Testing

/// What the command line answers before it touches anything. None of these needs root.
@Suite struct UsageTests {
  @Test(
    "what is not allowed gets exit code 64 and exactly one line with the key, the value and what is allowed",
    arguments: [
      (["--write-size", "9000"], ["failover-bench: invalid value '9000' for --write-size: expected 1B to 4096B\n"]),
      (["--write-size", "0"], ["invalid value '0' for --write-size: expected 1B to 4096B"]),
      (["--filesystems", "0"], ["filesystems", "'0'", "1 to 4096"]),
      (["--filesystem-size", "1MiB"], ["filesystem-size", "1MiB", "300MiB"]),
      (["--memory", "900TiB"], ["memory", "900TiB"]),
      (["--memory", "4 potatoes"], ["memory", "4 potatoes", "none"]),
      (["--pattern", "0:7"], ["pattern", "0:7", "PINNED:TRANSIENT"]),
      (["--mount-demand", "8kB*2"], ["mount-demand", "8kB*2", "slab"]),
      (["--mount-timeout", "0s"], ["mount-timeout", "0s", "1s to 1h"]),
      (["--sysctl", "vm.nr_hugepages=3"], ["sysctl", "vm.nr_hugepages=3", "KEY=VALUE"]),
      (["--sysctl", "vm.dirty_bytes=8192"], ["sysctl", "vm.dirty_bytes=8192", "one by one"]),
      (["--sysctl", "vm.this_is_none=3"], ["sysctl", "vm.this_is_none=3"]),
      (
        ["--pin-backend", "glue"],
        ["invalid value 'glue' for --pin-backend: expected pipe, mlock, snapmeta or dm-snapshot"]
      ),
      (["--scenario", "nosuch"], ["scenario", "nosuch", "paper-env2"]),
      (["--scenario", "/nonexistent.yaml"], ["/nonexistent.yaml"]),
      (["--seed=-1"], ["seed", "-1"]),
      (["--colour", "red"], ["--colour"]), (["--pin-module"], ["--pin-module"]),
      (
        ["--scenario", "x.txt"],
        [
          "invalid value 'x.txt' for --scenario: expected paper-env2, paper-env1, paper-2005, quick, xfs-64k, xfs-striped-log, ext4-64k, or a file"
        ]
      ),
      (["--pairs", "3"], ["--pairs goes with --control"]), (["--control", "--pairs", "0"], ["pairs", "1 to 1000"]),
      (["--control", "--dose", "0"], ["--control needs a scenario that pins something"]),
      (["--control", "--keep"], ["--keep cannot be combined with --control"]),
      (["--control", "--require", "mounts.completed == 1"], ["--require cannot be combined with --control"]),
      (["--mount-options", "errors=panic"], ["mount-options", "errors=panic", "errors=panic)"]),
      (["--block-size", "64KiB", "--file-system", "btrfs"], ["block-size", "64KiB", "4KiB for btrfs"]),
      (["--log-stripe", "64KiB", "--file-system", "ext4"], ["log-stripe", "only XFS has it"]),
      (["--service-files", "90000"], ["service-files", "90000", "at most half of a volume"]),
      (["--work-dir", "a\nb"], ["invalid value 'a b' for --work-dir: expected the path"]),
    ] as [([String], [String])])
  func refusal(_ arguments: [String], _ expected: [String]) throws {
    try Command.expectRefusal(["run"] + arguments, naming: expected)
  }

  @Test("--print-scenario prints what would be run, and the result is a scenario file of the same meaning")
  func printScenario() throws {
    let first = try Command.run(
      [
        "run", "--print-scenario", "--memory", "none", "--mount-demand", "64kB*60", "--sysctl",
        "vm.min_free_kbytes=65536@failover",
      ])
    #expect(first.exitCode == 0)
    #expect(first.output.contains("mount-demand: "))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("fb-\(UUID().uuidString).yaml")
    try first.output.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let second = try Command.run(["run", "--print-scenario", "--scenario", file.path])
    #expect(second.exitCode == 0, "\(second.error)")
    #expect(second.output == first.output)
  }

  @Test(
    "the built-in scenarios say what the paper says", arguments: ["paper-env2", "paper-env1", "paper-2005", "quick"])
  func builtIn(_ name: String) throws {
    let answer = try Command.run(["run", "--print-scenario", "--scenario", name])
    #expect(answer.exitCode == 0)
    let expected =
      switch name {
      case "paper-env2":
        ["memory: 4GiB", "filesystems: 128", "files: 900000", "rewrites: 900000", "pin: 400MiB", "pattern: none"]
      case "paper-2005":
        [
          "machine: as-2005", "memory: none", "filesystems: 128", "files: 900000", "rewrites: 900000", "pin: 400MiB",
          "inode-resident: true", "vm.min_free_kbytes=2048", "vm.watermark_boost_factor=0",
        ]
      case "paper-env1": ["memory: 4GiB", "filesystems: 128", "pattern: \"1:7\""]
      default: ["memory: none", "filesystems: 16", "files: 20000", "rewrites: 20000", "pin: 32MiB"]
      }
    for text in expected { #expect(answer.output.contains(text), "\(text) is missing in:\n\(answer.output)") }
  }

  @Test("the exit codes stand in the help")
  func help() throws {
    let answer = try Command.run(["--help"])
    #expect(answer.exitCode == 0)
    for code in ["0 ", "1 ", "64", "69", "70", "130", "143"] { #expect(answer.output.contains(code)) }
    #expect(answer.error == "")
  }

  @Test("cleanup with nothing to do says so, any number of times")
  func nothingToCleanUp() throws {
    let state = FileManager.default.temporaryDirectory.appendingPathComponent("fb-none-\(UUID().uuidString)").path
    for _ in 0..<2 {
      let answer = try Command.run(["cleanup", "--state-dir", state])
      #expect(answer.exitCode == 0)
      #expect(answer.output.contains("nothing to clean up"))
    }
  }
}
