import Experiment
import Foundation
import RecordFiles
import TestSupport
import Testing

@testable import FailoverBench

/// `failover-bench sweep`, `compare` and `gate` as their user sees them, on the simulated machine. None of these needs root.
@Suite struct SweepUsageTests {
  /// A machine of 96 MiB, played in a moment by a debug build, too.
  private static let small = [
    "memory.zone=96MiB", "memory.free-at-boot=88MiB", "divided.fragmenting-zone=60MiB", "divided.fragmenting-used=4MiB",
    "working-set.size=1MiB",
    "files=2000", "rewrites=2000", "pin=8MiB", "filesystems=4",
  ].flatMap { ["--fix", $0] }

  private static func temporary() -> String {
    "\(FileManager.default.temporaryDirectory.path)/fb-sweep-\(UUID().uuidString)"
  }

  private static func sweep(_ path: String, _ more: [String] = []) throws -> Command.Answer {
    try Command.run(
      [
        "sweep", "--testbed", "model", "--scheme", "conventional", "--set", "mount-demand=none,paper", "--repeat", "2",
        "--seed", "2", "--progress", "never", "--output", path,
      ]
        + small + more)
  }

  @Test(
    "what is not allowed gets exit code 64 and exactly one line with the key, the value and what is allowed",
    arguments: [
      (["sweep", "--output", "x"], ["set", "KEY=VALUE"]),
      (
        ["sweep", "--set", "vm.min_free_kbytes=1"],
        [
          "failover-bench: invalid value '1' for --set vm.min_free_kbytes: expected two values or more; the value 'default' leaves it as it is\n"
        ]
      ),
      (["sweep", "--set", "vm.min_free_kbytes=1,1"], ["'1,1' for --set vm.min_free_kbytes", "each value once"]),
      (["sweep", "--set", "colour=1,2"], ["invalid value 'colour' for --set: expected a key of the scenario, "]),
      (["sweep", "--set", "vm.nr_hugepages=1,2"], ["'vm.nr_hugepages' for --set", "put back"]),
      (["sweep", "--set", "seed=1,2"], ["'seed' for --set", "--repeat"]),
      (["sweep", "--set", "sysctl=1,2"], ["'sysctl' for --set", "its own name"]),
      (["sweep", "--set", "pin"], ["'pin' for --set", "KEY=VALUE,VALUE"]),
      (["sweep", "--set", "pin=1MiB,"], ["'' for --set pin"]),
      (["sweep", "--set", "pin=1MiB,2MiB", "--set", "pin=3MiB,4MiB"], ["'pin=3MiB,4MiB' for --set", "each key once"]),
      (
        ["sweep", "--set", "mount-demand=profile:/nonexistent.json;none"],
        ["for --set mount-demand: ", "/nonexistent.json"]
      ),
      (
        ["sweep", "--set", "pin=1MiB,2MiB", "--fix", "mount-demand=profile:/nonexistent.json"],
        ["for --fix mount-demand: ", "/nonexistent.json"]
      ),
      (
        ["sweep", "--set", "pin=1MiB,2MiB", "--fix", "files=-1"],
        ["invalid value '-1' for --fix files: expected 0 to 100000000"]
      ),
      (["sweep", "--set", "filesystems=1,0"], ["invalid value '0' for --set filesystems: expected 1 to 4096"]),
      (["sweep", "--set", "watermark.low=500,600"], ["'watermark.low' for --set", "--testbed model"]),
      (["sweep", "--set", "pin=1MiB,2MiB", "--repeat", "0"], ["repeat", "'0'", "1 to 1000"]),
      (["sweep", "--set", "pin=1MiB,2MiB", "--testbed", "moon"], ["testbed", "'moon'", "linux, model"]),
      (["sweep", "--set", "pin=1MiB,2MiB", "--looks", "7,five"], ["--looks", "'7,five'", "7,10,15,20"]),
      (["sweep", "--set", "pin=1MiB,2MiB", "--looks", "7,5"], ["looks", "'7,5'", "ascend"]),
      (
        ["sweep", "--set", "pin=1MiB,2MiB", "--repeat", "7", "--margin", "0"],
        ["invalid value '0' for --margin: expected a number of per cent"]
      ),
      (
        ["sweep", "--set", "pin=1MiB,2MiB", "--difference", "a fifth"],
        [
          "invalid value 'a fifth' for --difference: expected a number of per cent above 0, up to 1000, as in 20 or 20%\n"
        ]
      ),
      (["sweep", "collect", "/tmp", "--margin", "5%%"], ["invalid value '5%%' for --margin: expected "]),
      (["sweep", "--set", "pin=1MiB,2MiB", "--pilot", "/nowhere"], ["/nowhere/plan.json"]),
      (["sweep", "--set", "pin=1MiB,2MiB", "--fix", "pin"], ["fix", "'pin'", "KEY=VALUE"]),
      (["sweep", "--resume", "/nowhere"], ["/nowhere/plan.json", "no such file"]),
      (["sweep", "point", "1", "--in", "/nowhere"], ["/nowhere/plan.json"]),
      (["sweep", "collect", "/nowhere"], ["/nowhere/plan.json"]),
      (["compare", "/nowhere", "/nowhere"], ["/nowhere", "results directory"]),
      (["compare", "/tmp", "--margin", "0%", "/tmp"], ["invalid value '0%' for --margin: expected "]),
      (["gate", "/nowhere", "--require", "mounts.completed == 1"], ["/nowhere"]), (["gate", "/nowhere"], ["require"]),
      (["gate", "/nowhere", "--require", "mounts = 3"], ["require", "'mounts = 3'", "mounts.completed"]),
      (["gate", "/nowhere", "--require", "total.seconds < 2 x baseline"], ["--baseline"]),
      (["run", "--require", "beauty > 3"], ["require", "'beauty > 3'"]),
    ] as [([String], [String])])
  func refusal(_ arguments: [String], _ expected: [String]) throws {
    try Command.expectRefusal(arguments, naming: expected)
  }

  @Test("a sweep runs all its points, and runs none of them again")
  func wholeSweep() throws {
    let path = Self.temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let answer = try Self.sweep(path)
    #expect(answer.exitCode == 0, "\(answer.error)")
    #expect(answer.output.hasPrefix("all services came up in 2 of 2 (16 to 100 %) failovers with mount-demand=none"))
    #expect(answer.output.contains("=> mount-demand=none: all model runs gave the same result"), "\(answer.output)")
    let runs = try FileManager.default.contentsOfDirectory(atPath: path + "/runs").sorted()
    #expect(runs == ["1-mount-demand-none", "2-mount-demand-paper"])
    let marks = try runs.map {
      try FileManager.default.attributesOfItem(atPath: "\(path)/runs/\($0)/01/run.json")[.modificationDate] as? Date
    }
    let again = try Command.run(["sweep", "--resume", path, "--progress", "never"])
    #expect(again.exitCode == 0 && again.output == answer.output, "\(again.error)")
    #expect(
      try runs.map {
        try FileManager.default.attributesOfItem(atPath: "\(path)/runs/\($0)/01/run.json")[.modificationDate] as? Date
      } == marks)

    // Interrupted before it was told: the point is run again, beside what is there of it.
    try FileManager.default.removeItem(atPath: path + "/points/0004.json")
    let resumed = try Command.run(["sweep", "--resume", path, "--progress", "never"])
    #expect(resumed.exitCode == 0, "\(resumed.error)")
    // Nobody knows whether it was the lost one that is made again.
    #expect(
      resumed.output.contains("=> exploratory, nothing is recommended: 1 run was repeated"), "\(resumed.output)")
    let folders = try runs.flatMap { try FileManager.default.contentsOfDirectory(atPath: "\(path)/runs/\($0)") }
    #expect(folders.count { $0.hasSuffix("-2") } == 1)

    // Like with like: nothing is better or worse.
    let other = Self.temporary()
    defer { try? FileManager.default.removeItem(atPath: other) }
    #expect(try Self.sweep(other, ["--seed", "9"]).exitCode == 0)
    let compared = try Command.run(["compare", path, other])
    #expect(compared.exitCode == 0, "\(compared.error)")
    #expect(
      compared.output.contains("both sides have the same tuning") && !compared.output.contains("  better")
        && !compared.output.contains("  worse") && compared.output.contains("not measured in turns"))
    // Two settings of one sweep are compared by its rounds, in what it varies; of two sweeps only --force compares them.
    let settings = try Command.run(["compare"] + runs.map { "\(path)/runs/\($0)" })
    #expect(
      settings.exitCode == 0 && !settings.output.contains("FORCED")
        && settings.output.contains("settings of a sweep, 2 rounds with a run of both: the plan says")
        && settings.output.contains("mount-demand: "), "\(settings.output)\(settings.error)")
    let across = ["\(path)/runs/\(runs[0])", "\(other)/runs/\(runs[1])"]
    try Command.expectRefusal(["compare"] + across, naming: ["the scenarios differ: mount-demand"])
    let forced = try Command.run(["compare", "--force"] + across)
    #expect(
      forced.output.contains("FORCED") && forced.output.contains("settings of sweeps: the plan says")
        && !forced.output.contains("both sides have the same tuning"), "\(forced.output)")

    // The attempt that was not told of came to its end, and is a run like the others.
    let gate = try Command.run([
      "gate", "\(path)/runs/\(runs[0])", "--require", "mounts.completed == 4", "--require", "mounts.requested < 4",
      "--format", "ktap",
    ])
    #expect(gate.exitCode == 1)
    #expect(
      gate.output == """
        KTAP version 1
        1..2
        # all services came up in 3 of 3 (29 to 100 %) failovers; none lost of 3 still allows 63 % lost (one-sided 95 %)
        ok 1 mounts.completed == 4
        # 3 of 3 runs do not meet it, one with 4
        not ok 2 mounts.requested < 4
        # Totals: pass:1 fail:1 xfail:0 xpass:0 skip:0 error:0

        """)
    let passing = try Command.run(["gate", "\(path)/runs/\(runs[0])", "--require", "mounts.completed == 4"])
    #expect(passing.exitCode == 0 && passing.output.hasSuffix("pass  mounts.completed == 4: it is 4\ngate: pass\n"))
    #expect(passing.output.hasPrefix("all services came up in 3 of 3 (29 to 100 %) failovers; none lost of 3"))
    let unknown = try Command.run([
      "gate", "\(path)/runs/\(runs[0])", "--require", "cpu.seconds <= 2 x baseline", "--baseline",
      "\(other)/runs/\(runs[0])",
    ])
    #expect(unknown.exitCode == 2 && unknown.output.contains("inconclusive"), "\(unknown.error)")
    let junit = try Command.run([
      "gate", "\(path)/runs/\(runs[0])", "--require", "mounts.requested < 4", "--format", "junit",
    ])
    #expect(junit.output.contains("name=\"mounts.requested &lt; 4\"") && junit.output.contains("<failure message="))
    #expect(
      junit.output.contains(
        """
          <testsuite name="failover-bench gate" tests="1" failures="1" skipped="0">
            <properties>
              <property name="failovers.complete" value="3 of 3 (29 to 100 %)"/>
              <property name="failovers.allowance" value="none lost of 3 still allows 63 % lost (one-sided 95 %)"/>
            </properties>
            <testcase
        """), "\(junit.output)")
    let ktap = try Command.run([
      "gate", "\(path)/runs/\(runs[0])", "--require", "mounts.requested == 4", "--format", "ktap",
    ])
    #expect(ktap.output.hasPrefix("KTAP version 1\n1..1\n# all services came up in 3 of 3 (29 to 100 %) failovers; "))
  }

  @Test("without a number of rounds a pilot says how many, in a sweep of its own, and the sweep has them")
  func pilot() throws {
    let path = Self.temporary()
    defer { for end in ["", "-pilot"] { try? FileManager.default.removeItem(atPath: path + end) } }
    let answer = try Command.run(
      [
        "sweep", "--testbed", "model", "--scheme", "conventional", "--set", "mount-demand=none,paper", "--progress",
        "never", "--output", path,
      ] + Self.small)
    #expect(answer.exitCode == 0, "\(answer.error)")
    #expect(
      answer.errorLines.count == 3 && answer.error.contains("10 rounds show a difference of 20 % in 100 of 100 sweeps"))
    #expect(answer.output.contains("in 10 of 10 (69 to 100 %) failovers with mount-demand=none"))
    #expect(answer.error.contains("20 points, 2 settings x 10 rounds, seed "))
    #expect(FileManager.default.fileExists(atPath: path + "-pilot/plan.json"))
    // What is known already need not be found out anew; and with a sign a share is the same.
    let next = path + "-next"
    defer { for end in ["", "-2", "-3"] { try? FileManager.default.removeItem(atPath: next + end) } }
    func plan(_ end: String, _ more: [String]) throws -> String {
      try Command.run(
        ["sweep", "plan", "--testbed", "model", "--set", "mount-demand=none,paper", "--output", next + end] + more
          + Self.small
      ).output
    }
    let rounds = "rounds show a difference of 30 % in 100 of 100 sweeps"
    #expect(try plan("", ["--pilot", path, "--difference", "30%"]).contains(": 10 \(rounds), and"))
    #expect(
      try plan("-2", ["--pilot", path, "--difference", "30", "--looks", "7,12"]).contains(
        ": 12 \(rounds) at the last look alone, and"))
    #expect(try plan("-3", ["--repeat", "7"]).contains("; no pilot: what this many rounds can show is unknown"))
  }

  @Test("plan, point and collect stand alone; a plan that was tampered with gets one line")
  func parts() throws {
    let path = Self.temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let planned = try Command.run(
      [
        "sweep", "plan", "--testbed", "model", "--scheme", "conventional", "--set", "scheme=conventional,divided",
        "--repeat", "1", "--output", path,
      ] + Self.small)
    #expect(
      planned.exitCode == 0 && planned.output.hasPrefix("\(path): 2 points, 2 settings x 1 rounds, seed "),
      "\(planned.error)")
    let point = try Command.run(["sweep", "point", "2", "--in", path])
    #expect(point.exitCode == 0 && point.output.hasPrefix("point 2: done, "), "\(point.error)")
    let collected = try Command.run(["sweep", "collect", path])
    #expect(collected.exitCode == 0 && collected.output.contains("0 of 0, 1 to go"), "\(collected.error)")
    #expect(try Command.run(["sweep", "point", "3", "--in", path]).exitCode == 64)
    let whole = try String(contentsOfFile: path + "/plan.json", encoding: .utf8)
    for (text, expected) in [
      ("", "empty"), (String(whole.prefix(200)), "cut off"), ("[1, 2]", "not a sweep's plan"),
      (whole.replacingOccurrences(of: "\"schema\" : 4", with: "\"schema\" : 99"), "schema is 99"),
      (whole.replacingOccurrences(of: "\"number\" : 2", with: "\"number\" : 7"), "out of order"),
      (whole.replacingOccurrences(of: "1-scheme-conventional", with: "../../etc"), "no name"),
    ] {
      try text.write(toFile: path + "/plan.json", atomically: true, encoding: .utf8)
      try Command.expectRefusal(["sweep", "collect", path], naming: [expected])
    }
  }

  /// The plan says what is run with what, and each setting's file what that is: neither says it twice.
  @Test("what a setting does stands in one file, which its runs are given")
  func oneScenarioASetting() throws {
    let path = Self.temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(
      try Command.run(
        ["sweep", "plan", "--testbed", "model", "--set", "files=2000,3000", "--repeat", "1", "--output", path]
          + Self.small
      ).exitCode == 0)
    let plan = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path + "/plan.json")))
        as? [String: Any])
    #expect(plan["schema"] as? Int == 4 && plan["scenario"] == nil)
    let settings = try FileManager.default.contentsOfDirectory(atPath: path + "/runs").sorted()
    #expect(try settings.map { try ScenarioFile.read(path: "\(path)/runs/\($0)/scenario.yaml").files } == [2000, 3000])
    // It is that file which the model plays, too.
    let file = "\(path)/runs/\(settings[0])/scenario.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacingOccurrences(of: "\nfiles: 2000\n", with: "\nfiles: 1\n").write(
      toFile: file, atomically: true, encoding: .utf8)
    #expect(try Command.run(["sweep", "--resume", path, "--progress", "never"]).exitCode == 0)
    #expect(try RunDirectoryReader.read("\(path)/runs/\(settings[0])/01").record.scenario.files == 1)
    for setting in settings { try FileManager.default.removeItem(atPath: "\(path)/runs/\(setting)/scenario.yaml") }
    try Command.expectRefusal(["sweep", "point", "1", "--in", path, "--again"], naming: ["scenario.yaml"])
  }

  @Test("a sweep that an earlier version planned is gone on with")
  func ofAnEarlierVersion() throws {
    let path = Self.temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    // Planned by the version of 2026-11, schema 1, with a scenario in the plan.
    try FileManager.default.copyItem(atPath: Checkout.path + "/fixtures/records/sweep-v1", toPath: path)
    try FileManager.default.createDirectory(atPath: path + "/points", withIntermediateDirectories: true)
    let before = try String(contentsOfFile: path + "/plan.json", encoding: .utf8)
    #expect(before.contains("\"schema\" : 1") && before.contains("\"scenario\" : {"))
    let answer = try Command.run(["sweep", "--resume", path, "--progress", "never"])
    #expect(
      answer.exitCode == 0
        && answer.output.contains("=> exploratory, nothing is recommended: the plan is of an earlier version"),
      "\(answer.output)")
    #expect(try RunDirectoryReader.read(path + "/runs/2-mount-demand-paper/01").record.scenario.fileSystems == 4)
    #expect(try String(contentsOfFile: path + "/plan.json", encoding: .utf8) == before)
  }

  @Test("a sweep as a file is the same as its options")
  func asAFile() throws {
    let (path, file) = (Self.temporary(), Self.temporary() + ".yaml")
    defer { for item in [path, file] { try? FileManager.default.removeItem(atPath: item) } }
    try """
    scenario: quick
    testbed: model
    set:
      vm.min_free_kbytes: [16384, 67584]
      mount-demand: ["64kB*2,32kB*1", none]
    fix: {filesystems: 3}
    looks: [2, 3]
    margin: 20%
    seed: 7
    """.write(toFile: file, atomically: true, encoding: .utf8)
    let planned = try Command.run(["sweep", "plan", "--file", file, "--output", path])
    #expect(
      planned.output
        == "\(path): 12 points, 4 settings x 3 rounds, seed 7; so few rounds cannot show anything better or worse\n",
      "\(planned.error)")
    try "colour: red\n".write(toFile: file, atomically: true, encoding: .utf8)
    try Command.expectRefusal(["sweep", "plan", "--file", file], naming: ["'colour'"])
  }
}
