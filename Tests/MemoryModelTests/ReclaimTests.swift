import Experiment
@testable import MemoryModel
import Testing

/// The LRU, kswapd, direct reclaim and the inode caches.
@Suite struct ReclaimTests {
  @Test func theLeastRecentlyUsedGoesFirst() {
    var machine = Small.empty(.conventional)
    for file in 0..<6 { must(machine.access(file: file, pages: 2)) }
    // 0 and 3 are used again; then a page that is the first of the LRU already.
    must(machine.access(file: 0, pages: 2))
    must(machine.access(file: 3, pages: 2))
    must(machine.access(file: 3, pages: 2))
    must(machine.reclaim(.general, pages: 8) == 8)
    #expect((0..<6).map { machine.pages(ofFile: $0).count } == [2, 0, 0, 2, 0, 0])
    must(machine.reclaim(.general, pages: 3) == 3)
    #expect((0..<6).map { machine.pages(ofFile: $0).count } == [0, 0, 0, 1, 0, 0])
    #expect(machine.clockNanoseconds == 11 * 5_600 && machine.counters.reclaimNanoseconds == 11 * 5_600)
  }

  /// It stops on the number of pages, in whole batches of 8: from 32 to 56, which is above 48.
  @Test func kswapdStopsAboveTheHighWatermark() {
    var machine = Small.machine(.conventional)
    for file in 0..<400 { must(machine.access(file: file, pages: 1)) }
    while machine.buddy.freePages[0] > 32 { must(machine.pinSnapshotPage()) }
    machine.wakeKswapd(.general)
    #expect(machine.buddy.freePages[0] == 56 && machine.counters.kswapdFreedPages == 24)
    machine.wakeKswapd(.general)
    #expect(machine.counters.kswapdFreedPages == 24)
    must(machine.directReclaim(.general) == 8)
    #expect(machine.counters.directFreedPages == 8 && machine.counters.directReclaims == 1)
  }

  /// The data goes first; of the inodes those of 8 pages a try, 5.65 in each. Not in a mount, and not when they are resident.
  @Test(arguments: [(false, false), (true, false), (false, true)])
  func inodesGoLast(isResident: Bool, isMount: Bool) {
    var scenario = Small.scenario()
    scenario.inodeResident = isResident
    let parameters = Small.parameters()
    var machine = Machine(
      scheme: .conventional, parameters: parameters, plan: Small.plan(.conventional, parameters), scenario: scenario)
    for file in 0..<200 { must(machine.operate(onFile: file)) }
    machine.inMount = isMount
    while machine.dataPages > 0 {
      #expect(machine.counters.freedInodes == 0)
      must(machine.directReclaim(.general) > 0)
    }
    let inodes = machine.inodePages
    #expect(inodes == 36)
    let freed = machine.directReclaim(.general)
    // 45 inodes: 0 to 44 are 7 pages and three of the eighth.
    #expect(freed == (isResident || isMount ? 0 : 7))
    #expect(machine.counters.freedInodes == (isResident || isMount ? 0 : 45))
  }

  /// Linux 6 takes of the inodes a tenth of the share that it took of the data; nothing when they are resident.
  @Test(arguments: [(false, 20), (true, 0)])
  func linux6ShrinksInodesInProportion(isResident: Bool, expected: UInt64) {
    var scenario = Small.scenario()
    scenario.inodeResident = isResident
    let parameters = Small.parameters { $0.inodePressureHundredths = 10 }
    var machine = Machine(
      scheme: .linux6, parameters: parameters, plan: Small.plan(.linux6, parameters), scenario: scenario)
    for file in 0..<400 { must(machine.operate(onFile: file)) }
    let data = machine.dataPages
    // 71 pages hold 401 inodes by the mean; half of the data goes, and a tenth of 200 of them.
    must(machine.reclaim(.general, pages: data / 2) == data / 2)
    #expect(machine.counters.freedInodes == expected)
  }

  @Test func theWorkingSetIsReadBack() {
    var machine = Small.empty(.conventional)
    for page in 0..<16 { must(machine.touchWorkingSet(page)) }
    #expect(machine.counters.refaults == 16 && machine.clockNanoseconds == 16 * 300_000)
    for page in 0..<16 { must(machine.touchWorkingSet(page)) }
    #expect(machine.counters.refaults == 16)
    must(machine.reclaim(.general, pages: 5) == 5)
    for page in 0..<16 { must(machine.touchWorkingSet(page)) }
    #expect(machine.counters.refaults == 21 && machine.dataPages == 16)
  }

  @Test func anOperationHasItsTime() {
    var machine = Small.empty(.conventional)
    for _ in 0..<3 { must(machine.operate(onFile: 7)) }
    #expect(machine.clockNanoseconds == 300_000 && machine.inodePages == 1)
    #expect(machine.pages(ofFile: 7).count == machine.pageCount(ofFile: 7))
  }

  /// Batches come from the zones by lot, in proportion to what each has.
  @Test func batchesComeFromAllZonesOfTheClass() {
    var machine = Small.machine(.divided)
    var file = 0
    while machine.lru[0].count < 300 {
      must(machine.access(file: file % 400, pages: 1 + file / 400))
      file += 1
    }
    let before = (machine.lru[0].count, machine.lru[1].count)
    for _ in 0..<60 { must(machine.directReclaim(.general) == 8) }
    let taken = (before.0 - machine.lru[0].count, before.1 - machine.lru[1].count)
    #expect(taken.0 + taken.1 == 480)
    // A fourth to a fifth of it lay in the first zone.
    #expect((48...192).contains(taken.0))
    // What the fragmenting objects need comes from their zone alone.
    let other = machine.lru[1].count
    must(machine.directReclaim(.fragmenting) == 8)
    #expect(machine.lru[1].count == other)
  }

  /// All of 400 inodes but every one in 16, by lot; a page is kept by its last one, a unit as well.
  @Test(arguments: ["conventional", "unit-extension"])
  func occupancyOfInodes(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    var machine = Small.machine(scheme) { $0.freedInodeShareSixteenths = 0 }
    for file in 0..<400 { must(machine.operate(onFile: file)) }
    let all = machine.inodeOccupancy()
    // 4,096 / 5.65 are 724 bytes.
    #expect(all.freedSixteenths == 0 && all.liveBytes == 400 * 724)
    #expect(all.heldBytes == UInt64(machine.inodePages) * 4096)
    #expect(machine.inodePages == (scheme == .unitExtension ? 5 * 16 : 71))

    var sparse = Small.machine(scheme) { $0.freedInodeShareSixteenths = 15 }
    for file in 0..<400 { must(sparse.operate(onFile: file)) }
    let few = sparse.inodeOccupancy()
    // 25 are expected.
    #expect((8 * 724...50 * 724).contains(few.liveBytes))
    #expect(few.heldBytes > 4 * few.liveBytes && few.heldBytes <= all.heldBytes)
    if scheme == .unitExtension { #expect(few.heldBytes >= 4 * 65_536) }

    var none = Small.machine(scheme) { $0.freedInodeShareSixteenths = 16 }
    for file in 0..<400 { must(none.operate(onFile: file)) }
    #expect(none.inodeOccupancy() == MemoryState.InodeOccupancy(freedSixteenths: 16, liveBytes: 0, heldBytes: 0))
    // Nothing was freed by asking.
    #expect(none.counters.freedInodes == 0)
  }
}
