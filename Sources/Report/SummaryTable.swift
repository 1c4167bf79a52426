import Analysis
public import Experiment

/// The output of `run` at its end: the figures, and below them what a reader must know to interpret them.
public enum SummaryTable {
  /// `terminalWidth` nil means that the output is not a terminal: lines are not broken then. Ends with a line break.
  ///
  /// A figure that the machine does not report is `unavailable`, one that the run did not get to is `not measured`; neither is printed as 0.
  public static func text(
    _ record: RunRecord, _ summary: RunSummary, resultsPath: String?, terminalWidth: Int? = nil
  ) -> String {
    let table = fields(record, summary, resultsPath: resultsPath)
    let notes = RunNotes.texts(record, summary)
    guard !notes.isEmpty else { return table.text(width: terminalWidth) }
    return table.text(width: terminalWidth) + "\n"
      + notes.map { LineWrapping.listItem(SingleLine.text($0), width: terminalWidth) }.joined()
  }

  /// The figures alone.
  static func fields(_ record: RunRecord, _ summary: RunSummary, resultsPath: String?) -> FieldTable {
    var table = FieldTable()
    table.add("scenario", "\(SingleLine.text(record.scenario.name, limit: 80)), seed \(record.scenario.seed)")
    table.add("machine", machine(record))
    table.add("kernel", kernel(record.host))
    addMounts(summary, to: &table)
    addTimes(summary, record, to: &table)
    addMemory(summary, to: &table)
    for field in AllocationLines.fields(record) { table.add(field.label, field.value) }
    if let resultsPath { table.add("results", SingleLine.text(resultsPath, limit: 4096)) }
    return table
  }

  private static func machine(_ record: RunRecord) -> String {
    let host = record.host
    var text = "\(ByteSize.humanText(host.memoryTotalBytes)) of memory"
    if let memory = record.scenario.memoryBytes {
      let method = record.scenario.memoryMethod == .offline ? ", the rest offline" : ""
      text = "\(ByteSize.humanText(memory)) of \(text)\(method)"
    }
    if record.movableBytes > 0 { text += ", \(ByteSize.humanText(record.movableBytes)) in a movable zone" }
    text += ", \(host.cpuCount) \(host.cpuCount == 1 ? "processor" : "processors")"
    if let model = host.cpuModel { text += " (\(SingleLine.text(model, limit: 80)))" }
    return text + (host.isContainer ? ", in a container" : "")
  }

  private static func kernel(_ host: HostFacts) -> String {
    let name =
      "Linux \(SingleLine.text(host.kernelRelease, limit: 80)) \(SingleLine.text(host.architecture, limit: 20))"
    return host.distribution.map { "\(name), \(SingleLine.text($0, limit: 80))" } ?? name
  }

  private static func addMounts(_ summary: RunSummary, to table: inout FieldTable) {
    table.add(Metric.mountsCompleted.title, "\(summary.mountsCompleted) of \(summary.mountsRequested)")
    if let degraded = summary.servicesDegraded, let failed = summary.serviceFilesFailed {
      table.add(
        Metric.servicesCompleted.title,
        "\(summary.servicesCompleted) of \(summary.mountsRequested)"
          + (degraded > 0 ? "; \(degraded) degraded, \(HumanNumber.grouped(failed)) files failed" : ""))
    }
    let stopped = summary.firstStoppedMount.map {
      "\($0): " + SingleLine.text(summary.firstStoppedExplanation ?? "no reason was recorded")
    }
    table.add(Metric.firstStoppedMount.title, stopped ?? "none")
  }

  private static func addTimes(_ summary: RunSummary, _ record: RunRecord, to table: inout FieldTable) {
    guard !record.mounts.isEmpty else {
      table.add(Metric.totalTime.title, notMeasured(.totalTime))
      return
    }
    let demandsNothing = record.scenario.mountDemand.blocks.isEmpty
    table.add(Metric.totalTime.title, HumanNumber.duration(summary.totalNanoseconds))
    table.add("  in mount(2)", HumanNumber.duration(summary.mountNanoseconds))
    table.add(
      "  in the demand", demandsNothing ? "nothing is demanded" : HumanNumber.duration(summary.demandNanoseconds))
    table.add("between mounts", pause(summary))
    for (metric, value) in [
      (Metric.mountMedian, summary.medianNanoseconds), (.mountP99, summary.p99Nanoseconds),
      (.mountMaximum, summary.maximumNanoseconds),
    ] { table.add(metric.title, value.map(HumanNumber.duration) ?? notMeasured(metric)) }
  }

  /// "0.1 ms median, 2 % of the failover".
  private static func pause(_ summary: RunSummary) -> String {
    guard let median = summary.pauseMedianNanoseconds, let share = summary.pauseShare else {
      return "not measured: there are fewer than two mounts"
    }
    return "\(HumanNumber.duration(median)) median, \(HumanNumber.fixed(share * 100, decimals: 0)) % of the failover"
  }

  private static func notMeasured(_ metric: Metric) -> String {
    "not measured" + (metric.unavailable.map { ": \($0)" } ?? "")
  }

  private static func addMemory(_ summary: RunSummary, to table: inout FieldTable) {
    let hasBefore = summary.freeBytesBefore != nil
    func beforeAfter(_ before: UInt64?, _ after: UInt64?, _ text: (UInt64) -> String) -> String {
      guard let before else { return "not measured" }
      return "\(text(before)) before, \(after.map(text) ?? "not measured") after"
    }
    table.add("free memory", beforeAfter(summary.freeBytesBefore, summary.freeBytesAfter, ByteSize.humanText))
    table.add(
      "  in blocks of 64 kB+",
      beforeAfter(summary.largeFreeBytesBefore, summary.largeFreeBytesAfter, ByteSize.humanText)
        + share(summary.largeFreeBytesBefore, of: summary.freeBytesBefore))
    if summary.usableLargeFreeBytesBefore != nil {
      table.add(
        "    usable",
        beforeAfter(summary.usableLargeFreeBytesBefore, summary.usableLargeFreeBytesAfter, ByteSize.humanText)
          + ": above the min watermarks and protections")
    }
    // Next to nothing on a kernel that initializes all memory at boot.
    if let unlisted = summary.unlistedFreeBytesBefore, let free = summary.freeBytesBefore,
      unlisted > (free + unlisted) / 100
    {
      table.add(
        "not in the free lists yet",
        beforeAfter(unlisted, summary.unlistedFreeBytesAfter, ByteSize.humanText) + ": not initialized by the kernel")
    }
    let index = summary.unusableFreeSpaceIndexBefore.map {
      HumanNumber.fixed($0, decimals: 3) + " at 64 kB before the mounts"
    }
    table.add("unusable free space index", index ?? (hasBefore ? "unavailable: nothing was free" : "not measured"))
    // With both observations there, a missing counter is one that the kernel does not have.
    let missing = summary.freeBytesAfter == nil ? "not measured" : "unavailable"
    table.add(Metric.allocationStalls.title, summary.allocationStalls.map(HumanNumber.grouped) ?? missing)
    table.add(Metric.compactionStalls.title, summary.compactionStalls.map(HumanNumber.grouped) ?? missing)
  }

  private static func share(_ part: UInt64?, of whole: UInt64?) -> String {
    guard let part, let whole, let percent = HumanNumber.percent(part, of: whole) else { return "" }
    return " (\(percent) of the free memory before)"
  }
}
