import Testing

@testable import Analysis
@testable import Experiment

@Suite struct ModelComparisonTests {
  @Test func theFewestOrdersThatHoldNineTenths() {
    // Pages: 10, 20, 40, 8, 16: 94; 40 + 20 + 16 are 76, with the 10 of order 0 they are 86 and above 84.6.
    #expect(ModelComparison.mainOrders([10, 10, 10, 1, 1]) == [2, 1, 4, 0])
    // Nine tenths exactly are enough.
    #expect(ModelComparison.mainOrders([1, 0, 0, 0, 0, 0]) == [0])
    #expect(ModelComparison.mainOrders([1, 2, 1]) == [1, 2, 0])
    #expect(ModelComparison.mainOrders([2, 9]) == [1])
    #expect(ModelComparison.mainOrders([]) == [])
    #expect(ModelComparison.mainOrders([0, 0]) == [])
  }

  @Test func deviationsAreOfWhatWasMeasured() {
    #expect(ModelComparison.Pair(measured: 80, model: 100).deviation == 0.25)
    #expect(ModelComparison.Pair(measured: 80, model: 60).deviation == -0.25)
    #expect(ModelComparison.Pair(measured: 0, model: 1).deviation == nil)
    #expect(ModelComparison.Pair(measured: nil, model: 1).deviation == nil)
    #expect(ModelComparison.Pair(measured: 1, model: nil).deviation == nil)
  }

  private func retried(_ retries: UInt64, isMet: Bool) -> DemandRecord {
    DemandRecord(
      demanded: [.init(order: 4, count: 1)], isMet: isMet, heldBlocks: 0, durationNanoseconds: 0, retries: retries)
  }

  @Test func refusedIsEarlierThanUnmet() throws {
    let record = Sample.record(
      fileSystems: 4,
      [
        Sample.mount(1, demand: retried(0, isMet: true)), Sample.mount(2, demand: retried(3, isMet: true)),
        Sample.mount(3, .demandNotMet(order: 4, errorNumber: 12), demand: retried(9, isMet: false)),
      ])
    var run = ModelRun(scheme: "linux-6", seed: 1)
    // Asked once, and refused for good.
    run.mounts = [Sample.mount(1, .demandNotMet(order: 4, errorNumber: nil), demand: retried(0, isMet: false))]
    var before = Sample.state([0, 5, 0, 0, 2], free: 400)
    before.dataCacheBytes = 1000
    run.observations = [Observation(afterMount: 0, state: Sample.state([1, 6, 0, 0, 4], free: 300))]
    let comparison = ModelComparison(
      of: record,
      observations: [Observation(afterMount: 0, state: before), Observation(afterMount: 3, state: Sample.state([9]))],
      with: run)
    #expect(comparison.mountsCompleted == .init(measured: 2, model: 0))
    #expect(comparison.firstRefusedDemand == .init(measured: 2, model: 1))
    #expect(comparison.firstUnmetDemand == .init(measured: 3, model: 1))
    #expect(comparison.freeBytesBefore == .init(measured: 42 * 4096, model: 77 * 4096))
    #expect(comparison.largeFreeBytesBefore == .init(measured: 2 << 16, model: 4 << 16))
    // The model tells no data cache here: it is not 0.
    #expect(comparison.dataCacheBytesBefore == .init(measured: 1000, model: nil))
    #expect(comparison.freeBlocksBefore.map(\.order) == [4, 1])
    #expect(comparison.freeBlocksBefore[1].blocks == .init(measured: 5, model: 6))
    #expect(comparison.largeFreeBytesAfter.measured == 0)
  }

  @Test func servicesAndTheirStalls() throws {
    func served(_ number: Int, failed: UInt64) -> MountRecord {
      let service = ServiceRecord(
        files: 4, rightFiles: 4 - failed,
        failures: failed == 0 ? [] : [.init(operation: "write", errorNumber: 12, files: failed)],
        durationNanoseconds: 1, slowestWriteNanoseconds: 1)
      return MountRecord(
        number: number, outcome: MountOutcome(service) { "errno \($0)" }, startedAtNanoseconds: 0,
        mountDurationNanoseconds: 1, threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil, demand: nil,
        service: service)
    }
    func ends(_ before: [String: UInt64], _ after: [String: UInt64]) -> [Observation] {
      [
        Observation(afterMount: 0, state: Sample.state([], counters: before)),
        Observation(afterMount: 3, state: Sample.state([], counters: after)),
      ]
    }
    let record = Sample.record(
      fileSystems: 3, [served(1, failed: 0), served(2, failed: 1), served(3, failed: 3)])
    var run = ModelRun(scheme: "linux-6", seed: 1)
    run.mounts = [served(1, failed: 0), served(2, failed: 0), served(3, failed: 2)]
    run.observations = ends(["compact_stall": 0, "allocstall": 0], ["compact_stall": 8, "allocstall": 4])
    let comparison = ModelComparison(
      of: record,
      observations: ends(
        ["compact_stall": 5, "allocstall_normal": 1, "allocstall_movable": 2],
        ["compact_stall": 15, "allocstall_normal": 2, "allocstall_movable": 6]), with: run)
    // All were mounted.
    #expect(comparison.mountsCompleted == .init(measured: 3, model: 3))
    let services = try #require(comparison.services)
    #expect(services.completed == .init(measured: 1, model: 2))
    #expect(services.filesFailed == .init(measured: 4, model: 2))
    #expect(services.firstFailingMount == .init(measured: 2, model: 3))
    #expect(services.compactionStalls == .init(measured: 10, model: 8))
    #expect(services.allocationStalls == .init(measured: 5, model: 4))

    let summary = ModelSummary(scenario: "s", runs: [run])
    let row = try #require(summary.services?.first)
    #expect(row.scheme == "linux-6" && row.servicesCompleted?.mean == 2 && row.filesFailed?.mean == 2)
    #expect(row.firstFailingMount?.mean == 3 && row.compactionStalls?.mean == 8 && row.allocationStalls?.mean == 4)
  }

  @Test func noMountNoFigure() {
    let comparison = ModelComparison(
      of: Sample.record(fileSystems: 1, []), observations: [], with: ModelRun(scheme: "s", seed: 1))
    #expect(comparison.firstUnmetDemand == .init(measured: nil, model: nil))
    #expect(comparison.services == nil)
    #expect(ModelSummary(scenario: "s", runs: [ModelRun(scheme: "s", seed: 1)]).services == nil)
    #expect(comparison.freeBytesBefore == .init(measured: nil, model: nil))
    #expect(comparison.freeBlocksBefore.isEmpty)
  }
}
