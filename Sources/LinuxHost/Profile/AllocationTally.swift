import Experiment
import KernelText

/// Adds up what the trace of one mount tells of one thread.
struct AllocationTally {
  private let pid: Int
  /// By the kernel's number.
  private let migrateTypeNames: [String]
  private var counts: [AllocationCount.Kind: (blocks: UInt64, failed: UInt64)] = [:]
  private var interruptAllocations: UInt64 = 0
  private var calls = DirectWorkPairs()
  private var work: [DirectWorkEvent.Work: DirectWork] = [:]

  /// - Parameter pid: as the kernel itself counts.
  init(pid: Int, migrateTypeNames: [String]) {
    self.pid = pid
    self.migrateTypeNames = migrateTypeNames
  }

  /// Takes a line of tracefs' `trace`.
  mutating func take(line: String) throws(KernelTextError) {
    if let event = try PageAllocationEvent.parse(line: line) {
      guard event.pid == pid else { return }
      if event.isInInterrupt {
        interruptAllocations += 1
        return
      }
      let name = migrateTypeNames.indices.contains(event.migrateType) ? migrateTypeNames[event.migrateType] : nil
      let kind = AllocationCount.Kind(
        order: event.order, migrateType: event.migrateType, migrateTypeName: name, gfpFlags: event.gfpFlags)
      if event.pageFrameNumber == nil {
        counts[kind, default: (0, 0)].failed += 1
      } else {
        counts[kind, default: (0, 0)].blocks += 1
      }
    } else if let event = try DirectWorkEvent.parse(line: line) {
      guard event.pid == pid, let call = calls.take(event) else { return }
      switch call {
      case .whole(let start, let end):
        work[event.work, default: DirectWork()].calls += 1
        work[event.work, default: DirectWork()].durationNanoseconds &+= (end - start) &* 1000
      case .torn: work[event.work, default: DirectWork()].incompleteCalls += 1
      }
    }
  }

  /// With the call that has no end yet.
  private func sum(_ kind: DirectWorkEvent.Work) -> DirectWork {
    var sum = work[kind] ?? DirectWork()
    sum.incompleteCalls += UInt64(calls.begun.keys.count { $0.work == kind })
    return sum
  }

  /// - Parameter traced: the events that this kernel has; what it does not have is unavailable, not 0.
  func profile(number: Int, durationNanoseconds: UInt64, lostEvents: UInt64, traced: Set<TraceEventName>)
    -> MountProfile
  {
    MountProfile(
      number: number, durationNanoseconds: durationNanoseconds,
      allocations: counts.map { AllocationCount(kind: $0.key, blocks: $0.value.blocks, failed: $0.value.failed) }
        .sorted(by: Self.isBefore),
      interruptAllocations: interruptAllocations,
      directReclaim: traced.isSuperset(of: TraceEventName.reclaim) ? sum(.reclaim) : nil,
      compaction: traced.isSuperset(of: TraceEventName.compaction) ? sum(.compaction) : nil, lostEvents: lostEvents)
  }

  /// Fixed, so that the same trace makes the same record.
  private static func isBefore(_ first: AllocationCount, _ second: AllocationCount) -> Bool {
    if first.kind.order != second.kind.order { return first.kind.order > second.kind.order }
    if first.kind.migrateType != second.kind.migrateType { return first.kind.migrateType < second.kind.migrateType }
    return first.kind.gfpFlags.joined(separator: "|") < second.kind.gfpFlags.joined(separator: "|")
  }
}
