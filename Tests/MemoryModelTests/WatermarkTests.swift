import Experiment
@testable import MemoryModel
import Testing

@Suite struct WatermarkTests {
  private struct Marks: Equatable {
    let min: Int
    let low: Int
    let high: Int
    init(_ marks: (min: Int, low: Int, high: Int)) { (min, low, high) = marks }
  }

  private static func linux6(_ pages: Int, of all: Int, _ change: (inout ModelParameters) -> Void = { _ in }) -> Marks {
    var parameters = ModelParameters()
    change(&parameters)
    return Marks(MachinePlan.watermarks(parameters, .linux6, zonePages: pages, allPages: all))
  }

  /// mm/page_alloc.c of Linux 2.4: size / 128, at most 255; twice and three times that.
  @Test(arguments: Scheme.all.filter { $0 != .linux6 }.map(\.name))
  func ofLinux24(name: String) throws {
    let plan = MachinePlan(ModelParameters(), try #require(Scheme.named(name)))
    for zone in plan.zones where zone.name != "DMA" {
      #expect([zone.minPages, zone.lowPages, zone.highPages] == [255, 510, 765])
    }
    let dma = try #require(plan.zones.last)
    #expect([dma.minPages, dma.lowPages, dma.highPages] == [32, 64, 96])
  }

  /// calculate_min_free_kbytes says so in its comment; memory in MB, min_free_kbytes.
  @Test(arguments: [
    (16, 512), (32, 724), (64, 1_024), (128, 1_448), (256, 2_048), (512, 2_896), (1_024, 4_096), (2_048, 5_792),
    (4_096, 8_192),
    (8_192, 11_585), (16_384, 16_384),
  ])
  func ofLinux6ByTheKernelsTable(megabytes: Int, kilobytes: Int) {
    let pages = megabytes * 256
    let minimum = kilobytes / 4
    let distance = max(minimum / 4, pages / 1_000)
    #expect(Self.linux6(pages, of: pages) == Marks((minimum, minimum + distance, minimum + 2 * distance)))
  }

  @Test func ofLinux6ByHand() {
    // 16 GiB: 16,384 kB are 4,096 pages; a fourth of that is 1,024, a thousandth of the zone 4,194.
    #expect(Self.linux6(4_194_304, of: 4_194_304) == Marks((4_096, 8_290, 12_484)))
    // A zone of a fourth has a fourth.
    #expect(Self.linux6(1_048_576, of: 4_194_304) == Marks((1_024, 2_072, 3_120)))
    // A tenth of the zone.
    #expect(
      Self.linux6(4_194_304, of: 4_194_304) { $0.watermarkScaleFactor = 1_000 } == Marks((4_096, 423_526, 842_956)))
    #expect(Self.linux6(4_194_304, of: 4_194_304) { $0.minFreeKilobytes = 65_536 } == Marks((16_384, 20_578, 24_772)))
  }

  @Test func ofLinux6AtTheEnds() {
    // 512 kB of memory would have 90 kB; at least 128, at most 256 MB.
    #expect(Self.linux6(128, of: 128).min == 32)
    #expect(Self.linux6(1 << 32, of: 1 << 32).min == 65_536)
  }

  @Test func thePapersMachineUnderLinux6() throws {
    let zone = MachinePlan(ModelParameters(), .linux6).zones[0]
    // 3.25 GiB: the root of 3,407,872 x 16 is 7,384; a thousandth of 851,968 pages is 851.
    #expect([zone.minPages, zone.lowPages, zone.highPages] == [1_846, 2_697, 3_548])
  }

  @Test func integerSquareRoots() {
    #expect(
      [0, 1, 2, 3, 4, 8, 9, 15, 16, 17].map { MachinePlan.integerSquareRoot($0) } == [0, 1, 1, 1, 2, 2, 3, 3, 4, 4])
    for root in [255, 256, 65_535, 65_536, 1_000_003, 2_147_483_647] {
      #expect(MachinePlan.integerSquareRoot(root * root) == root)
      #expect(MachinePlan.integerSquareRoot(root * root - 1) == root - 1)
      #expect(MachinePlan.integerSquareRoot(root * root + 2 * root) == root)
    }
  }

  @Test func zonesOfThePaper() {
    let conventional = MachinePlan(ModelParameters(), .conventional)
    #expect(conventional.zones.map(\.name) == ["Normal", "DMA"])
    #expect(conventional.zones.map(\.managedPages) == [851_968, 4_096])
    #expect(conventional.zones.map(\.freePages) == [791_475, 1_613])
    let divided = MachinePlan(ModelParameters(), .divided)
    #expect(divided.zones.map(\.name) == ["Fragmenting", "Other", "DMA"])
    #expect(divided.zones.map(\.managedPages) == [524_288, 327_680, 4_096])
    #expect(divided.zones.map { $0.freePages }.reduce(0, +) == 793_088)
    #expect(divided.lists.fragmenting == [0, 2] && divided.lists.general == [1, 0, 2])
    // 1,280 MB over 32 are 40 MB.
    #expect(divided.zones[0].fallbackReservePages == 10_240)
  }

  /// The limits that requests go by: the reserve lies on a zone's watermarks only for those whose first choice it is not.
  @Test func limitsOfDivided() {
    let machine = Small.machine(.divided)
    func limits(_ kind: Machine.MemoryClass, _ zone: Int) -> [Int] {
      let place = kind.rawValue * Machine.zoneLimit + zone
      return [machine.minLimit[place], machine.lowLimit[place], machine.highLimit[place]]
    }
    #expect(limits(.fragmenting, 0) == [16, 32, 48])
    #expect(limits(.general, 1) == [16, 32, 48])
    #expect(limits(.general, 0) == [16 + 32, 32 + 32, 48 + 32])
  }

  /// By 128 pages a DMA zone cannot have what its reserve asks for.
  @Test(arguments: Scheme.all.map(\.name))
  func nobodyGetsTheDMAZone(name: String) throws {
    var machine = Small.machine(try #require(Scheme.named(name)))
    let zone = machine.buddy.zoneCount - 1
    while machine.pinSnapshotPage() {}
    while machine.allocateForMount(0) == .allocated {}
    #expect(machine.buddy.freePages[zone] == 32)
  }

  @Test func sysctlsOfTheScenario() throws {
    func first(_ scheme: Scheme, _ scenario: Scenario) throws -> ZoneWatermarks {
      let bed = try SimulatedTestbed(scenario: scenario, scheme: scheme)
      return bed.startState.watermarks[0]
    }
    var scenario = Scenario(name: "sysctl")
    try scenario.set(.sysctl, "vm.min_free_kbytes=65536")
    try scenario.set(.sysctl, "vm.watermark_scale_factor=100")
    try scenario.set(.sysctl, "vm.swappiness=3")
    let marks = try first(.linux6, scenario)
    #expect(marks.minPages == 16_384 && marks.lowPages == 24_903 && marks.highPages == 33_422)
    #expect(try first(.conventional, scenario).minPages == 255)
  }

  /// Settings before the mounts come into force before the mounts: 4,096 kB are 1,024 pages for 131,072 + 4,096.
  @Test func sysctlsAtTheFailover() throws {
    var scenario = Scenario(name: "sysctl")
    scenario.files = 10
    try scenario.set(.set, "memory.zone=512MiB")
    try scenario.set(.set, "memory.free-at-boot=400MiB")
    try scenario.set(.set, "divided.fragmenting-zone=256MiB")
    try scenario.set(.set, "divided.fragmenting-used=64MiB")
    try scenario.set(.sysctl, "vm.min_free_kbytes=4096@failover")
    let context = Recording()
    var bed = try SimulatedTestbed(scenario: scenario, scheme: .linux6)
    // The root of 524,288 x 16 is 2,896.
    #expect(bed.machine.minLimit[0] == 724)
    try bed.prepareFailover(context)
    #expect(bed.machine.minLimit[0] == 1_024 * 131_072 / (131_072 + 4_096))
    #expect(bed.machine.lowLimit[0] - bed.machine.minLimit[0] == 248)
    // They are on record, for what they keep free is the price of the setting.
    let marks = try #require(context.failoverWatermarks)
    #expect(
      marks[0].minPages == UInt64(bed.machine.minLimit[0]) && marks[0].name == bed.startState.watermarks[0].name)

    var old = try SimulatedTestbed(scenario: scenario, scheme: .conventional)
    try old.beginFailover(context)
    #expect(old.machine.minLimit[0] == 255)
  }
}
