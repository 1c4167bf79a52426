import Analysis
import Experiment
import Report
import TestSupport
import Testing

@Suite struct RunNotesTests {
  private static func notes(_ change: (inout RunRecord, inout RunSummary) -> Void) -> String {
    var record = SampleRecord.record
    // A run about which there is nothing to say.
    record.warnings = []
    record.capabilities = Capabilities()
    record.scenario.memoryBytes = nil
    record.isBesideControl = true
    record.mounts = (1...100).map { SampleRecord.mount($0, .mounted) }
    var summary = RunSummary(of: record, observations: SampleRecord.observations)
    change(&record, &summary)
    return RunNotes.texts(record, summary).joined(separator: "\n")
  }

  @Test func nothingToSayIsSaidNot() { #expect(Self.notes { _, _ in } == "") }

  /// Neither a control nor beside one.
  @Test func aRunWithoutControl() {
    #expect(Self.notes { record, _ in record.isBesideControl = nil }.contains("this run has no control"))
    #expect(
      Self.notes { record, _ in
        record.isBesideControl = nil
        record.scenario.doseShare = 0
      } == "")
    #expect(
      Self.notes { record, _ in
        record.isBesideControl = nil
        record.host.architecture = HostFacts.modelArchitecture
      } == "")
  }

  @Test func anIncompleteRun() {
    #expect(Self.notes { record, _ in record.cutOff("cancelled") } == "incomplete: cancelled")
    #expect(Self.notes { record, _ in record.status = .running }.contains("still active, or was killed"))
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
    func notes(free: UInt64, large: UInt64, usable: UInt64?, _ demand: String = "paper") -> String {
      Self.notes { record, summary in
        record.scenario.fileSystems = 128
        record.scenario.mountDemand = MountDemand.parse(demand)!
        (summary.freeBytesBefore, summary.largeFreeBytesBefore) = (free << 20, large << 20)
        summary.usableLargeFreeBytesBefore = usable.map { $0 << 20 }
      }
    }
    let whole = notes(free: 1000, large: 910, usable: 900)
    #expect(whole.contains("90 % of the free memory") && whole.contains("--memory 4GiB"))
    #expect(whole.contains("more than the mounts ask for"))
    #expect(!notes(free: 1000, large: 900, usable: 900, "none").contains("ask for"))
    // The run of Linux 6.1 that stopped at 122: most of what little was free lay in large blocks, and most of those in ZONE_DMA.
    #expect(notes(free: 25, large: 20, usable: 5) == "")
    // 128 mounts of the demand `paper` ask for 8 MiB in blocks of 64 kB, of the other reading for 16.
    #expect(
      notes(free: 25, large: 20, usable: 16) != "" && notes(free: 25, large: 20, usable: 16, "64kB*2,4kB*8") == "")
    #expect(notes(free: 25, large: 20, usable: nil) != "")
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
        // The mounts do not follow each other any more.
        summary.pauseShare = nil
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
