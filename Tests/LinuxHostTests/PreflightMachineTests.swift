import Experiment
import KernelText
@testable import LinuxHost
import Testing

/// The preflight on whole machines as they are met: what stands in the way there, and what to type.
@Suite struct PreflightMachineTests {
  /// CapEff of a root shell, of an ordinary user, of Docker's default set.
  private static let (all, none, docker) = ("1ffffffffff", "0", "a80425fb")

  /// What Docker, or podman without options, leaves a container.
  private static func container(capabilities: String) throws -> HostProbe {
    var probe = try PreflightTests.bareMetal(capabilities: capabilities)
    probe.isContainer = true
    probe.deviceFileSystem = "tmpfs"
    probe.hasKernelThreads = false
    probe.stateIsInContainerLayer = true
    probe.workDirectory.fileSystem = "overlayfs"
    return probe
  }

  @Test func anUnprivilegedUser() throws {
    var probe = try PreflightTests.bareMetal(capabilities: Self.none)
    probe.isRoot = false
    probe.sysctlsWritable = probe.sysctlsWritable.mapValues { _ in false }
    probe.loopControl = HostProbe.LoopControlState(canBeOpened: false, problem: "EACCES")
    probe.kernelLogProblem = "EPERM"
    let checks = PreflightTests.wrong(probe)
    #expect(
      checks.filter { $0.status == .problem }.map(\.name) == [
        "capability.sys_admin", "capability.dac_override", "capability.kill", "sysctl.vm.drop_caches",
        "sysctl.vm.compact_memory",
        "sysctl.fs.pipe-max-size", "sysctl.vm.nr_hugepages", "loop.control",
      ])
    #expect(checks.filter { $0.status == .warning }.map(\.name) == ["capability.sys_resource", "kernel-log"])
    #expect(checks.allSatisfy { $0.fix.contains("run with sudo") })
    #expect(checks.first { $0.name == "loop.control" }?.detail.contains("EACCES") == true)
    #expect(checks.last?.detail.contains("CAP_SYSLOG is missing") == true)
  }

  @Test func dockerWithoutOptions() throws {
    var probe = try Self.container(capabilities: Self.docker)
    probe.sysctlsWritable = probe.sysctlsWritable.mapValues { _ in false }
    probe.loopControl = HostProbe.LoopControlState(canBeOpened: false, problem: "ENOENT")
    probe.kernelLogProblem = "ENOENT"
    let checks = PreflightTests.wrong(probe)
    // Docker leaves DAC_OVERRIDE, KILL and MKNOD.
    #expect(
      checks.filter { $0.status == .problem }.map(\.name) == [
        "capability.sys_admin", "sysctl.vm.drop_caches", "sysctl.vm.compact_memory", "sysctl.fs.pipe-max-size",
        "sysctl.vm.nr_hugepages", "loop.control", "loop.lock",
      ])
    #expect(
      checks.filter { $0.status == .warning }.map(\.name) == [
        "capability.sys_resource", "kernel-threads", "kernel-log", "journal",
      ])
    #expect(checks.allSatisfy { $0.fix.hasPrefix("add to the container's command line: -") })
    let fixes = checks.map(\.fix).joined(separator: "\n")
    for option in ["--privileged", "-v /dev:/dev", "--pid=host", "-v /run/failover-bench:/run/failover-bench"] {
      #expect(fixes.contains(option), "nobody says \(option)")
    }
  }

  /// podman copies the host's nodes into a /dev of the container's own: loop-control opens, and its lock keeps nobody out.
  @Test func podmanPrivilegedWithoutDev() throws {
    let checks = PreflightTests.wrong(try Self.container(capabilities: Self.all))
    #expect(checks.map(\.name) == ["loop.lock", "kernel-threads", "journal"])
    #expect(checks[0].status == .problem && checks[0].fix == "add to the container's command line: -v /dev:/dev")
    #expect(checks.dropFirst().allSatisfy { $0.status == .warning })
  }

  @Test func nodesThatNobodyElseMakes() throws {
    // All but CAP_MKNOD, bit 27.
    var probe = try PreflightTests.bareMetal(capabilities: "1fff7ffffff")
    #expect(PreflightTests.wrong(probe).isEmpty)
    probe.deviceFileSystem = "tmpfs"
    #expect(try PreflightTests.only(probe).name == "capability.mknod")
    // 128 volumes and the workload's: with so many free nothing is added.
    probe.loopDevices = HostProbe.LoopDevices(present: 131, bound: 2, withoutNode: 0)
    #expect(PreflightTests.wrong(probe).isEmpty)
    probe.loopDevices?.bound = 3
    #expect(try PreflightTests.only(probe).name == "capability.mknod")
  }

  @Test func loopDevicesAreCounted() throws {
    var probe = try PreflightTests.bareMetal()
    probe.loopDevices = HostProbe.LoopDevices(present: 10, bound: 4, withoutNode: 0)
    let check = Preflight(scenario: PreflightTests.paper, probe: probe).checks().first { $0.name == "loop.nodes" }
    #expect(check?.detail == "129 needed, 6 free, 4 in use by others; the run adds 123 and removes them again")
    probe.loopDevices = nil
    #expect(try PreflightTests.only(probe).status == .problem)
  }

  /// This project's own machine: root without CAP_SYS_RESOURCE, bit 24.
  @Test func aHardLimitThatStays() throws {
    var probe = try PreflightTests.bareMetal(capabilities: "1fffeffffff")
    let check = try PreflightTests.only(probe)
    #expect(check.name == "capability.sys_resource" && check.status == .warning)
    // Root already: sudo would not help.
    #expect(!check.fix.isEmpty && !check.fix.contains("sudo"))
    probe.descriptorLimit = 1024
    let descriptors = try #require(PreflightTests.wrong(probe).first { $0.name == "descriptors" })
    #expect(descriptors.status == .problem && descriptors.fix.contains("/etc/security/limits.conf"))
  }

  @Test func resultsForTheUserBehindSudo() throws {
    // All but CAP_CHOWN, bit 0.
    var probe = try PreflightTests.bareMetal(capabilities: "1fffffffffe")
    #expect(PreflightTests.wrong(probe).isEmpty)
    probe.resultsOwner = 1000
    #expect(try PreflightTests.only(probe).name == "capability.chown")
  }

  @Test(arguments: [
    ("5.8.18", Check.Status.problem), ("5.9.0", .ok), ("4.19.0-27-amd64", .problem), ("6.18.44-fc-v669", .ok),
    ("x", .warning),
  ])
  func kernels(release: String, status: Check.Status) throws {
    var probe = try PreflightTests.bareMetal()
    probe.kernelRelease = release
    let check = Preflight(scenario: PreflightTests.paper, probe: probe).checks().first { $0.name == "kernel" }
    #expect(check?.status == status)
  }

  /// What could not be read is never taken for "there is none".
  @Test func whatCannotBeReadIsNotInOrder() throws {
    var probe = try PreflightTests.bareMetal()
    probe.swapEntries = nil
    probe.panicOnOOM = nil
    probe.overcommitMemory = nil
    probe.cgroupLimits = nil
    probe.kernelRelease = nil
    probe.workDirectory.freeBytes = nil
    probe.workDirectory.takesDirectIO = nil
    let checks = PreflightTests.wrong(probe)
    #expect(
      checks.map(\.name) == [
        "kernel", "memory.cgroup", "memory.swap", "memory.panic_on_oom", "memory.overcommit", "work-dir.direct-io",
        "disk",
      ])
    #expect(checks.allSatisfy { $0.status == .warning })
    var environment1 = PreflightTests.paper
    environment1.memoryBytes = nil
    environment1.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    let known = Preflight(scenario: environment1, probe: probe).descriptorsNeeded()
    probe.memoryFreeBytes = nil
    #expect(Preflight(scenario: environment1, probe: probe).descriptorsNeeded() > known)
  }

  @Test func strictOvercommit() throws {
    var probe = try PreflightTests.bareMetal()
    probe.overcommitMemory = "2"
    let check = try PreflightTests.only(probe)
    #expect(check.name == "memory.overcommit" && check.status == .warning)
  }

  @Test func aProcessorLimit() throws {
    var probe = try PreflightTests.bareMetal()
    probe.cgroupLimits?.processors = 1.5
    let check = try PreflightTests.only(probe)
    #expect(check.name == "cpu.cgroup" && check.status == .warning && check.detail.contains("1.5 of 8"))
    probe.cgroupLimits?.processors = 8
    #expect(PreflightTests.wrong(probe).isEmpty)
  }

  /// The pool of somebody else is not taken away, so the machine would be smaller than asked.
  @Test func morePoolThanBallast() throws {
    var probe = try PreflightTests.bareMetal()
    probe.hugePagesPresent = 10_240
    #expect(PreflightTests.wrong(probe).isEmpty)
    probe.hugePagesPresent = 10_241
    let check = try PreflightTests.only(probe)
    #expect(
      check.name == "memory.size" && check.status == .warning
        && check.fix == "sysctl vm.nr_hugepages=10240 before the run")
  }

  @Test func directIO() throws {
    var probe = try PreflightTests.bareMetal()
    probe.workDirectory.takesDirectIO = false
    let check = try PreflightTests.only(probe)
    #expect(check.name == "work-dir.direct-io" && check.status == .warning && check.detail.contains("cached twice"))
    probe.workDirectory.fileSystem = "0x858458f6"
    #expect(try PreflightTests.only(probe).status == .problem)
  }

  @Test func aFullDisk() throws {
    // 129 images of 66 MiB, 900,000 files at 4,096 + 512 + 128 bytes.
    let needed: UInt64 = 129 * 69_206_016 + 4_262_400_000
    var probe = try PreflightTests.bareMetal()
    probe.workDirectory.freeBytes = needed
    let check = try PreflightTests.only(probe)
    #expect(
      check.name == "disk" && check.status == .problem
        && check.detail.contains("12.3 GiB needed, 12.3 GiB free in /var/tmp"))
    probe.workDirectory.freeBytes = needed + 1
    #expect(PreflightTests.wrong(probe).isEmpty)
  }

  /// Measured with xfsprogs 6.1.0; the estimate is at most 2 MiB above.
  @Test(arguments: [(UInt64(300) << 20, UInt64(65_868)), (100 << 30, 65_868), (1 << 40, 524_620)])
  func anImage(size: UInt64, measuredKilobytes: UInt64) {
    let estimate = Preflight.imageBytes(fileSystemBytes: size)
    #expect(estimate >= measuredKilobytes << 10 && estimate - (measuredKilobytes << 10) <= 2 << 20)
  }

  @Test func aRunInAnotherContainer() throws {
    var probe = try PreflightTests.bareMetal()
    probe.leftovers = [
      HostProbe.Leftover(path: "/run/failover-bench/c.journal", owner: "a run in another container", mayBeLive: true)
    ]
    let check = try PreflightTests.only(probe)
    #expect(check.status == .problem && check.fix == "failover-bench cleanup, which refuses while that run is active")
  }
}
