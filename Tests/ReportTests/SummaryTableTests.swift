import Analysis
import Report
import TestSupport
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
        between mounts              200.0 us median, 0 % of the failover
        median per service          13.0 ms
        99th percentile             13.0 ms
        maximum                     13.0 ms
        free memory                 22.3 MiB before, 22.1 MiB after
          in blocks of 64 kB+       9.0 MiB before, 8.8 MiB after (40 % of the free memory before)
            usable                  6.6 MiB before, 6.4 MiB after: above the min watermarks and protections
        not in the free lists yet   6.3 MiB before, 3.7 MiB after: not initialized by the kernel
        unusable free space index   0.596 at 64 kB before the mounts
        allocation stalls           18
        compaction stalls           9
        results                     results/20051103T101500Z-sample

        - direct I/O was refused by the file system of the images
        - this run has no control: only the same run with nothing pinned separates effects of fragmentation from those of the machine (`run --control --pairs 10`)
        - the 99th percentile over 2 services is nearly their maximum: it takes 100 or more to tell the two apart
        - the watermarks are those of the whole machine (23.5 GiB): reclaim begins with 101.6 MiB still free, earlier than on a real machine of 4.0 GiB
        - unavailable: pressure stall information: no /proc/pressure

        """)
  }

  @Test func howTheMachineWasMadeSmall() {
    var record = SampleRecord.record
    record.scenario.memoryMethod = .offline
    record.failoverWatermarks = [
      ZoneWatermarks(
        node: 0, name: "Movable", managedPages: 1280 << 8, minPages: 0, lowPages: 0, highPages: 0, protectionPages: [])
    ]
    let expected = "4.0 GiB of 23.5 GiB of memory, the rest offline, 1.3 GiB in a movable zone, 2 processors ("
    #expect(Self.text(record).contains("machine                     \(expected)"), "\(Self.text(record))")
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
      PhaseRecord(
        phase: .pin, startedAtNanoseconds: 2,
        tool: ToolCost(cpuNanoseconds: 20_000_000, residentBytes: 48 << 20, fileBytes: 40 << 20)),
    ]
    record.populate = WorkloadRecord(
      operations: 900_000, durationNanoseconds: 60_000_000_000,
      latency: LatencyHistogram(
        buckets: [.init(nanoseconds: 40_000, count: 890_000), .init(nanoseconds: 1_500_000, count: 10_000)]))
    #expect(
      PhaseTable.text(record) == """
        phase    duration operations operations/s median latency p99 latency tool's CPU               tool's memory
        -------- -------- ---------- ------------ -------------- ----------- ---------- ---------------------------
        prepare    1.30 s          -            -              -           -          -                           -
        populate  61.00 s    900,000       15,000        40.0 us      1.5 ms          -                           -
        pin       cut off          -            -              -           -    20.0 ms 48.0 MiB, 40.0 MiB of files

        """)
    record.phases = []
    #expect(PhaseTable.text(record) == "")
  }
}
