@testable import HostJournal
import SystemPackage
import LinuxSystem
import Testing

@Suite struct RestoreTests {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test func everythingIsPutBackLatestFirstAndProcessesBeforeAll() throws {
    let host = FakeHost(KilledRun.during)
    let journal = try KilledRun.journal(in: directory)
    let report = JournalRestorer(host).restore(journal: journal, timeout: .zero)
    #expect(report.isClean, "\(report.lines)")
    #expect(host.state == KilledRun.before)
    // And what the kernel computes from its blocks of memory behind all else.
    let expected = [0, 13, 12] + (1...10).reversed() + [11]
    #expect(report.restored == expected.map { KilledRun.changes[$0] })
    #expect(!exists(journal))
  }

  @Test func aSecondRestoreFindsNothingToDo() throws {
    let host = FakeHost(KilledRun.during)
    let journal = try KilledRun.journal(in: directory)
    _ = JournalRestorer(host).restore(journal: journal, timeout: .zero)
    let done = host.log.count
    let again = JournalRestorer(host).restore(journal: journal, timeout: .zero)
    #expect(again.isClean && again.restored.isEmpty)
    #expect(host.log.count == done)
    #expect(host.state == KilledRun.before)
  }

  @Test func changesThatWereNeverMade() throws {
    let host = FakeHost(KilledRun.before)
    let report = JournalRestorer(host).restore(journal: try KilledRun.journal(in: directory), timeout: .zero)
    #expect(report.isClean && report.restored.isEmpty && report.foreignValue.isEmpty)
    #expect(report.alreadyAsBefore.count == KilledRun.changes.count)
    #expect(host.state == KilledRun.before)
    #expect(!host.log.contains { $0.hasPrefix("write") })
  }

  @Test func aForeignValueIsLeftAndSaid() throws {
    let host = FakeHost(KilledRun.during)
    host.state.sysctls["fs.pipe-max-size"] = "2097152"
    host.state.sysctls["vm.nr_hugepages"] = "9501"
    let journal = try KilledRun.journal(in: directory)
    let report = JournalRestorer(host).restore(journal: journal, timeout: .seconds(1))
    #expect(report.foreignValue.map(\.change) == [KilledRun.changes[3], KilledRun.changes[2]])
    #expect(report.foreignValue[0].reason.contains("2097152"))
    #expect(host.state.sysctls["fs.pipe-max-size"] == "2097152")
    #expect(host.state.sysctls["vm.nr_hugepages"] == "9501")
    // Dealt with: nobody hears of it again.
    #expect(report.isClean && !exists(journal))
  }

  @Test func whatOthersHavePutInOurPlacesStays() throws {
    let host = FakeHost(KilledRun.during)
    let theirs = FileIdentity(device: 65_024, inode: 5)
    host.state.bindings = [0: FileIdentity(device: 1, inode: 1), 1: theirs, 8: theirs]
    host.state.deviceNodes["/dev/loop8"] = 8 << 20 | 8
    host.state.directories["/var/tmp/work"] = theirs
    host.state.processes = [ProcessIdentity(pid: 78, startTicks: 99_999)]
    let before = host.state
    let report = JournalRestorer(host).restore(journal: try KilledRun.journal(in: directory), timeout: .zero)
    #expect(report.isClean)
    #expect(host.state.bindings == before.bindings && host.state.nodes == before.nodes)
    #expect(host.state.deviceNodes == before.deviceNodes && host.state.directories == before.directories)
    #expect(host.state.processes == before.processes)
    #expect(report.foreignValue.count == 3)
  }

  @Test func aDeviceInUseIsTriedAgainWhileAllElseIsDone() throws {
    let host = FakeHost(KilledRun.during)
    host.busyAttempts = [8: 5]
    let report = JournalRestorer(host).restore(journal: try KilledRun.journal(in: directory), timeout: .seconds(10))
    #expect(report.isClean, "\(report.lines)")
    #expect(host.state == KilledRun.before)
    // The ballast does not wait for a loop device.
    let ballast = host.log.firstIndex(of: "write vm.nr_hugepages=0")!
    #expect(host.log[..<ballast].count { $0 == "clear loop8" } == 1)
    #expect(host.time > 0)
  }

  @Test func whatStaysInUseIsALeftoverWithItsHolder() throws {
    let host = FakeHost(KilledRun.during)
    host.busyAttempts = [8: .max]
    let journal = try KilledRun.journal(in: directory)
    let report = JournalRestorer(host).restore(journal: journal, timeout: .seconds(2))
    #expect(!report.isClean)
    #expect(report.leftovers.map(\.change) == [KilledRun.changes[7], KilledRun.changes[5]])
    #expect(report.leftovers[0].reason.contains("seen by process 9 (stuck)"))
    #expect(report.restored.count == KilledRun.changes.count - 2)
    #expect(try JournalReader.read(path: journal).pending.map(\.id) == [6, 8])
    // Later it is free.
    host.busyAttempts = [:]
    #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
    #expect(host.state == KilledRun.before)
  }

  @Test(
    "a block with a page that is held is tried again, and left over by name while it is; a later cleanup puts it back")
  func heldBlocks() throws {
    let host = FakeHost(KilledRun.during)
    host.heldBlocks = [63: 3]
    let again = JournalRestorer(host).restore(journal: try KilledRun.journal(in: directory), timeout: .seconds(1))
    #expect(again.isClean && host.state == KilledRun.before, "\(again.lines)")
    #expect(host.log.count { $0 == "empty memory" } == 1)

    let stuck = FakeHost(KilledRun.during)
    stuck.heldBlocks = [63: .max]
    let journal = try KilledRun.journal(in: directory)
    let report = JournalRestorer(stuck).restore(journal: journal, timeout: .seconds(1))
    #expect(report.leftovers.map(\.change) == [KilledRun.changes[13], KilledRun.changes[11]])
    #expect(report.leftovers[1].reason == "blocks of memory that change it are not back yet")
    #expect(report.leftovers[0].reason == "a page in it is held")
    #expect(stuck.state.memoryBlocks[62] == .online(zone: "Normal"))
    stuck.heldBlocks = [:]
    #expect(JournalRestorer(stuck).restore(journal: journal, timeout: .zero).isClean)
    #expect(stuck.state == KilledRun.before)
  }

  @Test("every block has one brief turn before any has a second one, and what the kernel computes from them comes last")
  func turnsOfBlocks() throws {
    let host = FakeHost(KilledRun.during)
    host.state.memoryBlocks[62] = .online(zone: "Movable")
    let changes = KilledRun.changes.map { change in
      if case .memoryBlock(let number, let zone, _) = change {
        HostChange.memoryBlock(number: number, zone: zone, isMovable: true)
      } else {
        change
      }
    }
    host.heldBlocks = [63: 2]
    let report = JournalRestorer(host).restore(
      journal: try KilledRun.journal(in: directory, changes), timeout: .seconds(1))
    #expect(report.isClean && host.state == KilledRun.before, "\(report.lines)")
    let blocks = host.log.filter { $0.hasPrefix("block ") || $0 == "empty memory" || $0.hasPrefix("write vm.min") }
    #expect(
      blocks == [
        "empty memory", "block 63 offline, briefly", "block 62 offline, briefly", "block 62 online_kernel",
        "block 63 offline", "block 63 offline", "block 63 online_kernel", "write vm.min_free_kbytes=16384",
      ])

    // Without any time at all each still has its turn, and a block that only a boot brings back is not waited for.
    let late = FakeHost(host.state)
    late.state.memoryBlocks = [61: .online(zone: "Normal"), 62: .online(zone: "DMA32"), 63: .online(zone: "Movable")]
    late.heldBlocks = [63: .max]
    let report2 = JournalRestorer(late).restore(journal: try KilledRun.journal(in: directory, changes), timeout: .zero)
    #expect(late.log.contains("block 63 offline, briefly") && report2.leftovers.count == 3)
    late.heldBlocks = [:]
    let report3 = JournalRestorer(late).restore(
      journal: try KilledRun.journal(in: directory, changes), timeout: .seconds(1000))
    #expect(report3.leftovers.map(\.change) == [changes[12], changes[11]] && late.time < 1_000_000_000)
  }

  @Test("a value that the run itself has set is no value that the kernel has computed, whatever it is")
  func settingsOfTheRun() throws {
    func restored(_ changes: [HostChange], present: String) throws -> (value: String?, report: RestoreReport) {
      let host = FakeHost(KilledRun.before)
      host.state.sysctls["vm.min_free_kbytes"] = present
      let report = JournalRestorer(host).restore(
        journal: try KilledRun.journal(in: directory, changes), timeout: .zero)
      return (host.state.sysctls["vm.min_free_kbytes"], report)
    }
    func set(_ previous: String, _ new: String) -> HostChange {
      .sysctl(key: "vm.min_free_kbytes", previous: previous, new: new)
    }
    let block = HostChange.memoryBlock(number: 62, zone: "Normal", isMovable: true)
    // The same value for the whole run and once more before the mounts.
    #expect(try restored([set("67584", "16384"), set("16384", "16384")], present: "16384").value == "67584")
    // The value that was there, and somebody else's since.
    let foreign = try restored([set("67584", "67584")], present: "100000")
    #expect(foreign.value == "100000" && foreign.report.foreignValue.count == 1)
    // Blocks, and a value for the mounts.
    #expect(
      try restored([set("16384", "16384"), block, set("16384", "90000"), set("90000", "90000")], present: "90000").value
        == "16384")
    #expect(try restored([set("16384", "16384"), block], present: "11584").value == "16384")
  }

  @Test("a block that somebody else has changed is left alone, and one that the kernel puts elsewhere is said")
  func othersBlocks() throws {
    let host = FakeHost(KilledRun.during)
    host.state.memoryBlocks[62] = .online(zone: "Movable")
    host.state.memoryBlocks[63] = nil
    let report = JournalRestorer(host).restore(journal: try KilledRun.journal(in: directory), timeout: .zero)
    #expect(report.isClean)
    #expect(
      report.foreignValue.map(\.reason) == [
        "the kernel has no such block now", "somebody has put it into Movable meanwhile",
      ])
    #expect(host.state.memoryBlocks == [61: .online(zone: "Normal"), 62: .online(zone: "Movable")])

    let elsewhere = FakeHost(KilledRun.during)
    elsewhere.kernelZone = "DMA32"
    let other = JournalRestorer(elsewhere).restore(journal: try KilledRun.journal(in: directory), timeout: .seconds(1))
    #expect(other.leftovers.count == 3 && other.foreignValue.isEmpty)
    #expect(
      other.lines.contains {
        $0.hasSuffix(
          "memory block 63: Normal -> Movable: the kernel has put it into DMA32, and not back into Normal; only a boot helps"
        )
      })
  }

  @Test(
    "a process that does not end is left over, and so is what lies on the disk that it may wait for; all else is put back"
  )
  func aProcessThatDoesNotEnd() throws {
    let host = FakeHost(KilledRun.during)
    host.undyingProcesses = [78]
    let journal = try KilledRun.journal(in: directory)
    let report = JournalRestorer(host).restore(journal: journal, timeout: .seconds(1))
    // Process, directory, three changes of loop devices; latest first but for the process.
    #expect(report.leftovers.map(\.change) == [0, 7, 5, 4, 1].map { KilledRun.changes[$0] })
    #expect(
      report.leftovers.dropFirst().allSatisfy {
        $0.reason.hasPrefix("left alone while the process 78 (child) has not ended")
      })
    // Not as much as looked at.
    #expect(host.state.directories == KilledRun.during.directories)
    #expect(host.state.bindings == KilledRun.during.bindings && host.state.nodes == KilledRun.during.nodes)
    #expect(!host.log.contains { $0.contains("/var/tmp/work") || $0.hasPrefix("loop") }, "\(host.log)")
    #expect(
      host.state.sysctls == KilledRun.before.sysctls && host.state.modules.isEmpty && host.state.mappedDevices.isEmpty)
    // The disk answers again, and the process ends.
    host.undyingProcesses = []
    #expect(JournalRestorer(host).restore(journal: journal, timeout: .seconds(1)).isClean)
    #expect(host.state == KilledRun.before)
  }

  @Test func twoChangesOfOneKeyAreUndoneInOrder() throws {
    let changes: [HostChange] = [
      .sysctl(key: "vm.nr_hugepages", previous: "100", new: "200"),
      .sysctl(key: "vm.nr_hugepages", previous: "200", new: "9500"),
    ]
    let host = FakeHost(.init(sysctls: ["vm.nr_hugepages": "9500"]))
    let journal = try KilledRun.journal(in: directory, changes)
    #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
    #expect(host.log.filter { $0.hasPrefix("write") } == ["write vm.nr_hugepages=200", "write vm.nr_hugepages=100"])
  }

  @Test func fewerHugePagesThanBeforeIsALeftoverNotASuccess() throws {
    let changes: [HostChange] = [.sysctl(key: "vm.nr_hugepages", previous: "100", new: "0")]
    let host = FakeHost(.init(sysctls: ["vm.nr_hugepages": "0"]))
    host.hugePagesAvailable = 60
    let journal = try KilledRun.journal(in: directory, changes)
    let report = JournalRestorer(host).restore(journal: journal, timeout: .seconds(1))
    #expect(report.leftovers.count == 1)
    host.hugePagesAvailable = .max
    #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
    #expect(host.state.sysctls == ["vm.nr_hugepages": "100"])
  }

  @Test func theSupervisorAndTheSurvivorMayRestoreButNobodyWhileARunGoesOn() throws {
    let host = FakeHost(KilledRun.during)
    let owner = ProcessIdentity(pid: 66, startTicks: 1)
    host.state.processes.insert(owner)
    let journal = try KilledRun.journal(in: directory, owner: owner)
    // Its run is writing to it: the refusal must not have to wait for that, nor be in its way.
    let writer = try JournalFile.open(journal, forWriting: true)
    #expect(try writer.file.tryLock(exclusively: false))
    for authority in [RestoreAuthority.processOfTheRun, .hostLockHeld] {
      let refused = JournalRestorer(host).restore(journal: journal, timeout: .zero, authority: authority)
      #expect(refused.refusal?.contains("66") == true && !refused.isClean)
    }
    #expect(host.log.isEmpty)
    try writer.file.unlock()
    host.me = owner
    #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
  }

  @Test func theSurvivorDoesNotKillItself() throws {
    let host = FakeHost(KilledRun.during)
    host.me = KilledRun.child
    let report = JournalRestorer(host).restore(journal: try KilledRun.journal(in: directory), timeout: .zero)
    #expect(report.isClean)
    #expect(host.state.processes == [KilledRun.child])
  }

  @Test func aContainersJournalNeedsTheHostLock() throws {
    let host = FakeHost(KilledRun.during)
    host.pidNamespaceNumber = 6
    let journal = try KilledRun.journal(in: directory)
    #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).refusal != nil)
    #expect(host.log.isEmpty)
    let report = JournalRestorer(host).restore(journal: journal, timeout: .zero, authority: .hostLockHeld)
    #expect(report.isClean)
    // Its process numbers mean somebody else here.
    #expect(host.state.processes == [KilledRun.child])
  }

  @Test func afterARestartOnlyDirectoriesAreLeft() throws {
    let host = FakeHost(KilledRun.during)
    host.boot = "boot-2"
    let report = JournalRestorer(host).restore(journal: try KilledRun.journal(in: directory), timeout: .zero)
    #expect(report.isClean)
    #expect(host.log == ["remove /var/tmp/work"])
  }

  @Test func whatWasReleasedIsTheUsers() throws {
    let host = FakeHost(KilledRun.during)
    let line = JournalLine("released", [.init(name: "id", value: "2")]).encoded()
    let journal = try directory.file(
      "a.journal", journalBytes(KilledRun.changes, header: sampleHeader(owner: .init(pid: 66, startTicks: 1))) + line)
    #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
    #expect(host.state.directories["/var/tmp/work"] != nil)
  }

  @Test func aDamagedJournalIsRestoredAsFarAsItGoesAndSetAside() throws {
    let host = FakeHost(KilledRun.during)
    let journal = try KilledRun.journal(in: directory)
    var damaged = try bytes(of: journal)
    damaged[damaged.count / 2] ^= 1
    try write(damaged, to: journal)
    let report = JournalRestorer(host).restore(journal: journal, timeout: .zero)
    #expect(!report.isClean && report.problems.count == 1 && report.leftovers.isEmpty)
    #expect(report.restored.count == KilledRun.changes.count - 1)
    #expect(!exists(journal))
    #expect(try JournalDirectory.list(directory.path).isEmpty)
    #expect(try JournalDirectory.listDamaged(directory.path).count == 1)
  }

  @Test func whileSomebodyElseRestoresNothingIsTouched() throws {
    let host = FakeHost(KilledRun.during)
    let journal = try KilledRun.journal(in: directory)
    let other = try JournalFile.open(journal, forWriting: true)
    #expect(try other.file.tryLock(exclusively: true))
    let report = JournalRestorer(host).restore(journal: journal, timeout: .seconds(3))
    #expect(report.problems.count == 1)
    #expect(host.log.isEmpty)
    #expect(host.time >= 3_000_000_000)
  }

  @Test func anotherVersionIsNotTouched() throws {
    let host = FakeHost(KilledRun.during)
    var header = sampleHeader(owner: .init(pid: 66, startTicks: 1))
    header.version = 9
    let journal = try directory.file("a.journal", journalBytes(KilledRun.changes, header: header))
    for authority in [RestoreAuthority.processOfTheRun, .hostLockHeld] {
      #expect(!JournalRestorer(host).restore(journal: journal, timeout: .zero, authority: authority).isClean)
    }
    #expect(host.log.isEmpty && exists(journal))
  }
}
