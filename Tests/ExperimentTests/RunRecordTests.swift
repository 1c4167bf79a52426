import Testing

@testable import Experiment

@Suite struct RunRecordTests {
  private static func record() -> RunRecord {
    RunRecord(
      tool: "t", runID: "r", startedAtUnixNanoseconds: 1, arguments: [], scenario: Scenario(name: "s"),
      host: HostFacts(
        kernelRelease: "6.18", kernelVersion: "v", architecture: "x86_64", kernelCommandLine: "", distribution: nil,
        cpuModel: nil, cpuCount: 2, memoryTotalBytes: 1, pageBytes: 4096, swapBytes: 0, isContainer: false,
        imageFileSystem: nil, settings: [:]))
  }

  @Test func aNewRecordIsOneThatWasLeft() {
    let record = Self.record()
    #expect(record.status == .running && record.schema == RunRecord.currentSchema)
  }

  @Test func eventsAddUp() {
    let (log, context) = (TestbedLog(), ScriptedContext())
    var scenario = Scenario(name: "s")
    scenario.fileSystems = 2
    Runner(scenario: scenario, context: context).run(ScriptedTestbed(log: log))
    var record = Self.record()
    for event in context.events { record.apply(event) }
    #expect(record.status == .complete && record.incompleteReason == nil)
    #expect(record.phases.map(\.phase) == scenario.phases)
    #expect(record.phases.allSatisfy { $0.durationNanoseconds == 10 })
    #expect(
      record.start != nil && record.populate != nil && record.rewrite != nil && record.pin != nil
        && record.inject == nil)
    #expect(record.mounts.map(\.number) == [1, 2])
    #expect(record.capabilities?.unavailable.map(\.what) == ["PSI"])
    #expect(record.leftovers?.items == ["scripted leftover"])
  }

  @Test func aFailedRunSaysWhy() {
    var record = Self.record()
    record.apply(.phaseBegan(.pin, atNanoseconds: 5))
    record.apply(
      .ended(
        .failed(TestbedFailure(.helper, operation: "pin pages", reason: "killed", advice: "try less")), Leftovers()))
    #expect(record.status == .incomplete)
    #expect(record.incompleteReason == "cannot pin pages: killed; try less")
    #expect(record.phases == [PhaseRecord(phase: .pin, startedAtNanoseconds: 5, durationNanoseconds: nil)])
  }

  @Test func aRunCutOffSaysWhy() {
    var record = Self.record()
    record.cutOff("the testbed's process died")
    #expect(record.status == .incomplete && record.incompleteReason == "the testbed's process died")
  }

  @Test func warningsAreSaidOnce() {
    var record = Self.record()
    for text in ["a", "b", "a"] { record.apply(.warning(text)) }
    #expect(record.warnings == ["a", "b"])
  }

  @Test func aSettingKeepsWhatItWasAtFirst() {
    var record = Self.record()
    record.apply(.sysctl(key: "vm.a", before: "1", after: "2"))
    record.apply(.sysctl(key: "vm.a", before: "2", after: "3"))
    #expect(record.sysctls == [SysctlRecord(key: "vm.a", before: "1", duringRun: "3")])
  }

  @Test func serviceTimeIsDemandMountAndSentinel() {
    let mount = MountRecord(
      number: 1, outcome: .mounted, startedAtNanoseconds: 0, mountDurationNanoseconds: 100, threadCPUNanoseconds: 90,
      sentinelDurationNanoseconds: 7,
      demand: DemandRecord(demanded: [], isMet: true, heldBlocks: 0, durationNanoseconds: 1000, retries: 0),
      counterDeltas: [:])
    #expect(mount.serviceDurationNanoseconds == 1107)
  }

  @Test func onlyAMountedFileSystemIsInService() {
    #expect(MountOutcome.mounted.isInService && MountOutcome.mounted.explanation.isEmpty)
    for outcome in RunnerTests.stops { #expect(!outcome.isInService && !outcome.explanation.isEmpty) }
    #expect(MountOutcome.demandNotMet(order: 4, errorNumber: nil).explanation.contains("64 kB"))
  }

  @Test func aFailureIsOneSentence() {
    let failure = TestbedFailure(
      .fault, operation: "attach the loop device", subject: "/dev/loop7", errorNumber: 16, reason: "busy",
      advice: "try again")
    #expect(failure.description == "cannot attach the loop device /dev/loop7: busy; try again")
    #expect(TestbedFailure.cancelled.description == "cancelled")
  }

  @Test func theWatermarksAreThoseThatTheMountsMeet() {
    func marks(_ pages: UInt64) -> [ZoneWatermarks] {
      [
        ZoneWatermarks(
          node: 0, name: "Normal", managedPages: 1000, minPages: pages, lowPages: pages, highPages: pages,
          protectionPages: [])
      ]
    }
    var record = Self.record()
    #expect(record.watermarks == [])
    record.apply(
      .started(StartState(state: ScriptedTestbed.state, watermarks: marks(1), totalBytes: 1, ballastBytes: 0)))
    record.apply(.failoverWatermarks(marks(1)))
    #expect(record.failoverWatermarks == nil && record.watermarks == marks(1))
    record.apply(.failoverWatermarks(marks(2)))
    #expect(record.watermarks == marks(2) && record.start?.watermarks == marks(1))
  }
}
