import Analysis
import Experiment
import Testing

@Suite struct ModelFiguresTests {
  private static let stopped = MountOutcome.demandNotMet(order: 4, errorNumber: nil)

  @Test func seriesOfARun() {
    let run = ModelSample.run(
      "conventional",
      [
        .init(
          seconds: 0.04, counters: [ModelCounter.promotedPages: 16, ModelCounter.smallFreedPages: 64], cacheMiB: 90),
        .init(
          seconds: 0.5, counters: [ModelCounter.reclaimNanoseconds: 250_000_000, "workingset_refault_file": 7],
          cacheMiB: 80),
        .init(seconds: 60, outcome: Self.stopped, cacheMiB: 70),
      ])
    let series = ModelSeries(of: run)
    #expect(series.points.map(\.mount) == [1, 2, 3])
    #expect(series.points.map(\.cumulativeSeconds) == [0.04, 0.54, 60.54])
    #expect(series.points.map(\.promotion) == [0.25, nil, nil])
    #expect(series.points.map(\.refaults) == [0, 7, 0])
    #expect(series.points[1].reclaimShare == 0.5)
    #expect(series.points.map(\.freeLargeMiB) == [8, 8, 8])
    #expect((0...4).map { series.dataCacheMiB(atMount: $0) } == [100, 90, 80, 70, nil])
    #expect(series.completed.count == 2)
    #expect(series.cumulativeSeconds(ofFirst: 2) == 0.54)
    #expect(series.cumulativeSeconds(ofFirst: 3) == nil)
    #expect(series.cumulativeSeconds(ofFirst: 0) == nil)
  }

  @Test func figuresOfAStoppedRun() {
    let run = ModelSample.run(
      "conventional", before: ModelSample.state(idleMiB: 2),
      [
        .init(
          counters: ["pgmigrate_success": 3, ModelCounter.mappedPages: 5, ModelCounter.reserveBlocksUsed: 1],
          cacheMiB: 90),
        .init(counters: ["pgmigrate_success": 4], cacheMiB: 80),
        .init(
          seconds: 60, outcome: Self.stopped, counters: [ModelCounter.reclaimNanoseconds: 54_000_000_000], cacheMiB: 70),
      ])
    let figures = ModelFigures(of: run)
    #expect(figures.environment == .workload)
    #expect(figures.mountsCompleted == 2)
    #expect(!figures.isComplete)
    #expect(figures.stoppedMount == 3)
    #expect(figures.cumulativeSeconds == 0.08)
    #expect(figures.commonCumulativeSeconds == nil)
    #expect(figures.dataCacheBeforeMiB == 100)
    #expect(figures.dataCacheAfterLastMiB == 80)
    #expect(figures.bootFreeMiB == 64)
    #expect(figures.bootLargeMiB == 64)
    #expect(figures.freeMiB == 8.5)
    #expect(figures.largeMiB == 8)
    #expect(figures.smallMiB == 0.5)
    #expect(figures.reclaimShareStopped == 0.9)
    #expect(figures.pagesCopied == 7)
    #expect(figures.pagesMapped == 5)
    #expect(figures.pagesPinned == 102_400)
    #expect(figures.reserveBlocksUsed == 1)
    #expect(figures.idleMiB == 2)
    #expect(figures.unpinnedLargeGroups == 206)
    #expect(figures.inodeOccupancy == 0.2)
  }

  @Test func aRunThatGoesOnBehindAStoppedMountIsStillAStoppedOne() {
    let run = ModelSample.run("conventional", [.init(), .init(seconds: 60, outcome: Self.stopped), .init()])
    let figures = ModelFigures(of: run)
    #expect(figures.mountsCompleted == 2)
    #expect(figures.stoppedMount == 2)
    #expect(!figures.isComplete)
    #expect(figures.cumulativeSeconds == 0.04)
    #expect(ModelSeries(of: run).completed.count == 1)
  }

  @Test func whatIsNotThereIsNotZero() {
    let figures = ModelFigures(of: ModelRun(scheme: "divided", seed: 3))
    #expect(figures.stoppedMount == nil)
    #expect(!figures.isComplete, "a run without a mount has completed nothing")
    #expect(figures.freeMiB == nil)
    #expect(figures.largeShare == nil)
    #expect(figures.pagesCopied == nil)
    #expect(figures.pagesPinned == nil)
    #expect(figures.reclaimShareBefore == nil)
    #expect(figures.reclaimShareStopped == nil)
  }

  @Test func aFailedRunIsNotComplete() {
    var run = ModelSample.run("divided", completed: 20, isComplete: true)
    #expect(ModelFigures(of: run).isComplete)
    run.failure = "out of memory"
    #expect(!ModelFigures(of: run).isComplete)
  }

  @Test func injectedRun() {
    let figures = ModelFigures(of: ModelSample.run("conventional", occupancy: nil, isInjected: true, []))
    #expect(figures.environment == .injection)
    #expect(figures.pagesPinned == 98_871)
    #expect(figures.inodeOccupancy == nil)
  }

  @Test func spread() throws {
    let spread = try #require(ModelSpread([2, nil, 4, .nan, 4, 6]))
    #expect(spread.count == 4)
    #expect(spread.mean == 4)
    #expect(spread.minimum == 2)
    #expect(spread.maximum == 6)
    let deviation = try #require(spread.standardDeviation)
    #expect(abs(deviation - (8.0 / 3).squareRoot()) < 1e-12)
    #expect(ModelSpread([1])?.standardDeviation == nil)
    #expect(ModelSpread([nil, .infinity]) == nil)
  }
}
