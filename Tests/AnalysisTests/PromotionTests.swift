import Analysis
import Experiment
import Testing

@Suite struct PromotionTests {
  private static func counters(kswapd: UInt64, direct: UInt64) -> [String: UInt64] {
    ["pgsteal_kswapd": kswapd, "pgsteal_direct": direct, "pgsteal_file": kswapd + direct, "pgsteal_anon": 0]
  }
  private static let before = Sample.state([100, 0, 0, 0, 4], counters: counters(kswapd: 1000, direct: 50))

  @Test func byHand() throws {
    // 256 pages = 1 MiB reclaimed; 4 blocks of 64 kB became 5, and the demand took 2 of them and one of 128 kB.
    let after = Sample.state([300, 0, 0, 0, 5], counters: Self.counters(kswapd: 1200, direct: 106))
    let mount = Sample.mount(7, demand: Sample.demand([(5, 1), (4, 2), (3, 9), (0, 8)], held: 20))
    let promotion = try #require(Promotion(of: mount, before: Self.before, after: after))
    #expect(promotion.mount == 7)
    #expect(promotion.reclaimedBytes == 1 << 20)
    #expect(promotion.promotedBytes == (1 + 2 + 2) * 65_536)
    #expect(promotion.ratio == 0.3125)
  }

  @Test func aDemandNotMetTookItsLargestBlocks() throws {
    let after = Sample.state([100, 0, 0, 0, 4], counters: Self.counters(kswapd: 1256, direct: 50))
    // Of 1 x 128 and 3 x 64 kB only two blocks were got: the one of 128 and one of 64 kB.
    let mount = Sample.mount(
      1, .demandNotMet(order: 4, errorNumber: 12), demand: Sample.demand([(5, 1), (4, 3)], held: 2, isMet: false))
    #expect(Promotion(of: mount, before: Self.before, after: after)?.promotedBytes == UInt64(3 * 65_536))
  }

  @Test func consumptionIsNotNegativePromotion() throws {
    let after = Sample.state([100, 0, 0, 0, 1], counters: Self.counters(kswapd: 1256, direct: 50))
    let promotion = try #require(Promotion(of: Sample.mount(1), before: Self.before, after: after))
    #expect(promotion.promotedBytes == 0 && promotion.ratio == 0)
  }

  @Test func nothingReclaimedHasNoRatio() throws {
    let after = Sample.state([0, 0, 0, 0, 9], counters: Self.before.counters)
    let promotion = try #require(Promotion(of: Sample.mount(1), before: Self.before, after: after))
    #expect(promotion.reclaimedBytes == 0 && promotion.ratio == nil)
  }

  @Test(arguments: [
    [:], ["pgsteal_kswapd": 9000], ["pgsteal_direct": 9000], ["pgsteal_kswapd": 1, "pgsteal_direct": 1],
  ])
  func withoutCountersThereIsNone(counters: [String: UInt64]) {
    #expect(Promotion(of: Sample.mount(1), before: Self.before, after: Sample.state([1], counters: counters)) == nil)
  }

  @Test func othersWhoReclaimCountToo() {
    var counters = Self.counters(kswapd: 1000, direct: 50)
    counters["pgsteal_khugepaged"] = 6
    counters["pgsteal_proactive"] = 10
    #expect(
      Promotion(of: Sample.mount(1), before: Self.before, after: Sample.state([0], counters: counters))?.reclaimedBytes
        == UInt64(16 * 4096))
  }

  @Test func perMountNeedsTheObservationsAroundIt() {
    let after = Sample.state([0], counters: Self.counters(kswapd: 1256, direct: 50))
    let promotions = Promotion.perMount(
      [Sample.mount(1), Sample.mount(2), Sample.mount(3)],
      [(0, Self.before), (1, after), (3, after)].map { Observation(afterMount: $0.0, state: $0.1) })
    #expect(promotions.map { $0?.mount } == [1, nil, nil])
  }
}
