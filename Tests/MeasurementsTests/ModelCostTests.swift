import Testing

@testable import Measurements

@Suite struct ModelCostTests {
  private static func cost(seed: UInt64, populate: UInt64, rewrite: UInt64, operations: UInt64 = 5_000_000) -> ModelCost
  {
    ModelCost(
      seed: seed,
      phases: [
        .init(name: "setup", nanoseconds: 4_000_000, operations: 0),
        .init(name: "populate", nanoseconds: populate, operations: operations),
        .init(name: "rewrite", nanoseconds: rewrite, operations: 4_156_903),
      ],
      tableBytes: 18_000_000, pages: 851_968)
  }

  @Test func thePhasesHaveTheMediansOfTheRounds() {
    let rounds = [
      Self.cost(seed: 1, populate: 100_000_000, rewrite: 300_000_000),
      Self.cost(seed: 2, populate: 900_000_000, rewrite: 250_000_000),
      Self.cost(seed: 3, populate: 110_000_000, rewrite: 260_000_000, operations: 4_000_000),
    ]
    #expect(
      ModelCostTable.phases(rounds) == """
        environment 2, conventional, 4 GiB, median of 3 rounds (seeds 1 to 3)

        phase           time    buddy operations    operations/s
        setup        0.004 s                   0               -
        populate     0.110 s           5,000,000          45.5 M
        rewrite      0.260 s           4,156,903          16.0 M
        all          0.404 s           9,156,903          22.7 M

        wanted: 0.8 s or less, 10 M operations/s or more, 24 bytes a page or less
        tables: 17.2 MiB, 21.1 bytes a page (pages, files, inodes)

        """)
  }

  @Test func theMedianOfTwoLiesBetweenThem() {
    let rounds = [
      Self.cost(seed: 1, populate: 100_000_000, rewrite: 1), Self.cost(seed: 2, populate: 200_000_000, rewrite: 1),
    ]
    #expect(ModelCostTable.phases(rounds).contains("populate     0.150 s           5,000,000          33.3 M\n"))
  }

  @Test func theSizesHaveACurveBesideThem() {
    let sizes = [
      ModelCostTable.Size(gibibytes: 4, of: [Self.cost(seed: 1, populate: 366_276_120, rewrite: 0)]),
      ModelCostTable.Size(gibibytes: 64, of: [Self.cost(seed: 1, populate: 728_552_240, rewrite: 4_000_000)]),
    ]
    #expect(
      ModelCostTable.sizes(sizes) == """
        cost per operation by size of the simulated machine

          memory      tables      time      operations  ns/operation
           4 GiB      17 MiB    0.37 s       9,156,903          40.4  ####################
          64 GiB      17 MiB    0.74 s       9,156,903          80.4  ########################################

        """)
    #expect(
      ModelCostTable.csv(sizes).hasPrefix(
        "memory_gib,table_bytes,time_ns,operations,ns_per_operation\n4,18000000,370276120,9156903,40.4368"))
  }
}
