import Experiment

/// When the mounter was at what, in microseconds of the monotonic clock, as a trace has them: nothing has to be written into the trace
/// between two mounts, for the log of the failover tells it.
struct FailoverWindows {
  struct Window: Equatable {
    let mount: Int
    let part: AllocationTrace.Part
    let from: UInt64
    let to: UInt64
  }

  /// One after another; none overlaps another by more than its last microsecond.
  private(set) var all: [Window] = []

  /// - Parameter nanoseconds: of the monotonic clock.
  mutating func add(_ mount: Int, _ part: AllocationTrace.Part, nanoseconds: Range<UInt64>) {
    all.append(
      Window(
        mount: mount, part: part, from: Self.microseconds(nanoseconds.lowerBound),
        to: Self.microseconds(nanoseconds.upperBound)))
  }

  /// Rounded as the trace rounds them (kernel/trace/trace.c, ns2usecs).
  private static func microseconds(_ nanoseconds: UInt64) -> UInt64 { (nanoseconds + 500) / 1000 }

  /// What was under way then, nil between two parts. What falls into the microsecond in which one ends and the next begins is the first's.
  func index(at microseconds: UInt64) -> Int? {
    let index = first(endingNotBefore: microseconds)
    return index < all.count && all[index].from <= microseconds ? index : nil
  }

  /// What was under way in a stretch of time, and for how long of it.
  func overlaps(from begin: UInt64, to end: UInt64) -> [(index: Int, microseconds: UInt64)] {
    guard begin < end else {
      guard let index = index(at: begin) else { return [] }
      return [(index, 0)]
    }
    var overlaps: [(index: Int, microseconds: UInt64)] = []
    for index in first(endingNotBefore: begin)..<all.count {
      let window = all[index]
      if window.from >= end { break }
      let (from, to) = (max(window.from, begin), min(window.to, end))
      if from < to { overlaps.append((index, to - from)) }
    }
    return overlaps
  }

  private func first(endingNotBefore microseconds: UInt64) -> Int {
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle].to < microseconds { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension FailoverWindows {
  /// Adds the parts of a mount from its words in the log.
  ///
  /// - Parameter start: of the failover.
  mutating func add(_ mount: Int, words: UnsafeBufferPointer<UInt64>, start: UInt64) {
    func time(_ word: FailoverLog.MountWord) -> UInt64? {
      ObservationLayout.value(words[word.rawValue]).map { start + $0 }
    }
    guard let begun = time(.startedAt), let end = time(.elapsed), begun <= end else { return }
    let mounting = time(.mountStarted)
    if words[FailoverLog.MountWord.hasDemand.rawValue] == 1,
      case let over:UInt64 = mounting ?? end, begun < over
    {
      add(mount, .demand, nanoseconds: begun..<over)
    }
    guard let mounting, let duration = ObservationLayout.value(words[FailoverLog.MountWord.mount.rawValue]) else {
      return
    }
    let mounted = mounting + duration
    add(mount, .mount, nanoseconds: mounting..<mounted)
    // A volume that was not mounted has no sentinel.
    if time(.sentinel) != nil, mounted < end { add(mount, .service, nanoseconds: mounted..<end) }
  }
}
