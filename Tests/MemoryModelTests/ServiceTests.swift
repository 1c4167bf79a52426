import Experiment
@testable import MemoryModel
import Testing

/// The services' files on machines whose every page was put where it is.
@Suite struct ServiceTests {
  private static func work(files: Int, _ size: String = "16") throws -> ServiceWork {
    var scenario = Scenario(name: "service")
    try scenario.set(.serviceFiles, "\(files)")
    try scenario.set(.serviceFileSize, size)
    return scenario.service
  }

  private static func volumes(_ blockSize: String, stripe: String = "none") throws -> VolumeFormat {
    var scenario = Scenario(name: "service")
    try scenario.set(.blockSize, blockSize)
    try scenario.set(.logStripe, stripe)
    return scenario.volumes
  }

  /// All pinned, but for 2 pages below the watermark.
  private static func full(_ scheme: Scheme) -> Machine {
    var machine = Small.empty(scheme) { $0.minFreeKilobytes = 8 }
    while machine.pinSnapshotPage() {}
    return machine
  }

  /// Every other page of 1,800 is free: no two free pages are neighbours.
  private static func perforated(_ scheme: Scheme) -> Machine {
    var machine = full(scheme)
    for page in machine.pages(.snapshot) where page % 2 == 0 && page < 1_800 { machine.freeSnapshotPage(page) }
    return machine
  }

  @Test(arguments: [
    Scheme.conventional.name, Scheme.linux6.name, Scheme.noncontiguous.name, Scheme.emergencyReserve.name,
  ])
  func withoutALargeBlockLargeBlocksFailAndPagesDoNot(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    var machine = Self.perforated(scheme)
    let record = machine.serve(try Self.work(files: 20), on: try Self.volumes("64KiB"), seed: 1)
    #expect(record.rightFiles == 0 && record.files == 20)
    #expect(record.failures == [.init(operation: "write", errorNumber: 12, files: 20)])
    #expect(
      MountOutcome(record) { _ in "Cannot allocate memory" }
        == .degraded(failed: 20, of: 20, reason: "write: Cannot allocate memory (20)"))
    try machine.checkInvariants()

    let small = machine.serve(try Self.work(files: 20), on: try Self.volumes("4KiB"), seed: 1)
    #expect(small.rightFiles == 20 && small.failures.isEmpty)
    #expect(machine.filePages == 20)
    // 40 files have been created, failed or not.
    #expect(machine.objectPages == 20)
    try machine.checkInvariants()
  }

  /// Linux compacts before and after it reclaims, once each; there is nothing that it could move.
  @Test func oneRoundAndNoSecond() throws {
    var machine = Self.perforated(.linux6)
    let before = machine.counters.directReclaims
    _ = machine.serve(try Self.work(files: 20), on: try Self.volumes("64KiB"), seed: 1)
    #expect(machine.counters.compactions == 40 && machine.counters.compactionSuccesses == 0)
    #expect(machine.counters.directReclaims - before == 20)
  }

  @Test func aFileTakesAsManyFoliosAsItHasBlocks() throws {
    var machine = Small.empty(.conventional)
    let free = machine.freePageCount
    let record = machine.serve(try Self.work(files: 3, "65537"), on: try Self.volumes("32KiB"), seed: 1)
    #expect(record.rightFiles == 3)
    #expect(machine.filePages == 3 * 3 * 8 && machine.objectPages == 1)
    #expect(machine.pages(.file).allSatisfy { machine.buddy.pages[$0].order == 3 })
    #expect(free - machine.freePageCount == 72 + 1)
    #expect(machine.state().dataCacheBytes == 72 * 4096)
    try machine.checkInvariants()
  }

  @Test func timeStopsAService() throws {
    var machine = Small.empty(.conventional)
    var work = try Self.work(files: 100)
    // 100 us a file: the eleventh is not begun, and nothing is read back.
    work.timeoutNanoseconds = 1_000_000
    let record = machine.serve(work, on: VolumeFormat(), seed: 1)
    #expect(record.rightFiles == 0 && record.failures.isEmpty && record.unfinishedFiles == 100)
    #expect(machine.served.operations == 10 && record.slowestWriteNanoseconds == 100_000)
    #expect(machine.served.record.latency?.buckets == [.init(nanoseconds: 100_000, count: 10)])
  }

  @Test func aFolioIsReclaimedWhole() throws {
    var machine = Small.empty(.conventional)
    let free = machine.freePageCount
    for _ in 0..<5 { must(machine.cacheFolio(4)) }
    #expect(machine.filePages == 80)
    must(machine.reclaim(.general, pages: 17) == 32)
    #expect(machine.filePages == 48 && machine.freePageCount == free - 48)
    try machine.checkInvariants()
    must(machine.reclaim(.general, pages: 1_000) == 48)
    #expect(machine.filePages == 0 && machine.freePageCount == free)
    try machine.checkInvariants()
  }

  @Test func whatIsDirtyStaysUntilItIsWritten() {
    var machine = Small.empty(.linux6) { $0.writtenPageNanoseconds = 1_000 }
    for _ in 0..<10 { must(machine.cacheFolio(0)) }
    must(machine.reclaim(.general, pages: 8) == 0)
    // That woke the flusher.
    machine.pass(2_500)
    must(machine.reclaim(.general, pages: 8) == 2)
    // Whoever must have memory waits for as much as he reclaims at once.
    let began = machine.clockNanoseconds
    must(machine.directReclaim(.general) == 8)
    #expect(machine.clockNanoseconds - began >= 7_500)
    #expect(machine.counters.directReclaims == 1 && machine.filePages == 0)
  }

  @Test func lkmallocTakesAndGivesBackWhatIsNotAligned() throws {
    var machine = Small.empty(.lkmalloc)
    while machine.pinSnapshotPage() {}
    for page in 24..<40 { machine.freeSnapshotPage(page) }
    must(machine.cacheFolio(4))
    #expect(machine.pages(.file) == [24])
    try machine.checkInvariants()
    must(machine.reclaim(.general, pages: 1) == 16)
    #expect(machine.freeBlocks(0)[3] == 2 && machine.filePages == 0)
    try machine.checkInvariants()
  }

  /// Movable pages take the largest block first, and then what is left: the sixteen in it can go elsewhere, and do.
  @Test func compactionMovesSinglePages() throws {
    var machine = Self.full(.linux6)
    for page in Array(512..<528) + Array(stride(from: 1_024, to: 1_144, by: 2)) { machine.freeSnapshotPage(page) }
    let before = machine.counters.directReclaims
    for _ in 0..<20 { must(machine.cacheFolio(0)) }
    must(machine.cacheFolio(4))
    #expect(machine.buddy.pages[512].kind == .file && machine.buddy.pages[512].order == 4)
    #expect(machine.counters.compactionSuccesses == 1 && machine.counters.copiedPages == 16)
    #expect(machine.filePages == 36 && machine.counters.directReclaims == before)
    try machine.checkInvariants()
  }

  @Test func aStripedLogDoesWithoutLargeBlocks() throws {
    for scheme in [Scheme.conventional, .linux6] {
      var machine = Self.perforated(scheme)
      var scenario = Small.scenario()
      scenario.volumes = try Self.volumes("4KiB", stripe: "64KiB")
      must(machine.takeMountBuffers(scenario))
      #expect(machine.mountPages == 8 * 16)
      #expect(machine.pages(.mount).allSatisfy { machine.buddy.pages[$0].order == 0 })
      try machine.checkInvariants()

      var whole = Small.empty(scheme)
      must(whole.takeMountBuffers(scenario))
      #expect(whole.mountPages == 8 * 16)
      #expect(whole.pages(.mount).allSatisfy { whole.buddy.pages[$0].order == 4 })
      #expect(whole.counters.directReclaims == 0 && whole.counters.compactions == 0)
      try whole.checkInvariants()
    }
  }

  @Test func aMountWithoutServiceAndStripeTakesNoBuffers() {
    var machine = Small.empty(.linux6)
    must(machine.takeMountBuffers(Small.scenario()))
    #expect(machine.mountPages == 0)
  }
}
