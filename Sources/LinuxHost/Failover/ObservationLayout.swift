import Experiment
import KernelText

/// Which word of an observation holds what. Found once, when the run settles; the kernel's names and zones stay the same from then on.
///
/// First the words of ``Word``, then the counters of /proc/vmstat, then the free blocks zone by zone and order by order.
struct ObservationLayout: Equatable {
  enum Word: Int, CaseIterable {
    case takenAtNanoseconds, perCPUFreePages, pressureSomeMicroseconds, pressureFullMicroseconds, inodeSlabs,
      dentrySlabs,
      kswapdNanoseconds, kcompactdNanoseconds
  }

  struct Zone: Equatable {
    var node: Int
    var name: String
    var orders: Int
  }

  /// In a word of what the system does not show; no quantity is as large.
  static let unavailable = UInt64.max

  var pageBytes: UInt64
  /// Pages of one slab of these caches; nil where the kernel does not tell.
  var inodeSlabPages: UInt64?
  var dentrySlabPages: UInt64?
  /// Of /proc/vmstat, in its order.
  var counterNames: [String]
  var zones: [Zone]

  var blockCount: Int { zones.reduce(0) { $0 + $1.orders } }
  var wordCount: Int { Word.allCases.count + counterNames.count + blockCount }
  var counterWords: Range<Int> { Word.allCases.count..<Word.allCases.count + counterNames.count }
  var blockWords: Range<Int> { counterWords.upperBound..<wordCount }

  /// The word of a counter; nil where the kernel does not have it.
  func word(ofCounter name: String) -> Int? { counterNames.firstIndex(of: name).map { counterWords.lowerBound + $0 } }

  /// Counters whose growth a record keeps, by the beginning of their names.
  private static let eventPrefixes = [
    "allocstall", "compact_", "kcompactd_", "kswapd_", "oom_kill", "pageoutrun", "pgmajfault", "pgmigrate", "pgscan",
    "pgskip", "pgsteal", "workingset_refault",
  ]
  /// Numbers of pages: MemFree, the file LRU lists, and what may not be taken or not yet.
  private static let pageCounts: Set<String> = [
    "nr_free_pages", "nr_active_file", "nr_inactive_file", "nr_mlock", "nr_dirty", "nr_writeback",
    "nr_slab_reclaimable", "nr_slab_unreclaimable",
  ]

  static func isEvent(_ name: String) -> Bool { eventPrefixes.contains { name.hasPrefix($0) } }
  static func isWanted(_ name: String) -> Bool { pageCounts.contains(name) || isEvent(name) }
}

/// The words of an observation, and what they mean.
extension ObservationLayout {
  func state(_ words: UnsafeBufferPointer<UInt64>) -> MemoryState {
    precondition(words.count == wordCount, "an observation of \(words.count) words, not \(wordCount)")
    func word(_ word: Word) -> UInt64? { Self.value(words[word.rawValue]) }
    var counters: [String: UInt64] = [:]
    var pages: [String: UInt64] = [:]
    for (name, index) in zip(counterNames, counterWords) {
      if Self.isEvent(name) { counters[name] = words[index] } else { pages[name] = words[index] }
    }
    func bytes(_ name: String) -> UInt64? { pages[name].map { $0 * pageBytes } }
    var next = blockWords.lowerBound
    let zones = self.zones.map { zone in
      defer { next += zone.orders }
      return MemoryState.Zone(node: zone.node, name: zone.name, freeBlocks: Array(words[next..<next + zone.orders]))
    }
    func slabBytes(_ slabs: UInt64?, _ pages: UInt64?) -> UInt64? {
      guard let slabs, let pages else { return nil }
      return slabs * pages * pageBytes
    }
    var state = MemoryState(
      takenAtNanoseconds: words[Word.takenAtNanoseconds.rawValue], pageBytes: pageBytes, zones: zones,
      freeBytes: bytes("nr_free_pages") ?? 0, perCPUFreeBytes: word(.perCPUFreePages).map { $0 * pageBytes },
      inodeSlabBytes: slabBytes(word(.inodeSlabs), inodeSlabPages),
      dentrySlabBytes: slabBytes(word(.dentrySlabs), dentrySlabPages),
      reclaimableSlabBytes: bytes("nr_slab_reclaimable"), unreclaimableSlabBytes: bytes("nr_slab_unreclaimable"),
      pressure: word(.pressureSomeMicroseconds).map {
        .init(someMicroseconds: $0, fullMicroseconds: word(.pressureFullMicroseconds))
      },
      counters: counters)
    if let active = bytes("nr_active_file"), let inactive = bytes("nr_inactive_file") {
      state.dataCacheBytes = active + inactive
    }
    state.lockedBytes = bytes("nr_mlock")
    state.dirtyBytes = bytes("nr_dirty")
    state.writebackBytes = bytes("nr_writeback")
    return state
  }

  /// How much each event counter grew from one observation to the next.
  func counterDeltas(
    from before: UnsafeBufferPointer<UInt64>, to after: UnsafeBufferPointer<UInt64>
  ) -> [String: UInt64] {
    var deltas: [String: UInt64] = [:]
    for (name, index) in zip(counterNames, counterWords) where Self.isEvent(name) {
      deltas[name] = after[index] >= before[index] ? after[index] - before[index] : 0
    }
    return deltas
  }

  /// The CPU time of the kernel's threads from one observation to the next.
  func background(
    from before: UnsafeBufferPointer<UInt64>, to after: UnsafeBufferPointer<UInt64>
  ) -> BackgroundCPU {
    func growth(_ word: Word) -> UInt64? {
      guard let from = Self.value(before[word.rawValue]), let to = Self.value(after[word.rawValue]), to >= from else {
        return nil
      }
      return to - from
    }
    return BackgroundCPU(
      kswapdNanoseconds: growth(.kswapdNanoseconds), kcompactdNanoseconds: growth(.kcompactdNanoseconds))
  }

  static func value(_ word: UInt64) -> UInt64? { word == unavailable ? nil : word }
}

/// As text, by which one process tells another: a line for each fact.
extension ObservationLayout: CustomStringConvertible {
  var description: String {
    var lines = ["page \(pageBytes)"]
    if let inodeSlabPages { lines.append("inode-slab \(inodeSlabPages)") }
    if let dentrySlabPages { lines.append("dentry-slab \(dentrySlabPages)") }
    lines += counterNames.map { "counter \($0)" }
    lines += zones.map { "zone \($0.node) \($0.orders) \($0.name)" }
    return lines.joined(separator: "\n")
  }

  /// nil for what is not such a text.
  init?(_ description: String) {
    self.init(pageBytes: 0, counterNames: [], zones: [])
    for line in description.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3)
      let number = words.count > 1 ? UInt64(words[1]) : nil
      switch (words.first, words.count) {
      case ("page", 2): pageBytes = number ?? 0
      case ("inode-slab", 2): inodeSlabPages = number
      case ("dentry-slab", 2): dentrySlabPages = number
      case ("counter", 2): counterNames.append(String(words[1]))
      case ("zone", 4):
        guard let node = Int(words[1]), let orders = Int(words[2]), (1...64).contains(orders) else { return nil }
        zones.append(Zone(node: node, name: String(words[3]), orders: orders))
      default: return nil
      }
    }
    if pageBytes == 0 || zones.isEmpty { return nil }
  }
}
