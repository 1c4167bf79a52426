public import Experiment

/// The output of `profile`: what was mounted, what one mount allocates, and each mount's time.
public enum AllocationProfileTable {
  /// `terminalWidth` nil means that the output is not a terminal: lines are not broken then. Ends with a line break.
  ///
  /// What this kernel does not report is `unavailable`, never 0.
  public static func text(_ profile: AllocationProfile, path: String? = nil, terminalWidth: Int? = nil) -> String {
    [
      summary(profile, path: path, width: terminalWidth), orders(profile), kinds(profile, width: terminalWidth),
      mounts(profile),
      notes(profile, width: terminalWidth),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func summary(_ profile: AllocationProfile, path: String?, width: Int?) -> String {
    var table = FieldTable()
    table.add(
      "file system",
      "\(SingleLine.text(profile.fileSystem, limit: 40)), \(ByteSize.humanText(profile.fileSystemBytes)), empty"
        + (profile.mkfsVersion.map { " (\(SingleLine.text($0, limit: 80)))" } ?? ""))
    table.add(
      "kernel",
      "Linux \(SingleLine.text(profile.host.kernelRelease, limit: 80)) \(SingleLine.text(profile.host.architecture, limit: 20))"
    )
    table.add("mounts", "\(profile.mounts.count), each of its own volume, all kept mounted")
    table.add(
      "lost events",
      profile.lostEvents == 0 ? "none" : "\(HumanNumber.grouped(profile.lostEvents)): all counts are too low")
    table.add("as a mount demand", profile.mountDemand ?? "none: more or larger blocks than a mount demand can hold")
    if let path { table.add("written to", SingleLine.text(path, limit: 4096)) }
    return table.text(width: width)
  }

  /// By order and migratetype.
  private static func orders(_ profile: AllocationProfile) -> String {
    var rows: [(order: Int, type: String, blocks: Double, failed: UInt64)] = []
    for count in profile.meanCounts {
      let type = typeName(count.kind)
      if let index = rows.firstIndex(where: { $0.order == count.kind.order && $0.type == type }) {
        rows[index].blocks += count.blocksPerMount
        rows[index].failed += count.failed
      } else {
        rows.append((count.kind.order, type, count.blocksPerMount, count.failed))
      }
    }
    rows.sort { $0.order != $1.order ? $0.order > $1.order : $0.blocks > $1.blocks }
    var cells = TableCells(headings: [
      .init(title: "order", isNumber: true), .init(title: "block", isNumber: true), .init(title: "migratetype"),
      .init(title: "blocks per mount", isNumber: true), .init(title: "memory per mount", isNumber: true),
      .init(title: "failed, all mounts", isNumber: true),
    ])
    for row in rows {
      let bytes = profile.host.pageBytes << UInt64(row.order)
      cells.rows.append([
        "\(row.order)", HumanNumber.blockSize(bytes), row.type, mean(row.blocks),
        ByteSize.humanText(UInt64((row.blocks * Double(bytes)).rounded())),
        HumanNumber.grouped(row.failed),
      ])
    }
    return cells.text
  }

  /// By order, migratetype and flags.
  private static func kinds(_ profile: AllocationProfile, width: Int?) -> String {
    var cells = TableCells(headings: [
      .init(title: "order", isNumber: true), .init(title: "blocks per mount", isNumber: true),
      .init(title: "migratetype"),
      .init(title: "GFP flags"),
    ])
    // The columns before the last take about 47 characters.
    let flagsWidth = width.map { max(30, $0 - 47) } ?? Int.max
    for count in profile.meanCounts {
      let flags =
        count.kind.gfpFlags.isEmpty ? "none" : SingleLine.text(count.kind.gfpFlags.joined(separator: " | "), limit: 600)
      for (index, line) in LineWrapping.lines(flags, width: flagsWidth).enumerated() {
        cells.rows.append(
          index == 0
            ? ["\(count.kind.order)", mean(count.blocksPerMount), typeName(count.kind), line] : ["", "", "", line])
      }
    }
    return cells.text
  }

  private static func mounts(_ profile: AllocationProfile) -> String {
    var cells = TableCells(headings: [
      .init(title: "mount", isNumber: true), .init(title: "time", isNumber: true),
      .init(title: "blocks", isNumber: true),
      .init(title: "memory", isNumber: true), .init(title: "largest", isNumber: true),
      .init(title: "direct reclaim", isNumber: true),
      .init(title: "compaction", isNumber: true), .init(title: "lost events", isNumber: true),
    ])
    for mount in profile.mounts {
      var (blocks, bytes, largest) = (UInt64(0), 0.0, UInt64(0))
      for count in mount.allocations where count.blocks > 0 {
        let size = profile.host.pageBytes << UInt64(count.kind.order)
        blocks += count.blocks
        bytes += Double(count.blocks) * Double(size)
        largest = max(largest, size)
      }
      cells.rows.append([
        "\(mount.number)", HumanNumber.duration(mount.durationNanoseconds), HumanNumber.grouped(blocks),
        ByteSize.humanText(UInt64(min(bytes, 1e18))), largest == 0 ? "-" : HumanNumber.blockSize(largest),
        work(mount.directReclaim),
        work(mount.compaction),
        HumanNumber.grouped(mount.lostEvents),
      ])
    }
    return cells.text
  }

  private static func work(_ work: DirectWork?) -> String {
    guard let work else { return "unavailable" }
    var text =
      work.calls == 0
      ? "none" : "\(HumanNumber.duration(work.durationNanoseconds)) in \(HumanNumber.grouped(work.calls))"
    if work.incompleteCalls > 0 { text += ", \(HumanNumber.grouped(work.incompleteCalls)) incomplete" }
    return text
  }

  private static func notes(_ profile: AllocationProfile, width: Int?) -> String {
    var notes = profile.unavailable.map { "\(SingleLine.text($0.what)) is unavailable: \(SingleLine.text($0.reason))" }
    let interrupts = profile.mounts.reduce(0) { $0 + $1.interruptAllocations }
    if interrupts > 0 {
      notes.append("\(HumanNumber.grouped(interrupts)) blocks that interrupts allocated meanwhile are not counted")
    }
    notes.append("blocks that other kernel threads allocated, for a mount or not, are not counted")
    return notes.map { LineWrapping.listItem($0, width: width) }.joined()
  }

  private static func typeName(_ kind: AllocationCount.Kind) -> String {
    kind.migrateTypeName.map { SingleLine.text($0, limit: 20) } ?? "\(kind.migrateType)"
  }

  /// One decimal, or none where it would be zero.
  private static func mean(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return HumanNumber.fixed(value, decimals: rounded == rounded.rounded() ? 0 : 1)
  }
}
