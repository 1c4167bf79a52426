import Analysis
import Report
import Testing

@testable import Experiment

@Suite struct SummaryTableTests {
  private static func text(_ record: RunRecord, _ observations: [Observation] = [], width: Int? = nil) -> String {
    SummaryTable.text(
      record, RunSummary(of: record, observations: observations), resultsPath: "results/20051103T101500Z-sample",
      terminalWidth: width)
  }

  @Test func wholeTable() {
    #expect(
      Self.text(SampleRecord.record, SampleRecord.observations) == """
        scenario                    sample, seed 18446744073709551557
        machine                     4.0 GiB of 23.5 GiB of memory, 2 processors (Intel(R) Xeon(R) CPU @ 1.80GHz)
        kernel                      Linux 6.1.0-32-amd64 x86_64, Debian GNU/Linux 12 (bookworm)
        mounts completed            2 of 4
        first stopped mount         3: no contiguous block of 64 kB could be had
        total time                  60.03 s
          in mount(2)               24.0 ms
          in the demand             60.00 s
        median per service          13.0 ms
        99th percentile             13.0 ms
        maximum                     13.0 ms
        free memory                 22.3 MiB before, 22.1 MiB after
          in blocks of 64 kB+       9.0 MiB before, 8.8 MiB after (40 % of the free memory before)
        not in the free lists yet   6.3 MiB before, 3.7 MiB after: not initialized by the kernel
        unusable free space index   0.596 at 64 kB before the mounts
        allocation stalls           18
        compaction stalls           9
        results                     results/20051103T101500Z-sample

        - direct I/O was refused by the file system of the images
        - the 99th percentile over 2 services is nearly their maximum: it takes 100 or more to tell the two apart
        - the watermarks are those of the whole machine (23.5 GiB): reclaim begins with 101.6 MiB still free, earlier than on a real machine of 4.0 GiB
        - unavailable: pressure stall information: no /proc/pressure

        """)
  }

  @Test func whatIsNotKnownIsNotZero() {
    var record = SampleRecord.record
    var state = SampleRecord.state(after: 0)
    state.counters = [:]
    let uncounted = Self.text(
      record, [Observation(afterMount: 0, state: state), Observation(afterMount: 3, state: state)])
    #expect(uncounted.contains("allocation stalls           unavailable\n"))
    #expect(uncounted.contains("compaction stalls           unavailable\n"))
    record.mounts = []
    let empty = Self.text(record)
    for line in [
      "total time                  not measured: no mount was tried", "free memory                 not measured",
      "allocation stalls           not measured", "unusable free space index   not measured",
    ] { #expect(empty.contains(line + "\n"), "\(line)") }
    #expect(!empty.contains("0 ns"))
  }

  @Test(arguments: [40, 60, 80, 100])
  func fitsTheTerminal(width: Int) {
    let text = Self.text(SampleRecord.record, SampleRecord.observations, width: width)
    for line in text.split(separator: "\n") {
      // A word that is wider alone stays whole.
      #expect(line.count <= max(width, 60), "\(line)")
      #expect(line.last != " ")
    }
    #expect(text.contains("results/20051103T101500Z-sample"), "a path that is broken cannot be copied")
  }

  @Test func foreignTextStaysInItsLine() {
    var record = SampleRecord.record
    record.warnings = ["line\nbreak\u{1B}[2J"]
    let text = Self.text(record)
    #expect(text.contains("- line break [2J\n") && !text.contains("\u{1B}"))
  }

  @Test func phasesWithTheirRates() {
    var record = SampleRecord.record
    record.phases = [
      PhaseRecord(phase: .prepare, startedAtNanoseconds: 0, durationNanoseconds: 1_300_000_000),
      PhaseRecord(phase: .populate, startedAtNanoseconds: 1, durationNanoseconds: 61_000_000_000),
      PhaseRecord(phase: .pin, startedAtNanoseconds: 2),
    ]
    record.populate = WorkloadRecord(
      operations: 900_000, durationNanoseconds: 60_000_000_000,
      latency: LatencyHistogram(
        buckets: [.init(nanoseconds: 40_000, count: 890_000), .init(nanoseconds: 1_500_000, count: 10_000)]))
    #expect(
      PhaseTable.text(record) == """
        phase    duration operations operations/s median latency p99 latency
        -------- -------- ---------- ------------ -------------- -----------
        prepare    1.30 s          -            -              -           -
        populate  61.00 s    900,000       15,000        40.0 us      1.5 ms
        pin       cut off          -            -              -           -

        """)
    record.phases = []
    #expect(PhaseTable.text(record) == "")
  }
}

@Suite struct RunNotesTests {
  private static func notes(_ change: (inout RunRecord, inout RunSummary) -> Void) -> String {
    var record = SampleRecord.record
    // A run about which there is nothing to say.
    record.warnings = []
    record.capabilities = Capabilities()
    record.scenario.memoryBytes = nil
    record.mounts = (1...100).map { SampleRecord.mount($0, .mounted) }
    var summary = RunSummary(of: record, observations: SampleRecord.observations)
    change(&record, &summary)
    return RunNotes.texts(record, summary).joined(separator: "\n")
  }

  @Test func nothingToSayIsSaidNot() { #expect(Self.notes { _, _ in } == "") }

  @Test func anIncompleteRun() {
    #expect(Self.notes { record, _ in record.cutOff("cancelled") } == "incomplete: cancelled")
    #expect(Self.notes { record, _ in record.status = .running }.contains("still going on, or was killed"))
  }

  @Test func leftovers() {
    let notes = Self.notes { record, _ in record.leftovers = Leftovers(items: ["/dev/loop7 is busy"]) }
    #expect(notes.contains("left behind: /dev/loop7 is busy") && notes.contains("failover-bench cleanup"))
  }

  @Test func manyLeftovers() {
    let notes = Self.notes { record, _ in
      record.leftovers = Leftovers(items: (1...128).map { "/dev/loop\($0) is busy" })
    }
    #expect(notes.contains("/dev/loop12 is busy") && !notes.contains("/dev/loop13 is busy"))
    #expect(notes.contains("116 more left behind, listed in run.json"))
  }

  @Test func aSettingThatDidNotComeBack() {
    let notes = Self.notes { record, _ in record.sysctls[0].after = "9970" }
    #expect(notes == "vm.nr_hugepages was 0 before the run and is 9970 after it")
  }

  @Test func aPinCutShort() {
    let notes = Self.notes { record, _ in
      record.pin = PinRecord(backend: .pipe, requestedPages: 102_400, pinnedPages: 90_000, durationNanoseconds: 1)
    }
    #expect(notes.hasPrefix("90,000 of 102,400 pages were pinned"))
  }

  @Test func whatASnapshotPins() {
    let notes = Self.notes { record, _ in
      record.pin = PinRecord(
        backend: .dmSnapshot, requestedPages: 1024, pinnedPages: 1024, durationNanoseconds: 1,
        originBytesWritten: 512 << 20)
    }
    #expect(notes == "the snapshot's exceptions took 1,024 pages for 512.0 MiB written to its origin, 2.00 per MiB")
  }

  @Test func memoryThatWasNotFragmented() {
    let notes = Self.notes { _, summary in
      summary.freeBytesBefore = 1000
      summary.largeFreeBytesBefore = 900
    }
    #expect(notes.contains("90 % of the free memory") && notes.contains("--memory 4GiB"))
  }

  @Test func allUpWithoutADemand() {
    func notes(_ demand: MountDemand, completed: Int) -> String {
      Self.notes { record, summary in
        record.scenario.mountDemand = demand
        summary.mountsRequested = 100
        summary.mountsCompleted = completed
      }
    }
    #expect(notes(.none, completed: 100).contains("a result, not a fault"))
    #expect(notes(.paper, completed: 100) == "" && notes(.none, completed: 99) == "")
  }

  @Test func oneMountThatIsMostOfTheTime() {
    func slow(_ nanoseconds: UInt64) -> MountRecord {
      MountRecord(
        number: 50, outcome: .mounted, startedAtNanoseconds: 0, mountDurationNanoseconds: nanoseconds,
        threadCPUNanoseconds: nil,
        sentinelDurationNanoseconds: nil, demand: nil, background: SampleRecord.mount(1, .mounted).background,
        counterDeltas: [:])
    }
    func notes(_ nanoseconds: UInt64, mounts: Int = 100) -> String {
      Self.notes { record, summary in
        record.mounts[49] = slow(nanoseconds)
        record.mounts = Array(record.mounts.suffix(51).prefix(mounts)) + record.mounts.prefix(max(0, mounts - 51))
        summary = RunSummary(of: record, observations: SampleRecord.observations)
      }
    }
    // The other 99 take 13 ms each, 1.287 s in all.
    #expect(notes(1_000_000_000).hasPrefix("mount 50 alone took 44 % of the total time"))
    #expect(notes(400_000_000) == "")
    // A third of the time of ten, but no more than five times the others'.
    #expect(!notes(60_000_000, mounts: 10).contains("alone"))
    #expect(notes(140_000_000, mounts: 10).contains("mount 50 alone"))
  }

  @Test func fewServicesMakeNoPercentile() {
    #expect(Self.notes { record, _ in record.mounts.removeLast() }.contains("over 99 services"))
  }

  @Test func swap() { #expect(Self.notes { record, _ in record.host.swapBytes = 1 << 30 }.contains("1.0 GiB of swap")) }

  @Test func watermarksOfALargerMachine() {
    #expect(
      Self.notes { record, _ in record.scenario.memoryBytes = 4 << 30 }.contains("earlier than on a real machine"))
    #expect(Self.notes { record, _ in record.scenario.memoryBytes = 16 << 30 } == "")
  }
}
