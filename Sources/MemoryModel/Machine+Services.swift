import Experiment

/// The services' work: each creates files and writes them, then reads them back.
extension Machine {
  /// What the services have done so far, all together.
  struct Served {
    var operations: UInt64 = 0
    var durationNanoseconds: UInt64 = 0
    /// How often each latency came.
    var latencies: [UInt64: UInt64] = [:]

    var record: WorkloadRecord {
      let buckets = latencies.sorted { $0.key < $1.key }.map {
        LatencyHistogram.Bucket(nanoseconds: $0.key, count: $0.value)
      }
      return WorkloadRecord(
        operations: operations, durationNanoseconds: durationNanoseconds, latency: LatencyHistogram(buckets: buckets))
    }
  }

  /// The work of one service, whose volume has just been mounted. What is written lies in the cache and is read back from there: that takes
  /// time and no memory.
  mutating func serve(_ work: ServiceWork, on volumes: VolumeFormat, seed: UInt64) -> ServiceRecord {
    let began = clockNanoseconds
    let deadline = began + work.timeoutNanoseconds
    var written: UInt64 = 0
    var failures: [ServiceRecord.Failure] = []
    var slowest: UInt64?
    for bytes in work.sizesBytes(seed: seed) where clockNanoseconds < deadline {
      let start = clockNanoseconds
      letKswapdWork()
      pass(parameters.operationNanoseconds)
      if let call = writeFile(bytes, blockOrder: volumes.blockOrder) {
        let known = failures.firstIndex { $0.operation == call }
        let failure = ServiceRecord.Failure(
          operation: call, errorNumber: CallError.noMemory, files: 1 + (known.map { failures[$0].files } ?? 0))
        if let known { failures[known] = failure } else { failures.append(failure) }
      } else {
        written += 1
      }
      let duration = clockNanoseconds - start
      slowest = max(slowest ?? 0, duration)
      served.latencies[duration, default: 0] += 1
      served.operations += 1
    }
    let left = deadline - min(deadline, clockNanoseconds)
    let each = UInt64(parameters.readFileNanoseconds)
    let read = each == 0 ? written : min(written, left / each)
    clockNanoseconds += read * each
    let duration = clockNanoseconds - began
    served.durationNanoseconds += duration
    return ServiceRecord(
      files: UInt64(work.files), rightFiles: read, failures: failures, durationNanoseconds: duration,
      slowestWriteNanoseconds: slowest)
  }

  /// Creates a file and writes it; the call that finds no memory, or nil.
  private mutating func writeFile(_ bytes: Int, blockOrder: Int) -> String? {
    fileObjectHundredths += parameters.fileObjectPagesHundredths
    while fileObjectHundredths >= 100 {
      guard allocate(order: 0, kind: .object, memoryClass: .fragmenting, mobility: .reclaimable) != nil else {
        return "create"
      }
      objectPages += 1
      fileObjectHundredths -= 100
    }
    let blockBytes = 4096 << blockOrder
    for _ in 0..<((bytes + blockBytes - 1) / blockBytes) {
      guard cacheFolio(blockOrder) else { return "write" }
    }
    return nil
  }

  /// A new folio of a file system's block in the page cache, dirty; smaller ones will not do (mm/filemap.c, `__filemap_get_folio`).
  mutating func cacheFolio(_ order: Int) -> Bool {
    guard let page = allocateInOneRound(order, PageRecord.tag(.file, order: order), .movable) else { return false }
    buddy.pages[page].sibling = writeback.add()
    let zone = buddy.zone(of: page)
    insert(page, zone: zone)
    lru[zone].count += 1 << order - 1
    filePages += 1 << order
    if order == 0 { uncompactableOrder = Int.max }
    if writeback.dirtyFolios(at: clockNanoseconds) << order > dirtyBackgroundPages {
      writeback.start(at: clockNanoseconds)
    }
    return true
  }

  /// From so many dirty pages on they are written in the background (mm/page-writeback.c, `global_dirtyable_memory`,
  /// vm.dirty_background_ratio).
  private var dirtyBackgroundPages: Int {
    var pages = filePages + dataPages
    for place in 0..<zoneCount(.general) {
      let zone = zone(.general, place)
      pages += max(0, buddy.freePages[zone] - plan.zones[zone].highPages - plan.zones[zone].fallbackReservePages)
    }
    return pages * parameters.dirtyBackgroundPercent / 100
  }

  /// Reclaims a folio whole; returns its pages, or nil when it is dirty, which wakes the flusher.
  mutating func evictFolio(_ page: Int, zone: Int) -> Int? {
    guard !writeback.isDirty(buddy.pages[page].sibling, at: clockNanoseconds) else {
      writeback.start(at: clockNanoseconds)
      return nil
    }
    let order = buddy.pages[page].order
    remove(page, zone: zone)
    lru[zone].count -= 1 << order - 1
    filePages -= 1 << order
    if scheme.mergesAnyNeighbours {
      // It need not be aligned.
      for page in page..<(page + 1 << order) { free(page, order: 0, zone: zone) }
    } else {
      free(page, order: order, zone: zone)
    }
    return 1 << order
  }

  /// Whoever reclaims for himself and finds nothing but dirty pages waits for the flusher until there is a batch, half a second at most
  /// (mm/vmscan.c, `consider_reclaim_throttle`). False when nothing is being written.
  mutating func waitForWriteback() -> Bool {
    guard let then = writeback.isClean(folios: parameters.reclaimBatchPages >> writeback.folioOrder),
      then <= clockNanoseconds + 500_000_000
    else { return false }
    clockNanoseconds = max(clockNanoseconds, then)
    return true
  }

  /// How a call fails in the model: for want of memory, as the C library says it.
  enum CallError {
    static let noMemory: Int32 = 12
    static let word = "Cannot allocate memory"
  }
}
