import Experiment
import Foundation
import Testing

@testable import Analysis

@Suite struct FidelityTests {
  private static func target(_ id: String) throws -> FidelityTarget {
    try #require(FidelityTarget.all.first { $0.id == id })
  }

  private static func isInside(_ id: String, _ values: [Double?]) throws -> Bool? {
    Fidelity.row(try target(id), values).isInside
  }

  @Test func everyTargetHasItsOwnName() {
    #expect(Set(FidelityTarget.all.map(\.id)).count == FidelityTarget.all.count)
  }

  /// The paper's own value must lie inside what is accepted of it.
  @Test(arguments: [
    ("fig9.boot.free", 3098), ("fig9.boot.large", 3097.8), ("fig9.conventional.free", 2699.7),
    ("fig9.conventional.large", 8.3),
    ("fig9.conventional.share", 0.3), ("fig9.divided.free", 2701.6), ("fig9.divided.large", 1127),
    ("fig9.divided.share", 42),
    ("fig10.conventional.large", 8.3), ("fig10.conventional.small", 0.5), ("fig10.divided.large", 6.8),
    ("fig10.divided.small", 13.8), ("fig10.divided.more", 11.8), ("fig11.conventional.threshold-1", 18),
    ("fig11.conventional.slope", 0.06), ("fig11.conventional.threshold-2", 71), ("fig11.conventional.last", 94),
    ("fig11.divided.completed", 128), ("fig11.divided.steps", 3),
    ("fig11.divided.step-19", 19), ("fig11.divided.step-31", 31), ("fig11.divided.step-53", 53),
    ("fig11.divided.slope", 0.04), ("fig13.conventional.cache", 36), ("fig13.divided.level-off", 23),
    ("fig14.conventional.peak", 56), ("fig14.conventional.last", 0), ("cpu.conventional.before", 0),
    ("cpu.conventional.after", 90), ("fig11.conventional.growth", 11),
  ])
  func thePaperIsInside(id: String, value: Double) throws {
    #expect(try Self.isInside(id, [value]) == true)
  }

  /// Just outside of each tolerance that the project promised.
  @Test(arguments: [
    ("fig9.conventional.free", 2672.6), ("fig9.conventional.large", 9.2), ("fig10.conventional.large", 10),
    ("fig10.conventional.small", 2.1), ("fig10.divided.small", 12.2), ("fig11.conventional.threshold-1", 20.1),
    ("fig11.conventional.threshold-2", 63.9), ("fig11.conventional.last", 102.1), ("fig11.conventional.slope", 0.0701),
    ("fig11.divided.slope", 0.0299), ("fig11.divided.step-31", 34), ("fig13.divided.level-off", 27.1),
    ("fig14.conventional.peak", 66.1), ("fig14.conventional.last", 5.1), ("cpu.conventional.after", 79),
    ("cpu.conventional.before", 10.1),
  ])
  func justOutside(id: String, value: Double) throws {
    #expect(try Self.isInside(id, [value]) == false)
  }

  @Test func theMeanIsJudgedNotTheSeed() throws {
    #expect(try Self.isInside("fig11.conventional.threshold-1", [10, 26]) == true)
    #expect(try Self.isInside("fig11.conventional.threshold-1", [18, 26]) == false)
  }

  @Test func aMeanOfFewSeedsIsNotInside() throws {
    #expect(try Self.isInside("fig11.conventional.threshold-2", [71, 71, 71, 71, nil]) == true)
    #expect(try Self.isInside("fig11.conventional.threshold-2", [71, 71, 71, nil]) == false)
    #expect(try Self.isInside("fig11.conventional.threshold-2", [nil, nil]) == nil)
  }

  @Test func sharesOfSeeds() throws {
    let row = Fidelity.row(try Self.target("fig11.conventional.growth"), [11, 12, 13, 14, nil])
    #expect(row.acceptedShare == 0.8)
    #expect(row.isInside == true)
    #expect(try Self.isInside("fig11.conventional.growth", [11, 12, 13, 9, nil]) == false)
    #expect(try Self.isInside("fig11.divided.completed", [128, 128, 127]) == false)
  }

  @Test func theNearestStep() throws {
    var run = ModelFigures(of: ModelSample.run("divided", completed: 6, isComplete: true))
    run.steps = [20, 53]
    let rows = Fidelity.rows([run], environment: .workload)
    func row(_ id: String) -> FidelityRow? { rows.first { $0.id == "fig11.divided.\(id)" } }
    #expect(row("steps")?.spread?.mean == 2)
    #expect(row("step-19")?.spread?.mean == 20)
    #expect(row("step-31")?.spread?.mean == 20)
    #expect(row("step-53")?.spread?.mean == 53)
    #expect(["step-19", "step-31", "step-53"].map { row($0)?.isInside } == [true, false, true])
  }

  @Test func aRunCutOffBehindItsLastMountIsNotComplete() throws {
    var run = ModelSample.run("divided", completed: 128, isComplete: true)
    func isInside(_ run: ModelRun) -> Bool? {
      Fidelity.rows(["divided": [run]], environment: .workload).first { $0.id == "fig11.divided.completed" }?.isInside
    }
    #expect(isInside(run) == true)
    run.failure = "cut off"
    #expect(isInside(run) == false)
  }

  @Test func rowsAreThoseOfWhatWasRun() {
    let conventional = ModelSample.run("conventional", completed: 93)
    let navarro = ModelSample.run("navarro", completed: 93)
    let rows = Fidelity.rows(["conventional": [conventional], "navarro": [navarro]], environment: .workload)
    #expect(Set(rows.map(\.scheme)) == ["conventional"])
    #expect(rows.first { $0.id == "fig11.conventional.last" }?.spread?.mean == 94)
    #expect(rows.first { $0.id == "fig10.conventional.large" }?.spread?.mean == 8)
    #expect(rows.first { $0.id == "fig10.conventional.small" }?.spread?.mean == 0.5)
    #expect(Fidelity.rows(["conventional": [conventional]], environment: .injection).isEmpty)
    let injected = ModelSample.run("conventional", isInjected: true, [])
    #expect(Fidelity.rows(["conventional": [injected]], environment: .injection).count { $0.spread != nil } == 5)
  }

  @Test func moreThanConventionalIsOfTheSameSeed() {
    let more = ModelSample.state(free: [256, 0, 0, 0, 128])
    let rows = Fidelity.rows(
      [
        "conventional": [ModelSample.run("conventional", seed: 2, completed: 1)],
        "divided": [
          ModelSample.run("divided", seed: 1, completed: 1, before: ModelSample.state(free: [0, 0, 0, 0, 1000])),
          ModelSample.run("divided", seed: 2, completed: 1, before: more),
        ],
      ], environment: .workload)
    let row = rows.first { $0.id == "fig10.divided.more" }
    #expect(row?.spread?.count == 1)
    #expect(row?.spread?.mean == 0.5)
  }

  @Test("in JSON a row is one flat object with the figure's own members, and is read back")
  func rowsInFiles() throws {
    let row = Fidelity.row(try Self.target("fig11.divided.completed"), [128, 127, nil])
    let json = try JSONEncoder().encode(row)
    let keys = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any]).keys
    #expect(
      keys.sorted() == [
        "acceptance", "acceptedShare", "decimals", "environment", "figure", "id", "isInside", "kind", "paper", "reason",
        "scheme", "seeds", "spread",
        "title", "unit",
      ])
    #expect(try JSONDecoder().decode(FidelityRow.self, from: json) == row)
  }
}
