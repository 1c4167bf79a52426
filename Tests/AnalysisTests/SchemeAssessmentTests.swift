import Analysis
import Experiment
import Foundation
import Testing

@Suite struct SchemeAssessmentTests {
  private typealias Verdict = SchemeAssessment.Verdict

  private static let conventional = [ModelSample.run("conventional", completed: 93)].map { ModelFigures(of: $0) }

  private static func judged(_ runs: [ModelRun], against conventional: [ModelFigures] = conventional) -> [Verdict?] {
    SchemeAssessment(scheme: runs[0].scheme, runs.map { ModelFigures(of: $0) }, conventional: conventional).findings
      .map(\.verdict)
  }

  private static func complete(
    _ scheme: String = "divided", seed: UInt64 = 1, seconds: Double = 0.04, counters: [String: UInt64] = [:],
    before: MemoryState = ModelSample.state(), occupancy: Double? = 0.2
  ) -> ModelRun {
    ModelSample.run(
      scheme, seed: seed, completed: 128, isComplete: true, seconds: seconds, counters: counters, before: before,
      occupancy: occupancy)
  }

  @Test func serviceStop() {
    func first(_ runs: [ModelRun]) -> Verdict? { Self.judged(runs)[0] }
    #expect(first([Self.complete(), Self.complete(seed: 2)]) == .yes)
    #expect(first([Self.complete(), ModelSample.run("divided", completed: 20)]) == .partly)
    #expect(first([ModelSample.run("divided", completed: 103)]) == .partly)
    #expect(first([ModelSample.run("divided", completed: 102)]) == .no)
    #expect(first([ModelSample.run("conventional", completed: 93)]) == .no)
  }

  @Test func overhead() {
    func second(_ run: ModelRun) -> Verdict? { Self.judged([run])[1] }
    #expect(second(Self.complete()) == .yes)
    #expect(second(Self.complete(counters: ["pgmigrate_success": 1])) == .no)
    #expect(second(Self.complete(counters: [ModelCounter.mappedPages: 1])) == .partly)
    #expect(second(Self.complete(seconds: 0.0439)) == .yes)
    #expect(second(Self.complete(seconds: 0.0441)) == .partly)
  }

  @Test func overheadIsOfTheMountsThatBothDid() {
    // The time behind the 18th mount is not compared: the other scheme may not have got there.
    let mounts = (1...128).map { ModelSample.Mount(seconds: $0 <= 18 ? 0.04 : 5) }
    #expect(Self.judged([ModelSample.run("divided", mounts)])[1] == .yes)
    #expect(Self.judged([ModelSample.run("divided", completed: 17)])[1] == nil)
  }

  @Test func oneEarlyStepOfConventionalHidesNoOverhead() {
    let early = ModelSample.run(
      "conventional", seed: 9, (1...93).map { ModelSample.Mount(seconds: $0 == 18 ? 2 : 0.04) })
    let conventional = Self.conventional + Self.conventional + [ModelFigures(of: early)]
    #expect(Self.judged([Self.complete(seconds: 0.05)], against: conventional)[1] == .partly)
  }

  @Test func utilisation() {
    func third(_ run: ModelRun) -> Verdict? { Self.judged([run])[2] }
    #expect(third(Self.complete()) == .yes)
    #expect(third(Self.complete(occupancy: 0.1)) == .yes)
    #expect(third(Self.complete(occupancy: 0.099)) == .no)
    #expect(third(Self.complete(before: ModelSample.state(idleMiB: 2))) == .partly)
    #expect(third(Self.complete(counters: [ModelCounter.mappedPages: 1])) == .partly)
    // 1 MiB more is 16 blocks of 64 kB.
    #expect(third(Self.complete(before: ModelSample.state(free: [128, 0, 0, 0, 144]))) == .yes)
    #expect(third(Self.complete(before: ModelSample.state(free: [129, 0, 0, 0, 144]))) == .partly)
    #expect(third(Self.complete(occupancy: nil)) == nil)
  }

  @Test func withoutConventionalOnlyWhatStandsByItselfIsJudged() {
    #expect(Self.judged([Self.complete()], against: []) == [.yes, nil, nil])
    #expect(Self.judged([ModelSample.run("divided", completed: 20)], against: [])[0] == nil)
    #expect(Self.judged([Self.complete(counters: ["pgmigrate_success": 1])], against: [])[1] == .no)
    #expect(Self.judged([Self.complete(before: ModelSample.state(idleMiB: 2))], against: [])[2] == .partly)
  }

  @Test func besideThePaper() {
    let runs = [
      ModelSample.run("conventional", completed: 93), Self.complete(), Self.complete("garbage-collection"),
      Self.complete("linux-6"),
    ]
    let assessments = SchemeAssessment.all(runs.map { ModelFigures(of: $0) })
    #expect(assessments.map(\.scheme) == ["conventional", "divided", "garbage-collection", "linux-6"])
    #expect(assessments[0].findings.map(\.agreement) == ["-", "-", "-"])
    #expect(assessments[1].findings.map(\.agreement) == ["agrees", "agrees", "paper says partly"])
    #expect(assessments[2].findings.map(\.agreement) == ["agrees", "paper says no", "agrees"])
    #expect(assessments[3].findings.map(\.agrees) == [nil, nil, nil])
  }

  @Test func table3() {
    let paper = ["unit-extension", "divided", "garbage-collection", "noncontiguous", "emergency-reserve"].map {
      scheme in
      SchemeAssessment(scheme: scheme, [], conventional: []).findings.map { $0.paper?.rawValue ?? "" }
    }
    #expect(
      paper == [
        ["yes", "yes", "no"], ["yes", "yes", "partly"], ["yes", "no", "yes"], ["yes", "partly", "partly"],
        ["partly", "yes", "partly"],
      ])
  }

  @Test func summary() {
    let runs = [
      ModelSample.run("conventional", seed: 1, completed: 93), ModelSample.run("conventional", seed: 2, completed: 95),
      Self.complete(seed: 1), Self.complete(seed: 2),
    ]
    let summary = ModelSummary(scenario: "paper-env2", runs: runs)
    #expect(summary.seeds == [1, 2])
    #expect(summary.schemes.map(\.scheme) == ["conventional", "divided"])
    #expect(summary.schemes[0].mountsCompleted?.mean == 94)
    #expect(summary.schemes.map(\.completeSeeds) == [0, 2])
    #expect(summary.runs.count == 4)
    #expect(summary.fidelity.contains { $0.id == "fig11.conventional.last" && $0.isInside == true })
  }

  @Test func theFileKeepsItsKey() throws {
    let json = try JSONEncoder().encode(ModelSummary(scenario: "sample", runs: [Self.complete()]))
    let keys = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any]).keys
    #expect(keys.contains("judgements") && !keys.contains("assessments"))
  }
}
