import Analysis
import Experiment
import Foundation
import Report
import Testing

@Suite struct ModelReportTests {
  private static func state(cacheMiB: UInt64) -> MemoryState {
    var state = MemoryState(
      takenAtNanoseconds: 0, pageBytes: 4096, zones: [.init(node: 0, name: "Normal", freeBlocks: [128, 0, 0, 0, 133])],
      freeBytes: 9_240_576, dataCacheBytes: cacheMiB << 20)
    state.idleBytes = 0
    state.unpinnedLargeGroups = 206
    state.inodeOccupancy = .init(freedSixteenths: 15, liveBytes: 20, heldBytes: 100)
    return state
  }

  /// `completed` mounts of 0.04 s, the last one followed by one that stops where that is asked for.
  private static func run(_ scheme: String, seed: UInt64 = 1, completed: Int, stops: Bool, copied: UInt64 = 0)
    -> ModelRun
  {
    var run = ModelRun(scheme: scheme, seed: seed)
    run.observations = [Observation(afterMount: 0, state: state(cacheMiB: 100))]
    for number in 1...(completed + (stops ? 1 : 0)) {
      let isStopped = number > completed
      run.mounts.append(
        MountRecord(
          number: number, outcome: isStopped ? .demandNotMet(order: 4, errorNumber: nil) : .mounted,
          startedAtNanoseconds: 0,
          mountDurationNanoseconds: isStopped ? 60_000_000_000 : 40_000_000, threadCPUNanoseconds: nil,
          sentinelDurationNanoseconds: nil, demand: nil,
          counterDeltas: [
            "pgmigrate_success": copied, ModelCounter.mappedPages: 0, ModelCounter.promotedPages: 8,
            ModelCounter.smallFreedPages: number == 1 ? 0 : 32, "workingset_refault_file": 5,
          ]))
      run.observations.append(Observation(afterMount: number, state: state(cacheMiB: 90)))
    }
    return run
  }

  private static let summary = ModelSummary(
    scenario: "paper-env2",
    runs: [
      run("conventional", completed: 93, stops: true), run("conventional", seed: 2, completed: 95, stops: true),
      run("divided", completed: 128, stops: false), run("divided", seed: 2, completed: 100, stops: true),
      run("garbage-collection", completed: 128, stops: false, copied: 1),
    ])

  /// The words of the line that begins so, without the blanks between columns.
  private static func cells(_ text: String, _ beginning: String) -> [String] {
    text.split(separator: "\n").first { $0.hasPrefix(beginning) }?.split(separator: " ").map { String($0) } ?? []
  }

  @Test func fidelity() {
    let text = FidelityTable.text(Self.summary.fidelity)
    #expect(
      Self.cells(text, "Fig. 11 conventional mount not completed").joined(separator: " ")
        == "Fig. 11 conventional mount not completed 94 95.0 +- 1.4 94.0 to 96.0 86 to 102 yes fitted")
    #expect(
      Self.cells(text, "Fig. 10 conventional free in 64 kB or more, MB").joined(separator: " ")
        == "Fig. 10 conventional free in 64 kB or more, MB 8.3 8.3 +- 0.0 8.3 to 8.3 6.8 to 9.8 yes fitted")
    #expect(
      Self.cells(text, "Fig. 11 divided      mounts completed").suffix(5) == ["128", "in", "all", "NO", "predicted"])
    #expect(text.contains("Fig. 11, divided, mounts completed: accepted in 50 % of 2 seeds\n"))
    #expect(text.contains("Fig. 11, conventional, mount threshold 2: none of 2 seeds has it\n"))
    #expect(FidelityTable.text([]).isEmpty)
  }

  @Test func schemes() {
    let text = SchemeTable.text(Self.summary)
    #expect(
      Self.cells(text, "conventional")
        == ["conventional", "94.0", "(93-95)", "0", "of", "2", "-", "-", "3.8", "90", "0", "0", "-", "0.0", "206"])
    #expect(text.contains("\ndivided            partly (paper says yes) yes (agrees)"))
    #expect(text.contains("yes (agrees)            no (agrees)       yes (agrees)\n"))
    #expect(
      text.contains(
        "- divided, service stop prevented: partly, all mounts complete in 1 of 2 seeds, 114.0 in the mean; the paper's Table 3 "
          + "says yes\n"))
    #expect(text.contains("- service stop prevented: yes = every mount of every seed completes;"))
    #expect(!text.contains("environment 1"))
  }

  @Test func injectionIsSaidToBeOurs() {
    var run = Self.run("conventional", completed: 3, stops: true)
    run.inject = InjectRecord(pinnedPages: 1, transientPages: 7, durationNanoseconds: 0)
    #expect(
      SchemeTable.text(ModelSummary(scenario: "e", runs: [run])).contains("the paper mounts nothing in environment 1"))
  }

  @Test func servicesHaveATableOfTheirOwn() {
    #expect(!SchemeTable.text(Self.summary).contains("services completed"))
    var run = ModelRun(scheme: "linux-6", seed: 7)
    let service = ServiceRecord(
      files: 4, rightFiles: 1, failures: [.init(operation: "write", errorNumber: 12, files: 3)],
      durationNanoseconds: 1, slowestWriteNanoseconds: 1)
    run.mounts = [
      MountRecord(
        number: 1, outcome: MountOutcome(service) { _ in "no memory" }, startedAtNanoseconds: 0,
        mountDurationNanoseconds: 1, threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil, demand: nil,
        service: service)
    ]
    let text = SchemeTable.text(ModelSummary(scenario: "e", runs: [run]))
    #expect(
      text.hasPrefix("scheme  services completed files that failed first at mount compaction stalls reclaim stalls\n"))
    #expect(Self.cells(text, "linux-6") == ["linux-6", "0", "3", "1", "-", "-"])
  }

  @Test func failedRunsAreNamed() {
    var run = ModelRun(scheme: "divided", seed: 7)
    run.failure = "no page left"
    #expect(SchemeTable.text(ModelSummary(scenario: "e", runs: [run])).contains("- divided, seed 7: no page left\n"))
  }

  @Test func linesFit() {
    for line in (FidelityTable.text(Self.summary.fidelity) + SchemeTable.text(Self.summary)).split(separator: "\n") {
      #expect(line.count <= 132, "\(line)")
    }
  }

  @Test func markdown() {
    let fidelity = FidelityTable.markdown(Self.summary.fidelity)
    #expect(fidelity.hasPrefix("| where   | scheme "))
    #expect(fidelity.split(separator: "\n").count { $0.hasPrefix("| Fig.") } == 20)
    #expect(fidelity.contains("\n- Fig. 13, conventional, data cache at threshold 2: input, working-set.size\n"))
    let schemes = SchemeTable.markdown(Self.summary)
    let verdicts = schemes.split(separator: "\n").last { $0.hasPrefix("| garbage-collection ") } ?? ""
    #expect(
      verdicts.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        == "| garbage-collection | yes (agrees) | no (agrees) | yes (agrees) |")
  }

  @Test func series() {
    let lines = ModelSeriesCSV.text([Self.run("conventional", completed: 2, stops: true)]).split(separator: "\n")
    #expect(
      lines == [
        "scheme,seed,mount,outcome,duration_s,cumulative_s,data_cache_mib,promotion,free_64k_mib,refaults",
        "conventional,1,0,,,,100.0,,8.3125,", "conventional,1,1,mounted,0.04,0.04,90.0,,8.3125,5",
        "conventional,1,2,mounted,0.04,0.08,90.0,0.25,8.3125,5",
        "conventional,1,3,demand-not-met,60.0,60.08,90.0,0.25,8.3125,5",
      ])
  }

  @Test func summaryAsJSON() throws {
    let data = try JSONEncoder().encode(Self.summary)
    #expect(try JSONDecoder().decode(ModelSummary.self, from: data) == Self.summary)
  }
}
