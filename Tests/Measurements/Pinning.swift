import Experiment
import KernelText
import RecordFiles

/// One pinning as scripts/lab-backends.guest has recorded it: the kernel's texts before it and after it, and the run's
/// record.
struct Pinning {
  /// What is compared of the kernel's texts.
  struct State: Equatable {
    /// Of all zones' free lists, by order.
    var freeBlocks: [UInt64] = []
    var unmovablePageBlocks: UInt64 = 0
    var unreclaimableSlabPages: UInt64 = 0

    /// Pages of the free lists.
    var freePages: UInt64 { freeBlocks.enumerated().reduce(0) { $0 + $1.element << UInt64($1.offset) } }

    /// The share of free memory that is in blocks of less than 64 kB; 0 when nothing is free.
    var unusableIndex: Double { unusableFreeSpaceIndex(freeBlocks: freeBlocks, order: 4) ?? 0 }
  }

  let before: State
  let after: State
  let pinnedPages: UInt64?
  /// What a snapshot's origin was written; nil for every other backend.
  let originBytesWritten: UInt64?

  /// Pages that the free lists have lost. Less than nothing where reclaim has given more than was taken.
  var takenPages: Double { Double(before.freePages) - Double(after.freePages) }
  /// Page blocks that have become unmovable.
  var addedUnmovablePageBlocks: Double { Double(after.unmovablePageBlocks) - Double(before.unmovablePageBlocks) }
  /// Pages of slabs that cannot be reclaimed.
  var addedSlabPages: Double { Double(after.unreclaimableSlabPages) - Double(before.unreclaimableSlabPages) }

  /// Pages that are pinned for each MiB written to the snapshot's origin.
  var pagesPerMebibyteWritten: Double? {
    guard let pinnedPages, let originBytesWritten, originBytesWritten > 0 else { return nil }
    return Double(pinnedPages) * 1_048_576 / Double(originBytesWritten)
  }
}

extension Pinning.State {
  /// - Parameter recorded: the texts of several files, each line with its file's name before it: `buddyinfo: Node 0, zone ...`.
  /// - Throws: ``KernelTextError``, or ``MeasurementError`` where a text is missing.
  init(recorded: String) throws {
    var texts: [Substring: String] = [:]
    for line in recorded.split(separator: "\n") {
      guard let separator = line.firstRange(of: ": ") else { continue }
      texts[line[..<separator.lowerBound], default: ""] += line[separator.upperBound...] + "\n"
    }
    func text(_ name: Substring) throws -> String {
      guard let text = texts[name] else { throw MeasurementError("there is no text of /proc/\(name)") }
      return text
    }
    for zone in try BuddyInfo.parse(try text("buddyinfo")).zones {
      for (order, blocks) in zone.freeBlocks.enumerated() {
        if order == freeBlocks.count { freeBlocks.append(0) }
        freeBlocks[order] += blocks
      }
    }
    unmovablePageBlocks = try PageTypeInfo.parse(try text("pagetypeinfo")).pageBlocks.reduce(0) {
      $0 + ($1.counts["Unmovable"] ?? 0)
    }
    guard let slabBytes = try MemInfo.parse(try text("meminfo")).bytes("SUnreclaim") else {
      throw MeasurementError("/proc/meminfo has no SUnreclaim")
    }
    unreclaimableSlabPages = slabBytes / 4096
  }
}

extension Pinning {
  /// Of a run's record, only what is needed.
  private struct Record: Decodable { let pin: PinRecord? }

  /// Reads `NAME-before.txt`, `NAME-after.txt` and `NAME-run.json`.
  ///
  /// - Throws: ``MeasurementError`` naming the file.
  init(reading name: String, in folder: String) throws {
    func state(_ when: String) throws -> State {
      let path = "\(folder)/\(name)-\(when).txt"
      do { return try State(recorded: try TextFile.read(path)) } catch {
        throw MeasurementError("cannot read \(path): \(error)")
      }
    }
    before = try state("before")
    after = try state("after")
    let record = try VersionedJSON<Record>(
      "the record of a run", newest: RunRecord.currentSchema,
      advice: "scripts/lab-backends has kept one for each pinning"
    ).read("\(folder)/\(name)-run.json")
    pinnedPages = record.pin?.pinnedPages
    originBytesWritten = record.pin?.originBytesWritten
  }
}
