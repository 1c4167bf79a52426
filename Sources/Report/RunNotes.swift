public import Experiment

/// What a reader must know to interpret the figures of a run. A note appears only where it applies; it says what was seen, what that does to the
/// figures, and what to do about it.
public enum RunNotes {
  /// The most important first.
  public static func texts(_ record: RunRecord, _ summary: RunSummary) -> [String] {
    var notes: [String] = []
    notes += ending(record)
    notes += record.warnings
    notes += pressure(record, summary)
    notes += control(record)
    notes += curve(record, summary)
    notes += trace(record)
    notes += machine(record)
    notes += (record.capabilities?.unavailable ?? []).map { "unavailable: \($0.what): \($0.reason)" }
    return notes
  }

  /// A mount that hangs can leave more than a hundred loop devices.
  private static let leftoversShown = 12

  private static func ending(_ record: RunRecord) -> [String] {
    var notes: [String] = []
    switch record.status {
    case .complete: break
    case .running:
      notes.append("the run is still active, or was killed: what is here is valid, but the rest is missing")
    case .incomplete: notes.append("incomplete: \(record.incompleteReason ?? "no reason was recorded")")
    }
    if let items = record.leftovers?.items, !items.isEmpty {
      notes += items.prefix(leftoversShown).map { "left behind: \($0)" }
      if items.count > leftoversShown {
        notes.append("\(items.count - leftoversShown) more left behind, listed in run.json")
      }
      notes.append("`failover-bench cleanup` puts back what it can; it can be run any number of times")
    }
    for sysctl in record.sysctls {
      if let after = sysctl.after, after != sysctl.before {
        notes.append("\(sysctl.key) was \(sysctl.before) before the run and is \(after) after it")
      }
    }
    return notes
  }

  /// Figures of a fragmented machine say nothing without those of the same machine that is not.
  private static func control(_ record: RunRecord) -> [String] {
    guard record.scenario.fragments, record.isBesideControl != true,
      record.host.architecture != HostFacts.modelArchitecture
    else { return [] }
    return [
      "this run has no control: only the same run with nothing pinned separates effects of fragmentation from those of the machine "
        + "(`run --control --pairs 10`)"
    ]
  }

  private static func pressure(_ record: RunRecord, _ summary: RunSummary) -> [String] {
    var notes: [String] = []
    if let pin = record.pin, pin.pinnedPages < pin.requestedPages {
      notes.append(
        "\(HumanNumber.grouped(pin.pinnedPages)) of \(HumanNumber.grouped(pin.requestedPages)) pages were pinned: the helper "
          + "stopped at its memory margin, so memory is less fragmented than the scenario asks for; use a smaller --pin or a "
          + "larger --memory")
    }
    if let pin = record.pin, let bytes = pin.originBytesWritten, bytes > 0 {
      notes.append(
        "the snapshot's exceptions took \(HumanNumber.grouped(pin.pinnedPages)) pages for \(ByteSize.humanText(bytes)) written to its "
          + "origin, \(HumanNumber.fixed(Double(pin.pinnedPages) / (Double(bytes) / 1_048_576), decimals: 2)) per MiB")
    }
    notes += leftByInjection(record, summary)
    let asked = largeBytesAskedFor(record.scenario)
    // Of what the kernel can have: ZONE_DMA is nobody's, and all of it in large blocks.
    if let large = summary.usableLargeFreeBytesBefore ?? summary.largeFreeBytesBefore,
      let free = summary.freeBytesBefore,
      free > 0, large > free / 2, large > asked
    {
      notes.append(
        "before the first mount \(HumanNumber.percent(large, of: free) ?? "") of the free memory was usable in blocks of 64 kB or more"
          + (asked > 0 ? ", and more than the mounts ask for" : "")
          + ": memory was hardly fragmented, and this curve is that of a machine without the paper's problem"
          + (record.scenario.memoryBytes == nil ? "; --memory 4GiB makes the machine as small as the paper's" : ""))
    } else if summary.servicesCompleted == summary.mountsRequested, record.scenario.mountDemand.blocks.isEmpty,
      record.scenario.volumes == VolumeFormat()
    {
      notes.append(
        "all services came up, and the mounts needed only what mount(2) itself allocates: today's kernel groups pages by "
          + "mobility, and today's mount needs few large blocks. That is a result, not a fault; --mount-demand paper asks for "
          + "what a mount took in 2005, --mount-demand 64kB*60 for more")
    }
    return notes
  }

  /// What the demand of one mount takes in blocks of 64 kB or more.
  private static func largeBytes(of demand: MountDemand) -> UInt64 {
    demand.blocks.filter { 4096 << $0.order >= 65_536 }.reduce(0) { $0 + $1.pages * 4096 }
  }

  /// The first of the paper's three conditions (section 5.2.2): fewer large blocks are free than the mounts take. A little that is free may well lie
  /// in large blocks alone, as in the paper itself (8.3 of 8.8 MB), and be far too little.
  private static func largeBytesAskedFor(_ scenario: Scenario) -> UInt64 {
    UInt64(scenario.fileSystems) * largeBytes(of: scenario.mountDemand)
  }

  /// What decides about the mounts of environment 1 with a large demand: arithmetic, and to be said as such.
  private static func leftByInjection(_ record: RunRecord, _ summary: RunSummary) -> [String] {
    let demand = largeBytes(of: record.scenario.mountDemand)
    guard record.scenario.pattern != nil, demand > 0, let left = summary.usableLargeFreeBytesBefore else { return [] }
    let mounts = left / demand
    return [
      "the injection left \(ByteSize.humanText(left)) usable in blocks of 64 kB or more, "
        + (mounts == 0
          ? "less than one mount asks for"
          : "as much as \(mounts) \(mounts == 1 ? "mount asks" : "mounts ask") for")
        + (record.scenario.injectPages == nil
          ? "; it stops at the high watermarks, so that a setting which raises them (vm.min_free_kbytes) holds more back: a reserve, "
            + "like the paper's. Whether it does more than that is seen with the same dose: --inject-until PAGES" : "")
    ]
  }

  private static func curve(_ record: RunRecord, _ summary: RunSummary) -> [String] {
    var notes: [String] = []
    let services = record.mounts.filter { $0.outcome.isMounted }
    if let slowest = services.max(by: { $0.serviceDurationNanoseconds < $1.serviceDurationNanoseconds }),
      services.count >= 8, let median = summary.medianNanoseconds
    {
      let longest = slowest.serviceDurationNanoseconds
      // With one mount in eight or more it would be a trend; a quarter of all time in a single mount is an accident, or the very event to look at.
      if longest > 10 * median && longest > summary.totalNanoseconds / 4 {
        notes.append(
          "mount \(slowest.number) alone took \(HumanNumber.percent(longest, of: summary.totalNanoseconds) ?? "") of the total "
            + "time: look at its line in mounts.csv, and repeat the run before relying on it: one slow mount can be noise"
        )
      }
    }
    if record.scenario.mountPauseNanoseconds == nil, let share = summary.pauseShare, share > 0.05 {
      notes.append(
        "\(HumanNumber.fixed(share * 100, decimals: 0)) % of the failover passed between mounts, in which this program looks at the "
          + "memory: the kernel could tidy up in that time, which a failover without the tool would not have given it"
      )
    }
    if (1..<100).contains(services.count) {
      notes.append(
        "the 99th percentile over \(services.count) \(services.count == 1 ? "service" : "services") is nearly their maximum: it takes 100 or more to tell the two apart"
      )
    }
    return notes
  }

  private static func trace(_ record: RunRecord) -> [String] {
    guard let lost = record.allocations?.lostEvents, lost > 0 else { return [] }
    return [
      "the kernel had no room for \(HumanNumber.grouped(lost)) \(lost == 1 ? "event" : "events") of the trace: page allocator counts, "
        + "here and in allocations.csv, are too low"
    ]
  }

  private static func machine(_ record: RunRecord) -> [String] {
    var notes: [String] = []
    if let memory = record.scenario.memoryBytes, let start = record.start {
      let high = start.watermarks.reduce(UInt64(0)) { $0 + $1.highPages } * record.host.pageBytes
      // A machine of 4 GB has high watermarks of some 15 MB in all; above a fiftieth of memory they shape the curve.
      if high > memory / 50 {
        let whose =
          record.scenario.memoryMethod == .ballast
          ? "the watermarks are those of the whole machine (\(ByteSize.humanText(start.totalBytes)))"
          : "the watermarks are higher than this size needs (huge pages raise them, and so does a vm.min_free_kbytes that was ever set)"
        notes.append(
          "\(whose): reclaim begins with \(ByteSize.humanText(high)) still free, earlier than on a real machine of "
            + ByteSize.humanText(memory))
      }
    }
    if record.host.swapBytes > 0 {
      notes.append(
        "there is \(ByteSize.humanText(record.host.swapBytes)) of swap: the kernel may swap programs out instead of running "
          + "short of memory; `swapoff -a` before the run prevents that")
    }
    return notes
  }
}
