import Experiment
import KernelText
@testable import LinuxHost
import Testing

/// The decisions of the preflight on machines made by hand.
@Suite struct PreflightTests {
  static let gibibyte: UInt64 = 1 << 30

  /// The second environment of the paper, without an option.
  static var paper: Scenario {
    var scenario = Scenario(name: "paper-env2")
    scenario.memoryBytes = 4 * gibibyte
    scenario.mountDemand = .paper
    return scenario
  }

  /// A machine of 24 GiB, run by root, on which nothing is wrong.
  static func bareMetal(_ scenario: Scenario = paper, capabilities: String = "1ffffffffff") throws -> HostProbe {
    var probe = HostProbe()
    probe.isRoot = true
    probe.capabilities = try KernelCapabilities.parse(procStatus: "CapEff:\t\(capabilities)\n")
    probe.memoryTotalBytes = 24 * gibibyte
    probe.memoryFreeBytes = 20 * gibibyte
    probe.memoryAvailableBytes = 22 * gibibyte
    probe.hugePageBytes = 2 << 20
    probe.hugePagesPresent = 0
    probe.fileSystems = ["proc", "ext4", "xfs"]
    probe.descriptorLimit = 1_048_576
    probe.loopControl = HostProbe.LoopControlState(canBeOpened: true, problem: "")
    for key in scenario.neededSettings { probe.sysctlsWritable[key] = true }
    probe.kernelRelease = "6.12.9-amd64"
    probe.processorCount = 8
    probe.deviceFileSystem = "devtmpfs"
    probe.loopDevices = HostProbe.LoopDevices(present: 8, bound: 0, withoutNode: 0)
    probe.cgroupLimits = try unlimited()
    probe.swapEntries = []
    probe.overcommitMemory = "0"
    probe.panicOnOOM = "0"
    probe.hasKernelThreads = true
    probe.hasPressure = true
    probe.mkfsPath = "/usr/sbin/mkfs.xfs"
    probe.mkfsVersion = "mkfs.xfs version 6.6.0"
    probe.helperPath = "/usr/local/bin/failover-bench-pressure"
    probe.workDirectory = HostProbe.WorkDirectory(
      path: "/var/tmp", problem: nil, fileSystem: "ext4", freeBytes: 100 * gibibyte, takesDirectIO: true)
    return probe
  }

  /// Version 2 as systemd mounts it, no limit anywhere.
  static func unlimited() throws -> CgroupLimits {
    let groups = try ControlGroups.parse("0::/user.slice/user-0.slice\n")
    let mounts = try MountInfo.parse("30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n")
    return try #require(CgroupLimits(groups: groups, mounts: mounts) { $0.hasSuffix("cpu.max") ? "max 100000" : "max" })
  }

  static func wrong(_ probe: HostProbe, _ scenario: Scenario = paper) -> [Check] {
    Preflight(scenario: scenario, probe: probe).checks().filter { $0.status != .ok }
  }

  /// The only thing that is wrong.
  static func only(_ probe: HostProbe, _ scenario: Scenario = paper) throws -> Check {
    let checks = wrong(probe, scenario)
    #expect(checks.count == 1, "\(checks.map { $0.line() })")
    return try #require(checks.first)
  }

  @Test func bareMetalIsInOrder() throws {
    let checks = Preflight(scenario: Self.paper, probe: try Self.bareMetal()).checks()
    #expect(checks.allSatisfy { $0.status == .ok && $0.fix.isEmpty })
    let names = checks.map(\.name)
    #expect(Set(names).count == names.count)
    for name in [
      "capability.sys_admin", "capability.dac_override", "capability.kill", "descriptors", "sysctl.vm.nr_hugepages",
      "loop.control",
      "xfs", "mkfs.xfs", "helper", "memory.size", "memory.cgroup", "memory.swap", "memory.panic_on_oom", "work-dir",
      "disk",
      "kernel-threads", "leftovers",
    ] {
      #expect(names.contains(name), "\(name) was not looked at")
    }
  }

  @Test func aCapabilityThatOnlySomeRunsNeed() throws {
    // All but CAP_IPC_LOCK, bit 14.
    let probe = try Self.bareMetal(capabilities: "1ffffffbfff")
    #expect(Self.wrong(probe).isEmpty)
    var scenario = Self.paper
    scenario.pinBackend = .mlock
    let check = try Self.only(probe, scenario)
    #expect(check.name == "capability.ipc_lock" && check.status == .problem && check.fix.contains("capsh --print"))
    var user = probe
    user.isRoot = false
    #expect(try Self.only(user, scenario).fix == "run with sudo")
  }

  /// It is asked for, or wanted where it can be had, or not looked at.
  @Test(arguments: [(Preflight.Tracing.needed, Check.Status?.some(.problem)), (.wanted, .warning), (.unwanted, nil)])
  func aKernelThatCannotTrace(tracing: Preflight.Tracing, status: Check.Status?) throws {
    var probe = try Self.bareMetal()
    func checks() -> [Check] { Preflight(scenario: Self.paper, tracing: tracing, probe: probe).checks() }
    #expect(checks().allSatisfy { $0.status == .ok } && checks().contains { $0.name == "trace" } == (status != nil))
    #expect(Preflight(scenario: Self.paper, tracing: tracing, probe: probe).canTrace == (status != nil))
    probe.traceProblem = "tracefs cannot be mounted: No such device"
    let check = checks().first { $0.name == "trace" }
    #expect(check?.status == status && check?.detail.hasSuffix("No such device") != false)
    #expect(!Preflight(scenario: Self.paper, tracing: tracing, probe: probe).canTrace)
  }

  @Test func capabilitiesThatCannotBeRead() throws {
    var probe = try Self.bareMetal()
    probe.capabilities = nil
    #expect(try Self.only(probe).name == "capability")
  }

  @Test func aContainerWithItsOwnDevices() throws {
    var probe = try Self.bareMetal()
    probe.isContainer = true
    probe.loopDevices?.withoutNode = 128
    let check = try Self.only(probe)
    #expect(check.name == "loop.nodes" && check.status == .warning && check.detail.hasPrefix("128 loop devices"))
    #expect(check.fix == "add to the container's command line: -v /dev:/dev")
    // To make the nodes takes a capability more.
    probe.capabilities = try KernelCapabilities.parse(procStatus: "CapEff: 1fff7ffffff\n")
    #expect(Self.wrong(probe).map(\.name) == ["capability.mknod", "loop.nodes"])
    probe.loopDevices?.withoutNode = 0
    #expect(Self.wrong(probe).isEmpty)
    probe.loopControl = HostProbe.LoopControlState(canBeOpened: false, problem: "ENOENT")
    #expect(try Self.only(probe).fix.contains("-v /dev:/dev"))
  }

  @Test func aContainerWithAMemoryLimit() throws {
    var probe = try Self.bareMetal()
    probe.isContainer = true
    probe.cgroupLimits?.memoryBytes = 8 * Self.gibibyte
    let check = try Self.only(probe)
    #expect(check.name == "memory.cgroup" && check.status == .problem && check.detail.contains("8.0 GiB"))
    #expect(check.fix == "leave --memory out of the container's command line")
    probe.isContainer = false
    #expect(try Self.only(probe).fix == "run outside of the limited slice")
    // A limit that the machine never reaches is none.
    probe.cgroupLimits?.memoryBytes = 24 * Self.gibibyte
    #expect(Self.wrong(probe).isEmpty)
  }

  @Test func tooFewDescriptors() throws {
    // 64 in reserve; 102,400 pages in pipes of 64: 1,600 and one begun. 128 mounts with one block of 64 kB, one of 32 and two
    // of 16, each in a pipe of its own: 512; 8 single pages a mount: 1,024 in pipes of 64, 16 and one begun.
    let needed = 64 + 1601 + 512 + 17
    var probe = try Self.bareMetal()
    probe.descriptorLimit = 1024
    var check = try Self.only(probe)
    #expect(check.name == "descriptors" && check.status == .problem)
    #expect(check.detail == "\(needed) are needed in one process, 1024 are allowed")
    #expect(check.fix == "ulimit -n \(needed)")
    probe.isContainer = true
    check = try Self.only(probe)
    #expect(check.fix.hasPrefix("add to the container's command line: --ulimit nofile=\(needed):\(needed);"))
    probe.descriptorLimit = UInt64(needed)
    #expect(Self.wrong(probe).isEmpty)
    probe.descriptorLimit = UInt64(needed) - 1
    #expect(try Self.only(probe).name == "descriptors")
  }

  @Test func descriptorsOfOtherScenarios() throws {
    var scenario = Self.paper
    func needed() throws -> UInt64 { Preflight(scenario: scenario, probe: try Self.bareMetal()).descriptorsNeeded() }
    // Locked memory takes no pipe.
    scenario.pinBackend = .mlock
    #expect(try needed() == 64 + 512 + 17)
    scenario.mountDemand = .none
    #expect(try needed() == 128 + 64)
    // Environment 1, 4 GiB: 1,048,576 pages are 131,072 cycles of 1:7 and one begun; 131,073 kept pages at 128 a pipe are
    // 1,024 pipes, 917,511 transient ones at 512 are 1,792, together 2,816, and a sixteenth more: 2,992.
    scenario.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    #expect(try needed() == 64 + 2992)
  }

  @Test func whatHoldsMemoryBack() throws {
    var probe = try Self.bareMetal()
    func size() throws -> Check {
      try #require(Preflight(scenario: Self.paper, probe: probe).checks().first { $0.name == "memory.size" })
    }
    // 20 GiB in pages of 2 MiB.
    #expect(try size() == Check("memory.size", .ok, "20.0 GiB of 24.0 GiB are held back by 10240 huge pages"))
    probe.hugePagesPresent = 512
    #expect(try size().detail == "19.0 GiB of 24.0 GiB are held back by 9728 huge pages")
    probe.memoryAvailableBytes = 19 * Self.gibibyte
    #expect(try size().status == .problem)
    probe.memoryAvailableBytes = 19 * Self.gibibyte + 1
    #expect(try size().status == .ok)
    probe.hugePageBytes = nil
    #expect(try size().fix.contains("--memory none"))
    probe.memoryTotalBytes = nil
    #expect(try size().status == .problem)
  }

  @Test func swapIsAWarning() throws {
    var probe = try Self.bareMetal()
    probe.swapEntries = try Swaps.parse("Filename Type Size Used Priority\n/dev/sda2 partition 1024 0 -2\n").entries
    let check = try Self.only(probe)
    #expect(check.name == "memory.swap" && check.status == .warning && check.fix.hasPrefix("swapoff -a"))
  }

  @Test(arguments: ["1", "2"])
  func panicOnOutOfMemory(value: String) throws {
    var probe = try Self.bareMetal()
    probe.panicOnOOM = value
    let check = try Self.only(probe)
    #expect(check.name == "memory.panic_on_oom" && check.status == .problem && check.fix == "sysctl vm.panic_on_oom=0")
    #expect(check.detail.contains("is \(value):"))
  }

  @Test func largePages() throws {
    var probe = try Self.bareMetal()
    probe.pageBytes = 65_536
    let check = try Self.only(probe)
    #expect(check.name == "memory.pages" && check.status == .problem && check.detail.contains("65536"))
  }

  @Test func aWorkDirectoryInMemory() throws {
    var probe = try Self.bareMetal()
    probe.workDirectory.fileSystem = "tmpfs"
    var check = try Self.only(probe)
    #expect(
      check.name == "work-dir" && check.status == .problem && check.fix == "name a directory on a disk with --work-dir")
    probe.isContainer = true
    check = try Self.only(probe)
    #expect(check.fix.contains("-v /var/tmp:/var/tmp"))
  }

  @Test func aWorkDirectoryThatCannotBeUsed() throws {
    var probe = try Self.bareMetal()
    probe.workDirectory.problem = "it is a symbolic link"
    let check = try Self.only(probe)
    #expect(
      check.name == "work-dir" && check.detail == "/var/tmp: it is a symbolic link" && check.fix.contains("--work-dir"))
  }

  @Test("while a run is on that alone is told, and nothing that it has made of the machine")
  func activeRun() throws {
    var probe = try Self.bareMetal()
    (probe.activeRun, probe.memoryTotalBytes, probe.isRoot) = ("process 77", 1 << 30, false)
    probe.leftovers = [
      HostProbe.Leftover(path: "/run/failover-bench/a.journal", owner: "a run that was killed", mayBeLive: false)
    ]
    let check = try Self.only(probe)
    #expect(check.name == "active-run" && check.status == .problem && check.fix.contains("SIGTERM"))
    #expect(check.detail == "another failover-bench run is active: process 77")
    #expect(Preflight(scenario: Self.paper, probe: probe).scenarioProblems().isEmpty)
    probe.activeRun = nil
    #expect(!Preflight(scenario: Self.paper, probe: probe).scenarioProblems().isEmpty)
  }

  @Test func whatARunLeftBehind() throws {
    var probe = try Self.bareMetal()
    let stale = HostProbe.Leftover(
      path: "/run/failover-bench/a.journal", owner: "a run that was killed", mayBeLive: false)
    probe.leftovers = [stale]
    let check = try Self.only(probe)
    #expect(check.name == "leftovers" && check.status == .problem && check.fix == "failover-bench cleanup")
    #expect(check.detail == "a journal of a run that was killed: /run/failover-bench/a.journal")
    probe.leftovers = [stale, stale]
    #expect(try Self.only(probe).detail.hasPrefix("2 journals of"))
    probe.stateDirectoryProblem = "it is not a directory"
    #expect(try Self.only(probe).fix.contains("--state-dir"))
  }

  @Test func programsAndModulesThatAreMissing() throws {
    var probe = try Self.bareMetal()
    probe.mkfsVersion = nil
    #expect(try Self.only(probe).detail == "mkfs.xfs does not run")
    probe.mkfsPath = nil
    #expect(try Self.only(probe).detail == "mkfs.xfs is not installed")
    #expect(try Self.only(probe).fix == "apt-get install xfsprogs")
    probe = try Self.bareMetal()
    probe.fileSystems = ["ext4"]
    #expect(try Self.only(probe).fix == "modprobe xfs, on the host itself")
    probe = try Self.bareMetal()
    probe.helperPath = nil
    #expect(try Self.only(probe).name == "helper")
  }

  /// The run goes on without them; its record is the poorer.
  @Test func observationsThatAreMissing() throws {
    var probe = try Self.bareMetal()
    probe.isContainer = true
    probe.hasKernelThreads = false
    probe.hasPressure = false
    probe.kernelLogProblem = "EPERM"
    let checks = Self.wrong(probe)
    #expect(
      checks.map(\.name) == ["kernel-threads", "pressure", "kernel-log"] && checks.allSatisfy { $0.status == .warning })
    #expect(
      checks[0].fix.contains("--pid=host") && checks[1].fix == "boot with psi=1"
        && checks[2].fix.contains("--privileged"))
  }

  @Test func moreMemoryThanThereIs() throws {
    var scenario = Self.paper
    scenario.memoryBytes = 24 * Self.gibibyte + 1
    let preflight = Preflight(scenario: scenario, probe: try Self.bareMetal())
    #expect(
      preflight.scenarioProblems() == [
        ScenarioError(key: "memory", value: "25769803777B", expected: "none, or at most this machine's 24.0 GiB")
      ])
    // Told first, by the option's name.
    let first = try #require(preflight.checks().first)
    #expect(first.name == "scenario.memory" && first.status == .problem && first.detail.contains("25769803777B"))
    scenario.memoryBytes = 24 * Self.gibibyte
    #expect(Preflight(scenario: scenario, probe: try Self.bareMetal()).scenarioProblems().isEmpty)
  }

  @Test func morePinsThanMemory() throws {
    var scenario = Self.paper
    scenario.memoryBytes = nil
    scenario.pinBytes = 24 * Self.gibibyte
    #expect(Preflight(scenario: scenario, probe: try Self.bareMetal()).scenarioProblems().map(\.key) == ["pin"])
    scenario.pinBytes -= 4096
    #expect(Preflight(scenario: scenario, probe: try Self.bareMetal()).scenarioProblems().isEmpty)
  }

  @Test func aSettingThatTheKernelHasNot() throws {
    var scenario = Self.paper
    scenario.sysctls = [try #require(SysctlSetting("vm.nothing=1@failover"))]
    let preflight = Preflight(scenario: scenario, probe: try Self.bareMetal())
    let problems = preflight.scenarioProblems()
    #expect(problems.map(\.key) == ["sysctl"] && problems.map(\.value) == ["vm.nothing=1@failover"])
    #expect(problems.first?.explanation.contains("/proc/sys/vm/nothing") == true)
    #expect(Preflight(scenario: scenario, probe: try Self.bareMetal(scenario)).scenarioProblems().isEmpty)
  }

  @Test func settingsThatARunWrites() {
    var scenario = Self.paper
    #expect(scenario.neededSettings == ["vm.drop_caches", "vm.compact_memory", "fs.pipe-max-size", "vm.nr_hugepages"])
    scenario.memoryBytes = nil
    scenario.inodeResident = true
    scenario.sysctls = ["vm.vfs_cache_pressure=5", "vm.min_free_kbytes=1", "vm.min_free_kbytes=2@failover"]
      .compactMap(SysctlSetting.init)
    #expect(
      scenario.neededSettings == [
        "vm.drop_caches", "vm.compact_memory", "fs.pipe-max-size", "vm.vfs_cache_pressure", "vm.min_free_kbytes",
      ])
  }

  @Test func checksAsLines() {
    #expect(Check("xfs", .ok, "the kernel has XFS").line() == "ok       xfs                       the kernel has XFS")
    #expect(
      Check("memory.swap", .warning, "swap is on", fix: "swapoff -a").line()
        == "warning  memory.swap               swap is on\n" + String(repeating: " ", count: 35) + "fix: swapoff -a")
    // A name over the width of its column still has a space behind it.
    #expect(
      Check("sysctl.vm.percpu_pagelist_high_fraction", .problem, "no").line()
        == "problem  sysctl.vm.percpu_pagelist_high_fraction no")
  }

  @Test("a container with a /dev of its own is refused: the lock would keep nobody out")
  func ownDeviceDirectory() throws {
    var probe = try Self.bareMetal()
    probe.isContainer = true
    probe.deviceFileSystem = "tmpfs"
    let check = try #require(Preflight(scenario: Self.paper, probe: probe).checks().first { $0.name == "loop.lock" })
    #expect(check.status == .problem)
    #expect(check.fix == "add to the container's command line: -v /dev:/dev")
    probe.deviceFileSystem = "devtmpfs"
    #expect(!Preflight(scenario: Self.paper, probe: probe).checks().contains { $0.name == "loop.lock" })
  }

  @Test("a journal that would go with its container is warned of")
  func journalInContainer() throws {
    var probe = try Self.bareMetal()
    probe.isContainer = true
    probe.stateIsInContainerLayer = true
    let check = try #require(Preflight(scenario: Self.paper, probe: probe).checks().first { $0.name == "journal" })
    #expect(check.status == .warning)
    #expect(check.fix.contains("-v /run/failover-bench:/run/failover-bench"))
  }
}
