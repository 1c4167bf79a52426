import Experiment
@testable import MemoryModel
import Testing

/// Random sequences of all that can happen to a machine, looked at after every step.
@Suite struct MachineSequenceTests {

  private static func step(_ machine: inout Machine, _ random: inout RandomGenerator) -> String {
    let file = Int(random.below(UInt64(machine.fileCount)))
    switch random.below(100) {
    case 0..<4:
      for _ in 0..<6 { _ = machine.cacheFolio(file % 5) }
      machine.letKswapdWork()
      return "6 folios of a service's file"
    case 4..<6:
      var scenario = Small.scenario()
      scenario.volumes.logStripeBytes = 16_384
      return "a log's buffers: \(machine.takeMountBuffers(scenario))"
    case 6..<8:
      machine.pass(1_000_000)
      return "a millisecond"
    case 8..<40:
      for offset in 0..<20 { _ = machine.operate(onFile: (file + offset * 7) % machine.fileCount) }
      return "20 file operations"
    case 40..<50:
      for page in 0..<machine.workingSetCount { _ = machine.touchWorkingSet(page) }
      return "working set"
    case 50..<62:
      let present = (0..<machine.fileCount).filter { machine.isPresent($0) }
      for _ in 0..<8 where !present.isEmpty {
        let inode = present[Int(random.below(UInt64(present.count)))]
        if machine.isPresent(inode) { machine.dropInode(inode) }
      }
      return "inodes dropped"
    case 62..<72:
      for _ in 0..<6 { _ = machine.pinSnapshotPage() }
      return "snapshot pages"
    case 72..<76:
      machine.wakeKswapd(random.below(2) == 0 ? .general : .fragmenting)
      return "kswapd"
    case 76..<80: return "direct reclaim of \(machine.directReclaim(.general))"
    case 80..<84:
      let pages = machine.reclaim(.fragmenting, pages: 40)
      return "reclaim of \(pages)"
    case 84..<96:
      let order = Int(random.below(6))
      machine.inMount = true
      defer { machine.inMount = false }
      return "mount block of order \(order): \(machine.allocateForMount(order))"
    default:
      guard
        let group = machine.emptiestGroup(
          4, window: 64, enough: 16, canMove: { $0 == .data || $0 == .inode || $0 == .snapshot }),
        machine.scheme.fallback == .collect || machine.scheme.fallback == .compact
      else { return "no group" }
      guard machine.vacate(group, 4, PageRecord.tag(.mount, order: 4)) else { return "group \(group) stays" }
      machine.mountPages += 16
      return "group \(group) vacated"
    }
  }

  @Test(arguments: Scheme.all.map(\.name), [1, 2] as [UInt64])
  func everyStepLeavesASoundMachine(name: String, seed: UInt64) throws {
    let scheme = try #require(Scheme.named(name))
    var machine = Small.machine(scheme, seed: seed)
    var random = RandomGenerator(seed: seed)
    try machine.checkInvariants()
    for number in 0..<250 {
      let what = Self.step(&machine, &random)
      do { try machine.checkInvariants() } catch {
        Issue.record("step \(number), \(what): \(error)")
        return
      }
    }
    // The sequence came to where it hurts.
    #expect(machine.counters.directReclaims > 0 && machine.mountPages > 0 && machine.counters.freedInodes > 0)
  }

  /// The same with zones that end in the middle of a block, and with as much as a real machine has: three zones, some cached
  /// pages, some that processors keep.
  @Test(arguments: Scheme.all.map(\.name))
  func oddZones(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    let parameters = Small.parameters()
    var plan = Small.plan(scheme, parameters)
    for zone in plan.zones.indices { plan.zones[zone].managedPages += 37 * (zone + 1) }
    plan.zones[0].freePages += 13
    var machine = Machine(scheme: scheme, parameters: parameters, plan: plan, scenario: Small.scenario(seed: 3))
    var random = RandomGenerator(seed: 3)
    try machine.checkInvariants()
    for number in 0..<200 {
      let what = Self.step(&machine, &random)
      do { try machine.checkInvariants() } catch {
        Issue.record("step \(number), \(what): \(error)")
        return
      }
    }
  }

  /// The sums that hold whatever happens: no page appears, none is lost.
  @Test(arguments: Scheme.all.map(\.name))
  func pagesAreNeitherMadeNorLost(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    var machine = Small.machine(scheme, seed: 5)
    var random = RandomGenerator(seed: 5)
    func sum(_ machine: borrowing Machine) -> Int {
      machine.freePageCount + machine.dataPages + machine.inodePages + machine.snapshotPages + machine.mountPages
        + machine.transientPages + machine.filePages + machine.objectPages + machine.reserveBlocks.count * 16
    }
    let before = sum(machine)
    var reserved = machine.counters.reserveBlocksUsed
    for _ in 0..<250 {
      _ = Self.step(&machine, &random)
      try #require(sum(machine) == before)
      #expect(machine.counters.reserveBlocksUsed >= reserved)
      reserved = machine.counters.reserveBlocksUsed
    }
  }
}
