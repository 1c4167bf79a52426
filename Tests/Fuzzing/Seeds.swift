import Analysis
import Experiment
import Foundation
@testable import HostJournal
import PressureProtocol
@testable import RecordFiles
import Sweeps

/// What a target begins with: good texts, for a fuzzer finds them late by itself.
enum Seeds {
  /// - Parameter fixtures: the folder of the recorded texts.
  static func of(_ target: Target, fixtures: String) throws -> [[UInt8]] {
    switch target {
    case .proc:
      try KernelTargets.files.enumerated().flatMap { index, name in
        try kernels(fixtures, name).map { [UInt8(index)] + $0 }
      }
    case .trace:
      try ["trace", "trace-reclaim", "trace-compaction", "trace-mount", "trace-failover", "trace-stats"].flatMap {
        name in
        try kernels(fixtures, name).flatMap { text in text.split(separator: 10).prefix(200).map { Array($0) } + [text] }
      }
    case .scenario:
      try files(fixtures + "/scenarios") + [
        Array("knobs:\n  vm.min_free_kbytes: [1, 2]\nscenario: quick\nrepeat: 7\n".utf8)
      ]
    case .record: try files(fixtures + "/records")
    case .csv: try ["paper-env1", "paper-env2"].map { try file("\(fixtures)/measured/\($0)/model.csv") }
    case .observations: try observations(fixtures)
    case .plan: try [plan()]
    case .profile: try [profile(fixtures)]
    case .journal, .restore: journals()
    case .protocol: messages()
    case .sizes: words.map { Array($0.utf8) }
    }
  }

  private static func file(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

  private static func files(_ folder: String) throws -> [[UInt8]] {
    // Folders beside them are of whole runs.
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains(".") }
      .map { try file("\(folder)/\($0)") }
  }

  /// The file `name` of every kernel that has it.
  private static func kernels(_ fixtures: String, _ name: String) throws -> [[UInt8]] {
    try ["4.19", "5.10", "6.1", "6.18"].map { "\(fixtures)/proc/\($0)/\(name)" }
      .filter { FileManager.default.fileExists(atPath: $0) }.map { try file($0) }
  }

  private static func record(_ fixtures: String) throws -> RunRecord {
    try RunDirectoryReader.record(file(fixtures + "/records/run-v1.json"), path: "run-v1.json")
  }

  private static func observations(_ fixtures: String) throws -> [[UInt8]] {
    let record = try record(fixtures)
    var events: [RunEvent] = [
      .warning("w"), .progress(.populate, done: 1, total: 2), .phaseEnded(.pin, durationNanoseconds: 1),
      .ended(.completed, Leftovers()),
    ]
    var seeds: [[UInt8]] = []
    if let start = record.start {
      events.append(.started(start))
      let observation = Observation(afterMount: 0, state: start.state)
      seeds.append(Array(try JSONEncoder().encode(observation)) + [10])
      events.append(.observation(observation))
    }
    events += record.mounts.prefix(2).map { .mount($0) }
    return try seeds + events.map { Array(try EventCoding.line($0).utf8) }
  }

  private static func plan() throws -> [UInt8] {
    let knobs = try ["vm.swappiness=1,60", "pin=1MiB,2MiB"].map { try SweepKnob($0, isModel: false) }
    let plan = try SweepPlan(
      tool: "t", machine: .linux, scheme: "linux-6", scenario: Scenario(name: "s"), knobs: knobs,
      looks: LookSchedule(endingAfter: 2), seed: 1
    ) { _ in nil }
    return Array(try PrettyJSON.text(plan).utf8)
  }

  private static func profile(_ fixtures: String) throws -> [UInt8] {
    let kind = AllocationCount.Kind(order: 3, migrateType: 0, migrateTypeName: "Unmovable", gfpFlags: ["GFP_USER"])
    let profile = AllocationProfile(
      tool: "t", startedAtUnixNanoseconds: 1, host: try record(fixtures).host, fileSystem: "xfs",
      fileSystemBytes: 300 << 20,
      mkfsVersion: "mkfs.xfs version 6.1.0",
      mounts: [
        MountProfile(
          number: 1, durationNanoseconds: 1, allocations: [.init(kind: kind, blocks: 8, failed: 0)],
          interruptAllocations: 1,
          directReclaim: DirectWork(), compaction: nil, lostEvents: 0)
      ], unavailable: [.init(what: "compaction", reason: "none")])
    return Array(try PrettyJSON.text(profile).utf8)
  }

  private static func journals() -> [[UInt8]] {
    let header = JournalHeader(
      runID: "0123456789abcdef", bootID: "boot-1", owner: ProcessIdentity(pid: 77, startTicks: 12_345), pidNamespace: 5,
      startedNanoseconds: 1, scenario: "s", mountNamespace: 4_026_531_832)
    let changes: [HostChange] = [
      .process(pid: 4242, startTicks: 1, role: "child"), .sysctl(key: "vm.nr_hugepages", previous: "0", new: "9500"),
      .plannedDirectory(path: "/var/tmp/w"), .directory(path: "/var/tmp/w", device: 1, inode: 1), .loopNode(number: 17),
      .deviceNode(path: "/dev/loop17", major: 7, minor: 17), .traceInstance(name: "failover-bench-0123456789ab"),
      .loopBinding(number: 17, backingFile: "/var/tmp/a", device: 1, inode: 2),
    ]
    var lines =
      [header.line]
      + changes.enumerated().map { JournalLine("change", [.init(name: "id", value: "\($0 + 1)")] + $1.fields) }
    lines.append(JournalLine("undone", [.init(name: "id", value: "3")]))
    lines.append(JournalLine("released", [.init(name: "id", value: "4")]))
    let whole: [UInt8] = lines.flatMap { (line: JournalLine) -> [UInt8] in line.encoded() + [10] }
    // Once as it is, and once without the checksums, which the target makes.
    let unsigned: [UInt8] = lines.flatMap { (line: JournalLine) -> [UInt8] in Array(line.encoded().dropLast(17)) + [10]
    }
    return [[0] + whole, [1] + unsigned]
  }

  private static func messages() -> [[UInt8]] {
    let requests: [PressureRequest] = [
      .pin(pages: 102_400, backend: .pipe),
      .inject(InjectionPattern(pinnedPages: 1, transientPages: 7)!, maximumPages: 9), .cancel,
      .status, .quit,
    ]
    let lines =
      requests.map(\.encoded) + [
        "hold blocks=4:1,0:8 timeoutNanoseconds=1 retry=once\n", PressureReply.ready(version: 1, pid: 2).encoded,
        PressureReply.progress(donePages: 1, totalPages: 2).encoded, PressureReply.pinned(pages: 3).encoded,
      ]
    return lines.map { Array($0.utf8) } + [Array(lines.joined().utf8)]
  }

  private static let words = [
    "4GiB", "300MB", "16B", "102400", "60s", "500ms", "none", "paper", "64kB*4,2MB", "1:7",
    "vm.min_free_kbytes=65536@failover",
    "watermark.low=510", "vm.swappiness=1,60", "mount-demand=64kB*2,32kB*1;none", "mounts.completed == 128",
    "total.seconds <= 1.25 x baseline",
    "until-timeout", "true", "18446744073709551615", "1_000",
  ]
}
