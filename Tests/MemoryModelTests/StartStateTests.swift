import Experiment
@testable import MemoryModel
import Testing

/// A simulated machine that starts as a real one stood.
@Suite struct StartStateTests {
  private static let dma: [UInt64] = [1, 0, 1, 0, 2, 1, 1, 0, 1, 1, 3]
  private static let dma32: [UInt64] = [5, 4, 3, 2, 1, 0, 7, 0, 0, 2, 6]
  private static let normal: [UInt64] = [40, 31, 22, 13, 4, 5, 6, 7, 8, 9, 5]

  private static func start(cached: UInt64? = nil, perCPU: UInt64? = nil) -> StartState {
    let zones = [
      MemoryState.Zone(node: 0, name: "DMA", freeBlocks: dma),
      MemoryState.Zone(node: 0, name: "DMA32", freeBlocks: dma32),
      MemoryState.Zone(node: 0, name: "Normal", freeBlocks: normal),
      MemoryState.Zone(node: 0, name: "Movable", freeBlocks: [9]),
    ]
    func marks(_ name: String, _ managed: UInt64, _ low: UInt64, _ protection: [UInt64]) -> ZoneWatermarks {
      ZoneWatermarks(
        node: 0, name: name, managedPages: managed, minPages: low - 10, lowPages: low, highPages: low + 10,
        protectionPages: protection)
    }
    return StartState(
      state: MemoryState(
        takenAtNanoseconds: 0, pageBytes: 4096, zones: zones, freeBytes: 0, perCPUFreeBytes: perCPU.map { $0 * 4096 },
        dataCacheBytes: cached.map { $0 * 4096 }),
      watermarks: [
        marks("DMA", 4_000, 20, [0, 300, 900, 900]), marks("DMA32", 500_000, 30, [0, 0, 600, 600]),
        marks("Normal", 5_000_000, 40, [0, 0, 0, 0]), marks("Movable", 0, 50, []),
      ],
      totalBytes: 24 << 30, ballastBytes: 19 << 30)
  }

  private static func pages(_ blocks: [UInt64]) -> Int {
    blocks.enumerated().reduce(0) { $0 + Int($1.element) << $1.offset }
  }

  private static func machine(_ plan: MachinePlan, _ scheme: Scheme, files: UInt64 = 0) -> Machine {
    Machine(
      scheme: scheme, parameters: ModelParameters(), plan: plan,
      scenario: Small.scenario(
        files: files, pattern: files == 0 ? InjectionPattern(pinnedPages: 1, transientPages: 1) : nil))
  }

  @Test func thePlan() {
    let plan = MachinePlan(Self.start(cached: 1_000, perCPU: 500), scheme: .linux6)
    #expect(plan.zones.map(\.name) == ["DMA", "DMA32", "Normal"])
    #expect(plan.zones.map(\.managedPages) == [4_000, 500_000, 5_000_000])
    #expect(plan.zones.map(\.minPages) == [10, 20, 30])
    #expect(plan.zones.map(\.lowPages) == [20, 30, 40])
    #expect(plan.zones.map(\.highPages) == [30, 40, 50])
    #expect(plan.zones.map(\.fallbackReservePages) == [900, 600, 0])
    #expect(plan.zones.map(\.freePages) == [Self.pages(Self.dma), Self.pages(Self.dma32), Self.pages(Self.normal)])
    #expect(plan.inUseCacheBytes == 1_000 * 4096)
    #expect(plan.zones.map(\.keptPages) == [0, 0, 500] && plan.zones.map(\.returnedPages) == [0, 0, 0])
    let later = MachinePlan(Self.start(perCPU: 500), scheme: .linux6, keptBytes: 120 * 4096)
    #expect(later.zones.map(\.keptPages) == [0, 0, 120] && later.zones.map(\.returnedPages) == [0, 0, 380])
    let more = MachinePlan(Self.start(perCPU: 500), scheme: .linux6, keptBytes: 900 * 4096)
    #expect(more.zones.map(\.keptPages) == [0, 0, 500] && more.zones.map(\.returnedPages) == [0, 0, 0])
    #expect(plan.lists.fragmenting == [2, 1, 0] && plan.lists.general == [2, 1, 0])
    #expect(plan.ballastBytes == 19 << 30 && !plan.isEmpty)
  }

  @Test func theFreeListsAreReproduced() throws {
    let machine = Self.machine(MachinePlan(Self.start(cached: 1_000, perCPU: 500), scheme: .linux6), .linux6)
    #expect(machine.state().zones.map(\.freeBlocks) == [Self.dma, Self.dma32, Self.normal])
    #expect(machine.dataPages == 0 && machine.state().dataCacheBytes == 1_000 * 4096)
    try machine.checkInvariants()
    // The reserve keeps requests that Normal could meet from the zones below it.
    let general = Machine.MemoryClass.general.rawValue * Machine.zoneLimit
    #expect((0..<3).map { machine.minLimit[general + $0] } == [910, 620, 30])
    #expect((0..<3).map { machine.lowLimit[general + $0] } == [920, 630, 40])
    #expect((0..<3).map { machine.highLimit[general + $0] } == [930, 640, 50])
  }

  @Test func byMobility() throws {
    let unmovable: [UInt64] = [10, 1, 2, 3, 0, 0, 1, 0, 0, 0, 1]
    let reclaimable: [UInt64] = [0, 5, 0, 0, 1, 0, 0, 2, 0, 0, 0]
    let movable: [UInt64] = [7, 0, 9, 0, 0, 3, 0, 0, 1, 1, 4]
    let typed = FreeByMobility(
      node: 0, zone: "Normal", unmovable: unmovable, movable: movable, reclaimable: reclaimable)
    let machine = Self.machine(MachinePlan(Self.start(), scheme: .linux6, byMobility: [typed]), .linux6)
    for (type, blocks) in [unmovable, movable, reclaimable].enumerated() {
      #expect((0...10).map { UInt64(machine.buddy.freeBlocks(zone: 2, type: type, order: $0)) } == blocks)
    }
    // The others have no types: all movable.
    #expect((0...10).map { UInt64(machine.buddy.freeBlocks(zone: 1, type: 1, order: $0)) } == Self.dma32)
    try machine.checkInvariants()
    for page in 0..<machine.buddy.pageCount where machine.buddy.pages[page].kind == .free {
      #expect(machine.pageBlockType[page / Machine.pageBlockPages] == UInt8(machine.buddy.pages[page].owner))
    }
  }

  /// A scheme of 2005 has blocks of order 9 at most: each larger one is two.
  @Test(arguments: Scheme.all.filter { $0 != .linux6 }.map(\.name))
  func largerBlocksAreCut(name: String) throws {
    let scheme = try #require(Scheme.named(name))
    let machine = Self.machine(MachinePlan(Self.start(cached: 100), scheme: scheme), scheme)
    for (zone, blocks) in [Self.dma, Self.dma32, Self.normal].enumerated() {
      var expected = Array(blocks[0...9])
      expected[9] += 2 * blocks[10]
      // The reserve comes out of the first zone that has a block.
      if scheme == .emergencyReserve && zone == 2 { continue }
      #expect(machine.state().zones[zone].freeBlocks == expected)
    }
    try machine.checkInvariants()
  }

  @Test func whatProcessorsKeptComesBackOnce() throws {
    let plan = MachinePlan(Self.start(perCPU: 500), scheme: .linux6, keptBytes: 120 * 4096)
    var machine = Self.machine(plan, .linux6)
    let free = machine.freePageCount
    // 380 pages when the failover begins, the rest when a request finds no block.
    machine.returnPages()
    #expect(machine.freePageCount == free + 380)
    try machine.checkInvariants()
    machine.drainKeptPages()
    #expect(machine.freePageCount == free + 500)
    try machine.checkInvariants()
    machine.drainKeptPages()
    #expect(machine.freePageCount == free + 500)
    // A workload of minutes has used it up before the failover.
    let working = Self.machine(plan, .linux6, files: 10)
    #expect(working.freePageCount == free + 500)
    try working.checkInvariants()
  }

  @Test func whatIsCachedAfterTheCachesWereDroppedStays() throws {
    var machine = Self.machine(MachinePlan(Self.start(cached: 1_000), scheme: .conventional), .conventional)
    let freed = machine.reclaim(.general, pages: 300)
    #expect(freed == 0 && machine.dataPages == 0 && machine.state().dataCacheBytes == 1_000 * 4096)
    try machine.checkInvariants()
  }

  @Test func nothingIsEmpty() {
    let start = StartState(
      state: MemoryState(takenAtNanoseconds: 0, pageBytes: 4096, zones: [], freeBytes: 0), watermarks: [],
      totalBytes: 0, ballastBytes: 0)
    #expect(MachinePlan(start, scheme: .linux6).isEmpty)
  }

  @Test func tooManyZonesAreRefused() {
    let zones = (0..<5).map { MemoryState.Zone(node: $0, name: "Normal", freeBlocks: [8]) }
    let marks = (0..<5).map {
      ZoneWatermarks(
        node: $0, name: "Normal", managedPages: 64, minPages: 1, lowPages: 2, highPages: 3, protectionPages: [])
    }
    let start = StartState(
      state: MemoryState(takenAtNanoseconds: 0, pageBytes: 4096, zones: zones, freeBytes: 0), watermarks: marks,
      totalBytes: 0,
      ballastBytes: 0)
    #expect(
      throws: ScenarioError(key: "zones", value: "5", expected: "up to 4 in the model", option: "the number of zones")
    ) {
      _ = try SimulatedTestbed(scenario: Small.scenario(), scheme: .linux6, plan: MachinePlan(start, scheme: .linux6))
    }
  }
}
