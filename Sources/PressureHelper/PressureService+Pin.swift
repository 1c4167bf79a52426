import Experiment
import PressureProtocol
import SystemPackage

extension PressureService where Memory: ~Copyable {
  /// Pins single pages until there are as many as asked for or the margin is reached.
  mutating func pin(pages total: UInt64, backend: PinBackend) throws(WorkStop) -> PressureReply {
    let expected = min(total, try look().memAvailableBytes / MarginPolicy.pageBytes)
    if backend == .pipe { try prepareToPin(pages: expected) }
    var done: UInt64 = 0
    while done < total {
      try checkpoint()
      let reading = try look()
      let step = MarginPolicy.pinStepPages(remaining: total - done, reading)
      // Single pages near the margin are not worth a look each: less than a pipe of them is none.
      guard step >= min(total - done, UInt64(PageSource.pages)) else {
        return .marginReached(
          pinnedPages: done, heldBlocks: [], memFreeBytes: reading.memFreeBytes,
          memAvailableBytes: reading.memAvailableBytes, marginBytes: MarginPolicy.marginBytes(reading))
      }
      try take(pages: step, backend)
      done += step
      assert(done <= total)
      channel.send(.progress(donePages: done, totalPages: total))
    }
    return .pinned(pages: done)
  }

  mutating func look() throws(WorkStop) -> MemoryReading {
    do throws(SystemFailure) { return try memory.look() } catch { throw .failed(error) }
  }

  /// Refuses what cannot be finished for want of descriptors, before a single page is pinned.
  private mutating func prepareToPin(pages: UInt64) throws(WorkStop) {
    let pipes = pages / UInt64(pinned.slots) + 1
    guard pipes <= UInt64(max(freeDescriptors, 0)) else {
      throw .failed(
        SystemFailure(
          operation: "pin \(pages) pages", errno: .tooManyOpenFiles,
          advice: "\(pipes) pipes are needed, \(freeDescriptors) descriptors are free; raise `ulimit -n` or pin less"))
    }
    pinned.reserve(pages: pages)
  }

  private mutating func take(pages: UInt64, _ backend: PinBackend) throws(WorkStop) {
    do throws(SystemFailure) {
      switch backend {
      case .pipe:
        try pinned.add(pages: Int(pages), from: source)
      case .mlock:
        try locked.add(pages: Int(pages))
      case .snapmeta, .dmSnapshot:
        preconditionFailure("refused where the request is read")
      }
    } catch {
      throw .failed(error)
    }
  }
}
