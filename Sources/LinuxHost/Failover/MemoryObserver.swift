import Experiment
import KernelText
import LinuxSystem

/// Reads the memory's state from texts of the kernel that stay open, into numbers: some 0.1 ms, most of it the kernel's own work on
/// /proc/vmstat and /proc/zoneinfo, and nothing allocated.
final class MemoryObserver {
  let layout: ObservationLayout
  /// The word that counts the victims of the OOM killer; kernels before 4.13 do not.
  let oomKillWord: Int?
  private let vmstatSelection: VMStatSelection
  private let kernelThreads: KernelThreads
  private var vmstat: KernelTextFile
  private var buddyinfo: KernelTextFile
  private var zoneinfo: KernelTextFile
  private var pressure: KernelTextFile?
  private var inodeSlabs: KernelTextFile?
  private var dentrySlabs: KernelTextFile?

  /// Opens what it reads.
  ///
  /// - Throws: where a text that every kernel has cannot be read or understood.
  init() throws(TestbedFailure) {
    let vmstat = try Self.open("/proc/vmstat")
    let buddyinfo = try Self.open("/proc/buddyinfo")
    let zoneinfo = try Self.open("/proc/zoneinfo")
    vmstatSelection = try TestbedFailure.understanding(vmstat.path) { () throws(KernelTextError) in
      try VMStatSelection(vmstat.text, where: ObservationLayout.isWanted)
    }
    let zones = try TestbedFailure.understanding(buddyinfo.path) { () throws(KernelTextError) in
      try BuddyInfo.parse(buddyinfo.text).zones
    }
    layout = ObservationLayout(
      pageBytes: Machine.pageBytes, inodeSlabPages: SlabCache.pagesOfSlab(Self.inodeCache),
      dentrySlabPages: SlabCache.pagesOfSlab(Self.dentryCache), counterNames: vmstatSelection.names,
      zones: zones.map { .init(node: $0.node, name: $0.name, orders: $0.freeBlocks.count) })
    oomKillWord = layout.word(ofCounter: "oom_kill")
    self.vmstat = vmstat
    self.buddyinfo = buddyinfo
    self.zoneinfo = zoneinfo
    pressure = try? KernelTextFile("/proc/pressure/memory")
    inodeSlabs = try? KernelTextFile(SlabCache.path(Self.inodeCache, "slabs"))
    dentrySlabs = try? KernelTextFile(SlabCache.path(Self.dentryCache, "slabs"))
    kernelThreads = KernelThreads()
  }

  private static let inodeCache = "xfs_inode"
  private static let dentryCache = "dentry"

  /// One look, into as many words as the layout has.
  ///
  /// - Throws: when a text cannot be read any more, or has another shape than at the beginning.
  func observe(into words: UnsafeMutableBufferPointer<UInt64>) throws(TestbedFailure) {
    precondition(words.count == layout.wordCount, "an observation of \(words.count) words")
    let texts = try refresh()
    set(.takenAtNanoseconds, Clock.monotonicNanoseconds(), words)
    guard vmstatSelection.read(texts.vmstat, into: Self.part(layout.counterWords, of: words)) else {
      throw Self.changed("/proc/vmstat")
    }
    guard BuddyInfo.read(texts.buddyinfo, into: Self.part(layout.blockWords, of: words)) else {
      throw Self.changed("/proc/buddyinfo")
    }
    set(.perCPUFreePages, ZoneInfo.perCPUPages(texts.zoneinfo), words)
    let stall = texts.pressure.map(Pressure.totals)
    set(.pressureSomeMicroseconds, stall?.some, words)
    set(.pressureFullMicroseconds, stall?.full, words)
    set(.inodeSlabs, texts.inodeSlabs.flatMap(FirstNumber.read), words)
    set(.dentrySlabs, texts.dentrySlabs.flatMap(FirstNumber.read), words)
    set(.kswapdNanoseconds, KernelThreads.cpuNanoseconds(kernelThreads.kswapd), words)
    set(.kcompactdNanoseconds, KernelThreads.cpuNanoseconds(kernelThreads.kcompactd), words)
  }

  private struct Texts {
    var vmstat, buddyinfo, zoneinfo: UnsafeRawBufferPointer
    var pressure, inodeSlabs, dentrySlabs: UnsafeRawBufferPointer?
  }

  /// The kernel's part of it, all at once, so that the texts are of one instant as far as that goes.
  private func refresh() throws(TestbedFailure) -> Texts {
    do throws(SystemError) {
      return Texts(
        vmstat: try vmstat.refresh(), buddyinfo: try buddyinfo.refresh(), zoneinfo: try zoneinfo.refresh(),
        pressure: try pressure?.refresh(), inodeSlabs: try inodeSlabs?.refresh(),
        dentrySlabs: try dentrySlabs?.refresh())
    } catch {
      throw TestbedFailure(error, doing: "observe the memory")
    }
  }

  /// One look, as what it means.
  func observe() throws(TestbedFailure) -> MemoryState {
    let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: layout.wordCount)
    defer { words.deallocate() }
    words.initialize(repeating: 0)
    try observe(into: words)
    return layout.state(UnsafeBufferPointer(words))
  }

  /// What cannot be told here, and why.
  func unavailable() -> [Capabilities.Unavailable] {
    var missing: [Capabilities.Unavailable] = []
    if pressure == nil {
      missing.append(.init(what: "pressure stall information", reason: "/proc/pressure/memory cannot be read"))
    }
    for (isThere, cache) in [(inodeSlabs != nil, Self.inodeCache), (dentrySlabs != nil, Self.dentryCache)]
    where !isThere {
      missing.append(
        .init(what: "memory of the cache \(cache)", reason: "\(SlabCache.path(cache, "slabs")) cannot be read"))
    }
    if !KernelThreads.areVisible {
      missing.append(
        .init(
          what: "CPU time of kswapd, kcompactd and kworkers",
          reason: "the kernel's threads are not visible in this PID namespace; in a container add --pid=host"))
    }
    return missing
  }

  private static func part(
    _ range: Range<Int>, of words: UnsafeMutableBufferPointer<UInt64>
  ) -> UnsafeMutableBufferPointer<UInt64> { UnsafeMutableBufferPointer(rebasing: words[range]) }

  private func set(_ word: ObservationLayout.Word, _ value: UInt64?, _ words: UnsafeMutableBufferPointer<UInt64>) {
    words[word.rawValue] = value ?? ObservationLayout.unavailable
  }

  private static func open(_ path: String) throws(TestbedFailure) -> KernelTextFile {
    try attempting("observe the memory") { () throws(SystemError) in try KernelTextFile(path) }
  }

  private static func changed(_ path: String) -> TestbedFailure {
    TestbedFailure(
      .environment, operation: "understand", subject: path,
      reason: "its lines are not those of the beginning of the run",
      advice: "memory must not be added or taken away while a run goes on")
  }
}
