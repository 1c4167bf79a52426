import Experiment
import HostJournal
import KernelText
import LinuxSystem

/// Which blocks of memory this machine could give up, and what it has given up already.
struct MemoryBlockFacts: Equatable {
  /// So much stays for everything else, whatever is taken: what is in a block must go somewhere, and the OOM killer knows nothing of blocks.
  static let marginBytes: UInt64 = 256 << 20

  /// nil where the kernel cannot do it.
  var blockBytes: UInt64?
  /// In use, and of the one zone that blocks are taken from; the highest first. Whether one can really be had is seen when it is taken: the
  /// kernel's own `removable` says yes to all (drivers/base/memory.c).
  var candidates: [Int] = []
  var offline = 0
  /// Whether the state of the first of them can be written.
  var areWritable = true
  /// More than one: memory of another node is farther away, and a movable zone there is not used first by processors of this one.
  var nodes = 1
  /// What the zone Movable manages already, as with movablecore= at boot.
  var movableBytes: UInt64 = 0
  /// Memory with errors that the hardware has reported, which no program is given any more.
  var brokenBytes: UInt64 = 0
  /// MemFree beyond what the free lists hold: memory that the kernel has not initialized yet, and must not be asked to take offline. nil where
  /// it cannot be read.
  var unlistedFreeBytes: UInt64? = 0

  static func read() -> MemoryBlockFacts {
    var facts = MemoryBlockFacts(blockBytes: MemoryBlocks.blockBytes())
    if !MemoryBlocks.canGoOffline { facts.blockBytes = nil }
    for number in facts.blockBytes == nil ? [] : MemoryBlocks.numbers().reversed() {
      switch try? MemoryBlocks.state(number) {
      case .online(zone: dividedZone)?: facts.candidates.append(number)
      case .offline?: facts.offline += 1
      default: break
      }
    }
    facts.areWritable = facts.candidates.first.map(MemoryBlocks.isWritable) ?? true
    let zones = (try? KernelFile.read("/proc/zoneinfo")).flatMap { try? ZoneInfo.parse($0) }?.zones ?? []
    facts.nodes = max(1, Set(zones.filter { $0.managedPages > 0 }.map(\.node)).count)
    facts.movableBytes = zones.reduce(0) {
      $1.name == MemoryBlocks.movableZone ? $0 + $1.managedPages * Machine.pageBytes : $0
    }
    let memory = (try? KernelFile.read("/proc/meminfo")).flatMap { try? MemInfo.parse($0) }
    facts.brokenBytes = memory?.bytes("HardwareCorrupted") ?? 0
    facts.unlistedFreeBytes = unlistedFreeBytes(memory)
    return facts
  }

  private static func unlistedFreeBytes(_ memory: MemInfo?) -> UInt64? {
    guard let free = memory?.bytes("MemFree"),
      let lists = (try? KernelFile.read("/proc/buddyinfo")).flatMap({ try? BuddyInfo.parse($0) })
    else { return nil }
    let listed = lists.freePages * Machine.pageBytes
    return free - min(listed, free)
  }

  /// What a run of `scenario` takes.
  func plan(_ scenario: Scenario, totalBytes: UInt64) -> Plan {
    guard let blockBytes else { return Plan(offline: 0, movable: 0) }
    var plan = Plan(offline: 0, movable: 0)
    if scenario.memoryMethod == .offline, let memory = scenario.memoryBytes, memory < totalBytes {
      plan.offline = Int((totalBytes - memory) / blockBytes)
    }
    // A zone that is there already is used as it is.
    if let wanted = scenario.movableBytes, movableBytes == 0 {
      plan.movable = Int((wanted + blockBytes - 1) / blockBytes)
    }
    return plan
  }

  /// Blocks to take: those that stay offline, and those that become ZONE_MOVABLE.
  struct Plan: Equatable {
    var offline: Int
    var movable: Int

    var count: Int { offline + movable }

    /// Memory that is there while the blocks are offline, before any of them is movable, less what must stay available.
    func leaves(_ memoryBytes: UInt64, blockBytes: UInt64) -> Bool {
      UInt64(movable) * blockBytes + MemoryBlockFacts.marginBytes <= memoryBytes
    }
  }
}
