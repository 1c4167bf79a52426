import Experiment
import KernelText
import LinuxSystem
import TestSupport
import Testing

@testable import LinuxHost

/// Which blocks of memory a scenario takes, and what stands in the way.
@Suite struct MemoryBlockTests {
  private static let gibibyte: UInt64 = 1 << 30

  /// As on the machine of the preflight's tests, 168 blocks of 128 MiB in zone Normal.
  private static var facts: MemoryBlockFacts {
    MemoryBlockFacts(blockBytes: 128 << 20, candidates: (32..<200).reversed())
  }

  private static func scenario(
    _ memory: UInt64?, _ method: MemoryMethod = .ballast, movable: UInt64? = nil
  ) -> Scenario {
    var scenario = PreflightTests.paper
    (scenario.memoryBytes, scenario.memoryMethod, scenario.movableBytes) = (memory, method, movable)
    return scenario
  }

  private static func check(_ scenario: Scenario, _ facts: MemoryBlockFacts) throws -> Check {
    var probe = try PreflightTests.bareMetal(scenario)
    probe.memoryBlocks = facts
    return try #require(Preflight(scenario: scenario, probe: probe).checks().first { $0.name == "memory.blocks" })
  }

  @Test func whatIsTaken() {
    let total = 24 * Self.gibibyte
    func plan(_ scenario: Scenario) -> MemoryBlockFacts.Plan { Self.facts.plan(scenario, totalBytes: total) }
    #expect(plan(Self.scenario(4 << 30)) == .init(offline: 0, movable: 0))
    #expect(plan(Self.scenario(4 << 30, movable: 1280 << 20)) == .init(offline: 0, movable: 10))
    // A block that is begun is taken whole.
    #expect(plan(Self.scenario(4 << 30, movable: 1281 << 20)).movable == 11)
    // The machine is never made smaller than was asked for.
    #expect(plan(Self.scenario((4 << 30) + 1, .offline)) == .init(offline: 159, movable: 0))
    #expect(plan(Self.scenario(4 << 30, .offline, movable: 128 << 20)) == .init(offline: 160, movable: 1))
    #expect(plan(Self.scenario(30 << 30, .offline)).count == 0)
    var booted = Self.facts
    booted.movableBytes = 1 << 30
    #expect(booted.plan(Self.scenario(nil, movable: 1280 << 20), totalBytes: total).count == 0)
    #expect(MemoryBlockFacts().plan(Self.scenario(nil, movable: 1 << 30), totalBytes: total).count == 0)
  }

  @Test func whatTheDoctorSays() throws {
    let undivided = try Self.check(Self.scenario(4 << 30), Self.facts)
    #expect(undivided.status == .ok)
    #expect(undivided.detail == "168 blocks of 128.0 MiB in zone Normal, 0 offline, none movable")
    let divided = Self.scenario(4 << 30, movable: 1280 << 20)
    #expect(try Self.check(divided, Self.facts).status == .ok)
    #expect(try Self.check(divided, Self.facts).detail.contains("takes 0 offline and makes 10 movable"))
    // Half of all blocks can be had more often than nearly all; of these 168 a machine that had run for hours gave 104.
    #expect(try Self.check(Self.scenario(13824 << 20, .offline), Self.facts).status == .ok)
    let nearlyAll = try Self.check(Self.scenario(4 << 30, .offline), Self.facts)
    #expect(nearlyAll.status == .warning && nearlyAll.detail.contains("more than half of all blocks"))

    let none = try Self.check(divided, MemoryBlockFacts())
    #expect(none.status == .problem && none.fix.contains("scripts/lab"))
    #expect(try Self.check(Self.scenario(4 << 30), MemoryBlockFacts()).status == .ok)

    var few = Self.facts
    few.candidates = Array(few.candidates.prefix(9))
    let scarce = try Self.check(divided, few)
    #expect(scarce.status == .problem)
    #expect(scarce.detail == "10 memory blocks of 128.0 MiB are needed, and there are 9 in zone Normal")

    var lazy = Self.facts
    lazy.unlistedFreeBytes = 18 << 30
    #expect(try Self.check(divided, lazy).detail.contains("has not initialized 18.0 GiB"))
    #expect(try Self.check(Self.scenario(4 << 30), lazy).status == .ok)

    lazy.unlistedFreeBytes = nil
    #expect(try Self.check(divided, lazy).status == .ok)
    var readOnly = Self.facts
    readOnly.areWritable = false
    #expect(try Self.check(divided, readOnly).detail == "the state of memory blocks cannot be written")
    var low = Self.facts
    low.candidates = []
    #expect(try Self.check(divided, low).detail == "no memory block lies in zone Normal alone")
    var farther = Self.facts
    farther.nodes = 2
    #expect(try Self.check(divided, farther).status == .warning)
    #expect(try Self.check(Self.scenario(4 << 30), farther).status == .ok)
    // Rounded up to whole blocks, nothing would be left.
    #expect(
      try Self.check(Self.scenario(1 << 30, movable: 1000 << 20), Self.facts).detail.contains(
        "leave nothing of 1.0 GiB"))

    var booted = Self.facts
    booted.movableBytes = 1 << 30
    #expect(try Self.check(divided, booted).status == .problem)
    #expect(try Self.check(Self.scenario(nil, movable: 1 << 30), booted).status == .ok)
    // A zone of another size is another machine, and so is one that nobody asked for.
    let larger = try Self.check(Self.scenario(nil, movable: 2 << 30), booted)
    #expect(larger.status == .problem && larger.fix.contains("--memory-division 1024MiB"))
    // What is refused is refused there as well.
    var poor = try PreflightTests.bareMetal(Self.scenario(4 << 30, .offline))
    (poor.memoryBlocks, poor.hugePoolBytes) = (booted, 1 << 30)
    #expect(
      Preflight(scenario: Self.scenario(4 << 30, .offline), probe: poor).checks().contains {
        $0.name == "memory.blocks" && $0.status == .problem
      })
    let unasked = try Self.check(Self.scenario(nil), booted)
    #expect(unasked.status == .warning && unasked.detail.contains("although memory-division is none"))
  }

  @Test func whatBlocksWouldDoToTheHostIsRefused() throws {
    let divided = Self.scenario(4 << 30, movable: 1280 << 20)
    var probe = try PreflightTests.bareMetal(divided)
    probe.memoryBlocks = Self.facts
    probe.hugePoolBytes = 24 << 20
    let pool = Preflight(scenario: divided, probe: probe).checks().first { $0.name == "memory.blocks" }
    #expect(pool?.status == .problem && pool?.detail.contains("24.0 MiB of huge pages are reserved") == true)
    var broken = Self.facts
    broken.brokenBytes = 4096
    #expect(try Self.check(divided, broken).detail.contains("4.0 KiB of memory are broken"))
    #expect(try Self.check(Self.scenario(4 << 30), broken).status == .ok)
  }

  @Test("what whole blocks make of the sizes that were asked for is said from a hundredth on")
  func rounding() throws {
    var large = MemoryBlockFacts(blockBytes: 2 << 30, candidates: (2..<13).reversed())
    let one = try Self.check(Self.scenario(8 << 30, movable: 1280 << 20), large)
    #expect(one.status == .warning && one.detail.contains("the movable zone is 2.0 GiB, and not 1.3 GiB"))
    #expect(one.fix == "--memory-division 2048MiB")
    let both = try Self.check(Self.scenario(7 << 30, .offline), large)
    #expect(both.status == .warning && both.detail.contains("the machine is 1.0 GiB larger than 7.0 GiB"))
    #expect(both.fix == "--memory 8192MiB")
    #expect(
      !(try Self.check(Self.scenario(8 << 30, .offline, movable: 2 << 30), large).detail.contains("whole blocks only")))
    // 24 GiB less what lies in the zone's own blocks, and one block more.
    large.candidates = [11, 12]
    let scarce = try Self.check(Self.scenario(4 << 30, .offline), large)
    #expect(scarce.status == .problem && scarce.fix.contains("--memory of 22528MiB or more"))
  }

  @Test func aKernelThatDoesNotGroupIsNotDivided() throws {
    let scenario = Self.scenario(4 << 30, movable: 1280 << 20)
    var probe = try PreflightTests.bareMetal(scenario)
    probe.memoryBlocks = Self.facts
    probe.geometry.groupsByMobility = false
    let check = Preflight(scenario: scenario, probe: probe).checks().first { $0.name == "memory.blocks" }
    #expect(check?.status == .problem && check?.detail.contains("turns grouping by mobility back on") == true)
  }

  @Test(arguments: [nil, "never", "deny", "advise", "always", "within_size", "force"])
  func filesInMemoryHaveSinglePages(huge: String?) throws {
    var scenario = Self.scenario(4 << 30)
    scenario.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    scenario.transientBackend = .memfd
    var probe = try PreflightTests.bareMetal(scenario)
    probe.sharedHugePages = huge
    let check = Preflight(scenario: scenario, probe: probe).checks().first { $0.name == "memory.memfd" }
    #expect(check?.status == (["always", "within_size", "force"].contains(huge) ? .problem : .ok))
  }

  @Test func freeMemoryThatAHypervisorTakes() throws {
    // As on a Firecracker guest: statistics, deflation, reporting, and version 1.
    #expect(FreePageReporting.isReporting(device: "0x0005", features: "0110010100000000000000000000000010000000"))
    #expect(!FreePageReporting.isReporting(device: "0x0005", features: "0110000100000000000000000000000010000000"))
    #expect(!FreePageReporting.isReporting(device: "0x0002", features: "0010011001100100000000000000000010000000"))
    #expect(!FreePageReporting.isReporting(device: "0x0005", features: "01100"))
    #expect(!FreePageReporting.isReporting(device: nil, features: nil))
    var probe = try PreflightTests.bareMetal()
    #expect(
      !Preflight(scenario: PreflightTests.paper, probe: probe).checks().contains { $0.name == "memory.reporting" })
    probe.freePageReportingOrder = 9
    let check = Preflight(scenario: PreflightTests.paper, probe: probe).checks().first { $0.name == "memory.reporting" }
    #expect(check?.status == .warning && check?.detail.contains("free blocks of 2.0 MiB and more") == true)
  }

  @Test func whatMustBeAvailable() throws {
    func size(_ scenario: Scenario, available: UInt64) throws -> Check.Status? {
      var probe = try PreflightTests.bareMetal(scenario)
      probe.memoryBlocks = Self.facts
      probe.memoryAvailableBytes = available
      return Preflight(scenario: scenario, probe: probe).checks().first { $0.name == "memory.size" }?.status
    }
    let offline = Self.scenario(4 << 30, .offline)
    #expect(try size(offline, available: 22 << 30) == .ok && size(offline, available: 20 << 30) == .problem)
    // 20 GiB of ballast, and 1.25 set aside meanwhile.
    let divided = Self.scenario(4 << 30, movable: 1280 << 20)
    #expect(try size(divided, available: 22 << 30) == .ok && size(divided, available: 21 << 30) == .problem)
  }

  @Test func whatDoesNotGoTogether() throws {
    #expect(throws: ScenarioError.self) { try Self.scenario(4 << 30, movable: 4 << 30).validate() }
    try Self.scenario(4 << 30, .offline, movable: 1 << 30).validate()
    // What would change nothing is a mistake of whoever asks for it, and no flaw of a record.
    try Self.scenario(nil, .offline).validate()
    #expect(Self.scenario(nil, .offline).idleKey?.key == "memory-method")
    #expect(Self.scenario(4 << 30, .offline).idleKey == nil)
    var scenario = Self.scenario(4 << 30)
    scenario.transientBackend = .memfd
    #expect(scenario.idleKey?.key == "transient-backend")
    scenario.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    #expect(scenario.idleKey == nil)
  }
}

/// A kernel of 2005, and inodes that stay.
@Suite struct MachineOf2005Tests {
  private static func check(_ scenario: Scenario, _ name: String, _ geometry: KernelGeometry = KernelGeometry()) throws
    -> Check?
  {
    var probe = try PreflightTests.bareMetal(scenario)
    probe.geometry = geometry
    return Preflight(scenario: scenario, probe: probe).checks().first { $0.name == name }
  }

  @Test func isNeededOrNot() throws {
    var scenario = PreflightTests.paper
    #expect(try Self.check(scenario, "machine") == nil)
    scenario.machine = .as2005
    let today = try #require(try Self.check(scenario, "machine", KernelGeometry(inodeSlabOrder: 2)))
    #expect(today.status == .problem)
    #expect(
      today.detail
        == "not the machine of 2005: this kernel groups pages by mobility, and XFS's inodes lie in blocks of 4 pages")
    #expect(today.fix.contains("scripts/lab --as-2005 6.1"))
    let half = try Self.check(scenario, "machine", KernelGeometry(groupsByMobility: false, inodeSlabOrder: 2))
    #expect(half?.detail == "not the machine of 2005: XFS's inodes lie in blocks of 4 pages")
    let unseen = try Self.check(scenario, "machine", KernelGeometry(groupsByMobility: false))
    #expect(unseen?.status == .problem)
    let then = try Self.check(scenario, "machine", KernelGeometry(groupsByMobility: false, inodeSlabOrder: 0))
    #expect(then?.status == .ok)
  }

  @Test func isOnRecord() {
    #expect(
      KernelGeometry(groupsByMobility: false, inodeSlabOrder: 0).settings
        == ["page_group_by_mobility": "off", "slab.xfs_inode.order": "0"])
    #expect(KernelGeometry().settings == ["page_group_by_mobility": "on"])
  }

  /// /proc/slabinfo of Linux 6.1 with slabs in single pages, once 900,000 files had been written under a pressure of 0.
  @Test func aResidentFileTakesMoreThanItsInode() throws {
    let text = try KernelFile.read(Checkout.path + "/fixtures/measured/as-2005/xfs-two-1/slabinfo-populate-after.txt")
    let pages = text.split(separator: "\n").map { $0.split(separator: " ") }.reduce(UInt64(0)) {
      guard $1.count > 14, ["xfs_inode", "xfs_ili", "dentry", "kmalloc-1k"].contains($1[0]) else { return $0 }
      return $0 + (UInt64($1[14]) ?? 0)
    }
    #expect(pages * 4096 / 900_000 == 2431 && Preflight.residentBytesPerFile > 2431)
  }

  @Test func residentInodesMustLeaveRoom() throws {
    var scenario = PreflightTests.paper
    #expect(try Self.check(scenario, "memory.inodes") == nil)
    scenario.inodeResident = true
    // 2.1 GiB of inodes and 0.4 of pins, of 4; then 3.1 and 0.4.
    #expect(try Self.check(scenario, "memory.inodes")?.status == .ok)
    scenario.files = 1_300_000
    #expect(try Self.check(scenario, "memory.inodes")?.status == .problem)
    // The same by another key, and undone by it.
    func pressure(_ value: String) throws -> SysctlSetting {
      try #require(SysctlSetting("vm.vfs_cache_pressure=\(value)"))
    }
    (scenario.inodeResident, scenario.sysctls) = (false, [try pressure("0")])
    #expect(try Self.check(scenario, "memory.inodes")?.status == .problem)
    (scenario.inodeResident, scenario.sysctls) = (true, [try pressure("100")])
    #expect(try Self.check(scenario, "memory.inodes") == nil)
    // Once the inodes are there it is too late.
    scenario.sysctls = [try pressure("100@failover")]
    #expect(try Self.check(scenario, "memory.inodes")?.status == .problem)
    scenario.sysctls = []
    (scenario.files, scenario.movableBytes) = (900_000, 2 << 30)
    var divided = try PreflightTests.bareMetal(scenario)
    divided.memoryBlocks = MemoryBlockFacts(blockBytes: 128 << 20, candidates: Array(0..<100))
    #expect(
      Preflight(scenario: scenario, probe: divided).checks().first { $0.name == "memory.inodes" }?.status == .problem)
    scenario.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    #expect(try Self.check(scenario, "memory.inodes") == nil)
  }
}
