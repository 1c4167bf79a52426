import Testing

@testable import Experiment

@Suite struct MountDemandTests {
  @Test func thePapersDemandIsTable1() {
    #expect(MountDemand.paper.bytes == 160 << 10)
    #expect(MountDemand.paper.bytes * 128 == 20 << 20)
    #expect(MountDemand.paper.blocks.map(\.order) == [4, 3, 2, 0])
    #expect(MountDemand.parse("paper") == .paper)
    #expect(MountDemand.parse("none") == MountDemand.none)
    #expect(MountDemand.none.bytes == 0)
  }

  @Test(arguments: [
    ("4kB", 0), ("16kB", 2), ("32KiB", 3), ("64k", 4), ("128KB", 5), ("1MiB", 8), ("2M", 9), ("4MB", 10),
    ("4096kB", 10),
  ])
  func sizesAreOrders(text: String, order: Int) {
    #expect(MountDemand.parse(text)?.blocks == [.init(order: order, count: 1)])
  }

  @Test func equalSizesAddUpLargestFirst() {
    let demand = MountDemand.parse("16kB*2,64kB*3,16kB,64KiB*4")
    #expect(demand?.blocks == [.init(order: 4, count: 7), .init(order: 2, count: 3)])
    let bytes: UInt64 = 7 * 65_536 + 3 * 16_384
    #expect(demand?.bytes == bytes)
    #expect(demand?.text == "16kB*2,64kB*3,16kB,64KiB*4")
  }

  @Test func theSumOfOneSizeIsBounded() {
    #expect(MountDemand.parse("64kB*60000,64kB*40000")?.blocks == [.init(order: 4, count: 100_000)])
    #expect(MountDemand.parse("64kB*60000,64kB*40001") == nil)
    #expect(MountDemand.parse("64kB*99999999999999999999") == nil)
  }
}
