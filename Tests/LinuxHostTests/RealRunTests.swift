import CLinux
import Experiment
@testable import LinuxHost
import KernelText
import LinuxSystem
import TestSupport
import Testing

/// The real thing, small. One after another: they measure one memory and share one loop-control.
@Suite(.serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct RealRunTests {
  init() throws { try Privilege.require() }

  private func small(_ change: (inout Scenario) -> Void = { _ in }) -> Scenario {
    var scenario = Scenario(name: "test")
    scenario.fileSystems = 3
    scenario.files = 2_500
    scenario.rewrites = 3_000
    scenario.pinBytes = 4 << 20
    scenario.mountTimeoutNanoseconds = 30_000_000_000
    change(&scenario)
    return scenario
  }

  @Test("8 XFS file systems are made, filled, mounted, recognised by their sentinels, and gone afterwards")
  func wholeRun() throws {
    let scenario = small {
      $0.fileSystems = 8
      $0.mountDemand = .paper
    }
    let pipeLimit = try Sysctl.read("fs.pipe-max-size")
    try IsolatedThread.run {
      let context = RecordingContext()
      try RealHost.run(scenario, context) { host, _ in
        #expect(Runner(scenario: scenario, context: context).run(host) == .completed)
      }
      #expect(context.mounts.map(\.outcome) == Array(repeating: .mounted, count: 8))
      #expect(context.mounts.map(\.number) == Array(1...8))
      for mount in context.mounts {
        #expect(try #require(mount.mountDurationNanoseconds) > 0)
        #expect(try #require(mount.threadCPUNanoseconds) > 0)
        #expect(try #require(mount.demand).isMet)
        #expect(mount.demand?.heldBlocks == 12)
      }
      var record = RunRecord(
        tool: "test", runID: "test", startedAtUnixNanoseconds: 0, arguments: [], scenario: scenario,
        host: .ofThisMachine(imageDirectory: "/var/tmp"))
      for event in context.events { record.apply(event) }
      #expect(record.status == .complete)
      #expect(record.leftovers == Leftovers())
      #expect(record.populate?.operations == 2_500 && record.populate?.p99Nanoseconds != nil)
      #expect(record.rewrite?.operations == 3_000)
      #expect(
        context.events.contains { if case .rewritten(let work) = $0 { work.latency?.count == 3_000 } else { false } })
      #expect(record.pin?.pinnedPages == 1_024)
      #expect(record.phases.map(\.phase) == scenario.phases)
      #expect(record.phases.allSatisfy { $0.durationNanoseconds != nil })
      for phase in record.phases where phase.phase != .teardown {
        let cost = try #require(phase.tool, "\(phase.phase)")
        #expect(cost.fileBytes > 0 && cost.fileBytes < cost.residentBytes)
      }
      let start = try #require(record.start)
      #expect(start.state.zones.allSatisfy { $0.freeBlocks.count == start.state.zones[0].freeBlocks.count })
      #expect(start.ballastBytes == 0)
      // A machine whose limit is high already is left alone.
      if try #require(Int(pipeLimit)) < 4_194_304 {
        #expect(record.sysctls.contains { $0.key == "fs.pipe-max-size" && $0.duringRun == "4194304" })
      }
      let labels = context.events.compactMap { if case .rawTexts(let label, _) = $0 { label } else { nil } }
      #expect(labels.contains("failover-before") && labels.contains("failover-after"))
    }
  }

  @Test(
    "the kernel's OOM killer takes the helper while it is asked for a demand: a stopped service, by name, and the last one"
  )
  func outOfMemory() throws {
    // 200 MB a mount, and 32 MiB to have them from.
    let scenario = small {
      $0.mountDemand = MountDemand.parse("4kB*50000") ?? .none
      $0.keepGoing = true
    }
    try IsolatedThread.run {
      let group = try MemoryGroup()
      let context = RecordingContext()
      try RealHost.run(scenario, context) { host, helper in
        let end = Runner(scenario: scenario, context: context).run(
          Interfering(host: host, beforePin: { try? group.add(helper, limitBytes: 32 << 20) }))
        #expect(end == .completed)
      }
      #expect(context.mounts.count == 1)
      #expect(
        context.mounts.first?.outcome == .outOfMemory(reason: "the OOM killer came, and took the pressure helper first")
      )
    }
  }

  /// Volumes of other kinds, each with services that work; blocks larger than a page have a test of their own.
  @Test(
    "volumes are made and mounted as the scenario says, and every service writes its files and reads them back",
    arguments: [["log-stripe=64KiB", "mount-options=noatime,logbsize=64k"], ["file-system=ext4"]])
  func volumesAndServices(keys: [String]) throws { try runServices(keys) }

  @Test("the same with btrfs", .enabled(if: Self.hasBtrfs, "btrfs is not in /proc/filesystems: modprobe btrfs"))
  func btrfs() throws { try runServices(["file-system=btrfs"]) }

  private static let hasBtrfs = (try? KernelFile.read("/proc/filesystems"))?.contains("\tbtrfs\n") == true

  private func runServices(_ keys: [String]) throws {
    var scenario = small {
      $0.files = 0; $0.rewrites = 0
    }
    for key in keys {
      let parts = key.split(separator: "=", maxSplits: 1)
      try scenario.set(try #require(ScenarioKey(rawValue: String(parts[0]))), String(parts[1]))
    }
    try scenario.set(.serviceFiles, "20")
    scenario.crashedVolumes = keys == ["file-system=ext4"]
    try IsolatedThread.run {
      let context = RecordingContext()
      try RealHost.run(scenario, context) { host, _ in
        #expect(Runner(scenario: scenario, context: context).run(host) == .completed)
      }
      #expect(context.mounts.map(\.outcome) == [.mounted, .mounted, .mounted])
      #expect(context.mounts.allSatisfy { $0.service?.rightFiles == 20 })
      #expect(context.events.contains { if case .served(let work) = $0 { work.operations == 60 } else { false } })
    }
  }

  @Test("a volume whose superblock is overwritten stops its service, and those behind it wait in vain")
  func corruptedImage() throws {
    let scenario = small()
    try IsolatedThread.run {
      let context = RecordingContext()
      try RealHost.run(scenario, context) { host, _ in
        let end = Runner(scenario: scenario, context: context).run(Interfering(host: host, corrupting: 2))
        #expect(end == .completed)
      }
      #expect(context.mounts.count == 2)
      #expect(context.mounts.first?.outcome == .mounted)
      guard case .failed(let operation, let errno, let reason) = context.mounts.last?.outcome else {
        Issue.record("volume 2 came up: \(String(describing: context.mounts.last))")
        return
      }
      #expect(operation == "mount")
      #expect(errno == EINVAL || errno == EUCLEAN)
      #expect(!reason.isEmpty)
    }
  }

  @Test("with keep-going those behind a stopped service come up")
  func keepGoing() throws {
    let scenario = small { $0.keepGoing = true }
    try IsolatedThread.run {
      let context = RecordingContext()
      try RealHost.run(scenario, context) { host, _ in
        let end = Runner(scenario: scenario, context: context).run(Interfering(host: host, corrupting: 2))
        #expect(end == .completed)
      }
      #expect(context.mounts.map(\.outcome.isInService) == [true, false, true])
    }
  }

  @Test("a sentinel that holds something else is no service")
  func foreignSentinel() throws {
    let scenario = small { $0.fileSystems = 1 }
    try IsolatedThread.run {
      let context = RecordingContext()
      try RealHost.run(scenario, context) { host, _ in
        var host = host
        try host.prepare(context)
        let volume = host.volumes[0]
        host.volumes[0] = VolumeImage(path: volume.path, uuid: volume.uuid, sentinel: "another volume\n")
        try host.beginFailover(context)
        #expect(try host.mountNext(number: 1, context) == .stopped)
        #expect(host.tearDown() == Leftovers())
      }
      #expect(context.mounts.map(\.outcome.word) == ["sentinel-wrong"])
      #expect(context.mounts.first?.mountDurationNanoseconds != nil)
    }
  }

  @Test("crashed volumes have a dirty log, which the failover mount replays")
  func crashedVolumes() throws {
    let scenario = small {
      $0.fileSystems = 2
      $0.crashedVolumes = true
      $0.files = 0
      $0.rewrites = 0
      $0.pinBytes = 0
    }
    try IsolatedThread.run {
      let context = RecordingContext()
      var log = ""
      try RealHost.run(scenario, context) { host, _ in
        let reader = try KernelLogReader()
        #expect(Runner(scenario: scenario, context: context).run(host) == .completed)
        log = reader.text()
      }
      #expect(context.mounts.map(\.outcome) == [.mounted, .mounted])
      #expect(log.components(of: "Starting recovery").count == 3, "\(log)")
    }
  }

  @Test("the ballast makes the machine smaller and is given back")
  func ballast() throws {
    let total = try #require(try MemInfo.parse(KernelFile.read("/proc/meminfo")).bytes("MemTotal"))
    let scenario = small {
      $0.fileSystems = 1
      $0.memoryBytes = total - (256 << 20)
      $0.files = 0
      $0.rewrites = 0
      $0.pinBytes = 0
    }
    try IsolatedThread.run {
      try RealHost.run(scenario) { host, _ in
        var host = host
        let context = RecordingContext()
        try host.prepare(context)
        #expect(host.ballastBytes == 256 << 20)
        let state = try host.settle(context)
        #expect(state.ballastBytes == 256 << 20)
        #expect(KernelFile.trimmed("/proc/sys/vm/nr_hugepages") == "128")
        #expect(host.tearDown() == Leftovers())
      }
    }
  }

  private func settingsAlone(_ settings: String...) -> Scenario {
    small {
      $0.fileSystems = 1
      $0.files = 0
      $0.rewrites = 0
      $0.pinBytes = 0
      $0.sysctls = settings.map { SysctlSetting($0)! }
    }
  }

  @Test("settings come into force at their stage and are put back")
  func settingsAtTheirStage() throws {
    let before = try (Sysctl.read("vm.stat_interval"), Sysctl.read("vm.dirty_expire_centisecs"))
    let scenario = settingsAlone("vm.stat_interval=7", "vm.dirty_expire_centisecs=2999@failover")
    try IsolatedThread.run {
      try RealHost.run(scenario) { host, _ in
        var host = host
        let context = RecordingContext()
        try host.prepare(context)
        #expect(try Sysctl.read("vm.stat_interval") == before.0)
        // The start is read without them, and the watermarks with them.
        _ = try host.settle(context)
        #expect(try Sysctl.read("vm.stat_interval") == "7")
        #expect(try Sysctl.read("vm.dirty_expire_centisecs") == before.1)
        try host.prepareFailover(context)
        #expect(try Sysctl.read("vm.dirty_expire_centisecs") == "2999")
        #expect(host.tearDown() == Leftovers())
      }
    }
    #expect(try (Sysctl.read("vm.stat_interval"), Sysctl.read("vm.dirty_expire_centisecs")) == before)
  }

  @Test("settings are put back from the journal: teardown leaves them, and what somebody else has made of one, alone")
  func foreignSetting() throws {
    let before = try (Sysctl.read("vm.stat_interval"), Sysctl.read("vm.dirty_expire_centisecs"))
    let scenario = settingsAlone("vm.stat_interval=7", "vm.dirty_expire_centisecs=2999")
    try IsolatedThread.run {
      try RealHost.run(scenario) { host, _ in
        var host = host
        let context = RecordingContext()
        try host.prepare(context)
        try Sysctl.write("vm.stat_interval", "9")
        #expect(host.tearDown() == Leftovers())
        #expect(try Sysctl.read("vm.stat_interval") == "9")
        // By whoever changed it.
        try Sysctl.write("vm.stat_interval", before.0)
      }
    }
    #expect(try (Sysctl.read("vm.stat_interval"), Sysctl.read("vm.dirty_expire_centisecs")) == before)
  }

  @Test("a cancelled run tears itself down from any phase", arguments: [1, 3, 6, 9])
  func cancelled(atCheckpoint limit: Int) throws {
    let scenario = small()
    try IsolatedThread.run {
      let context = RecordingContext()
      var checkpoints = 0
      context.isCancelled = {
        checkpoints += 1
        return checkpoints >= limit
      }
      try RealHost.run(scenario, context) { host, _ in
        #expect(Runner(scenario: scenario, context: context).run(host) == .failed(.cancelled))
      }
      #expect(context.events.last == .ended(.failed(.cancelled), Leftovers()))
    }
  }

  @Test("a helper that is killed is reported as such, not as a measurement")
  func helperKilled() throws {
    let scenario = small()
    try IsolatedThread.run {
      let context = RecordingContext()
      try RealHost.run(scenario, context) { host, helper in
        guard
          case .failed(let failure) = Runner(scenario: scenario, context: context).run(
            Interfering(host: host, beforePin: { kill(helper, SIGKILL) }))
        else {
          Issue.record("the run completed without its helper")
          return
        }
        #expect(failure.kind == .helper)
      }
      #expect(context.mounts.isEmpty)
    }
  }
}

extension String {
  func components(of separator: String) -> [Substring] { split(separator: separator, omittingEmptySubsequences: false) }
}
