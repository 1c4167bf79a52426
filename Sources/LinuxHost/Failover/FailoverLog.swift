public import Experiment
public import LinuxSystem

/// What is measured of the failover, in memory that the worker and its supervisor share.
///
/// Between two mounts the worker stores numbers there and makes no system call for it: nothing is formatted, sent or written, for in
/// that time the kernel would put in order what the next mount is to find. The supervisor looks when it likes, knows of a mount that
/// does not come back, and has everything should the worker die.
///
/// One word says what is complete, and is stored last. Words before the records: see ``Head``; then the layout as text.
public struct FailoverLog: ~Copyable {
  /// How far the failover is.
  public struct Progress: Equatable, Sendable {
    /// Of the monotonic clock, which all processes of a machine share; nil before the failover.
    public var startedAtNanoseconds: UInt64?
    /// Mounts that were tried, with the observation after each.
    public var mountsDone: Int
    /// The mount under way and when it began, of the same clock.
    public var underWay: (number: Int, beganAtNanoseconds: UInt64)?
    /// When the work of its service began; nil where it is not mounted yet.
    public var serviceBeganAtNanoseconds: UInt64?

    public init(
      startedAtNanoseconds: UInt64?, mountsDone: Int, underWay: (Int, UInt64)?,
      serviceBeganAtNanoseconds: UInt64? = nil
    ) {
      (self.startedAtNanoseconds, self.mountsDone) = (startedAtNanoseconds, mountsDone)
      self.serviceBeganAtNanoseconds = serviceBeganAtNanoseconds
      self.underWay = underWay.map { ($0.0, $0.1) }
    }

    public static func == (one: Self, other: Self) -> Bool {
      one.startedAtNanoseconds == other.startedAtNanoseconds && one.mountsDone == other.mountsDone
        && one.underWay?.number == other.underWay?.number
        && one.underWay?.beganAtNanoseconds == other.underWay?.beganAtNanoseconds
        && one.serviceBeganAtNanoseconds == other.serviceBeganAtNanoseconds
    }
  }

  private enum Head: Int, CaseIterable {
    case layoutBytes, startedAt, underWayBeganAt, underWay
    /// Records that are complete: 1 with the observation before the first mount.
    case committed
    case serviceBeganAt
  }

  /// Of one mount, before the words of the observation after it.
  enum MountWord: Int, CaseIterable {
    case outcome, outcomeDetail, startedAt, elapsed, mountStarted, mount, threadCPU, sentinel
    case hasDemand, demandMet, demandHeldBlocks, demandDuration, demandRetries, demandCPU, demandConversation
    case serviceFiles, serviceRight, serviceDuration, serviceSlowest
    /// And two more: operation, errno and files of the first kind of failure; those of the others follow.
    case serviceFailures

    /// With the words of all failures.
    static let count = allCases.count - 1 + 3 * ServiceWorker.Result.mostFailures
  }

  private static let layoutStart = 64
  private static let layoutWords = 8 << 10
  private static let recordStart = layoutStart + layoutWords
  /// Room for the zones of a hundred nodes; what is not touched takes no memory.
  private static let mostWordsPerRecord = 4096

  private let memory: SharedMemory
  private let mounts: Int
  private var layout: ObservationLayout?

  /// Makes the log of so many mounts: the supervisor's part.
  public init(mounts: Int) throws(SystemError) {
    memory = try SharedMemory(
      "failover-bench-log", words: Self.recordStart + (mounts + 1) * Self.mostWordsPerRecord)
    self.mounts = mounts
  }

  /// Takes over the log that was made by another process.
  public init(adopting descriptor: Int32) throws(SystemError) {
    memory = try SharedMemory(adopting: descriptor)
    mounts = (memory.words.count - Self.recordStart) / Self.mostWordsPerRecord - 1
  }

  /// For the process that is to write it.
  public var descriptor: Int32 { memory.descriptor }
}

/// The worker's side.
extension FailoverLog {
  /// Says what an observation consists of, and touches every page that will be written, so that none has to be found later.
  mutating func begin(_ layout: ObservationLayout) throws(TestbedFailure) {
    let text = Array(layout.description.utf8)
    guard text.count <= Self.layoutWords * 8, Self.recordWords(layout) <= Self.mostWordsPerRecord else {
      throw TestbedFailure(
        .environment, operation: "keep a log of the failover", reason: "\(layout.zones.count) zones are too many for it"
      )
    }
    UnsafeMutableRawBufferPointer(rebasing: bytes(of: Self.layoutStart, text.count)).copyBytes(from: text)
    self.layout = layout
    let all = Self.recordStart..<Self.recordStart + (mounts + 1) * Self.recordWords(layout)
    UnsafeMutableBufferPointer(rebasing: memory.words[all]).update(repeating: 0)
    memory.store(UInt64(text.count), at: Head.layoutBytes.rawValue)
  }

  /// The clock of the failover starts.
  func started(at nanoseconds: UInt64) { memory.store(nanoseconds, at: Head.startedAt.rawValue) }

  /// Mount `number` begins: should nothing follow, it is the one that hangs.
  func began(_ number: Int, at nanoseconds: UInt64) {
    memory.store(0, at: Head.serviceBeganAt.rawValue)
    memory.store(nanoseconds, at: Head.underWayBeganAt.rawValue)
    memory.store(UInt64(number), at: Head.underWay.rawValue)
  }

  /// The mount under way is done, and its service begins to work: should nothing follow, it is that which hangs.
  func serviceBegan(at nanoseconds: UInt64) { memory.store(nanoseconds, at: Head.serviceBeganAt.rawValue) }

  /// The words of mount `number`; nothing is in them yet.
  func mountWords(_ number: Int) -> UnsafeMutableBufferPointer<UInt64> {
    words(of: number, 0..<MountWord.count)
  }

  /// The words of the observation after mount `number`; 0 for the one before the first.
  func observationWords(after number: Int) -> UnsafeMutableBufferPointer<UInt64> {
    words(of: number, MountWord.count..<Self.recordWords(layout!))
  }

  /// Mount `number`, or the observation before the first, is complete.
  func commit(_ number: Int) {
    memory.store(0, at: Head.underWay.rawValue)
    memory.store(UInt64(number) + 1, at: Head.committed.rawValue)
  }
}

/// The supervisor's side.
extension FailoverLog {
  /// How far the worker is.
  public var progress: Progress {
    let committed = Int(memory.load(Head.committed.rawValue))
    let number = Int(memory.load(Head.underWay.rawValue))
    let startedAt = memory.load(Head.startedAt.rawValue)
    let serviceBeganAt = memory.load(Head.serviceBeganAt.rawValue)
    return Progress(
      startedAtNanoseconds: startedAt == 0 ? nil : startedAt, mountsDone: max(0, committed - 1),
      underWay: number == 0 ? nil : (number, memory.load(Head.underWayBeganAt.rawValue)),
      serviceBeganAtNanoseconds: number == 0 || serviceBeganAt == 0 ? nil : serviceBeganAt)
  }

  /// How many records are complete.
  public var committed: Int { Int(memory.load(Head.committed.rawValue)) }

  /// What is complete of the failover beyond the first `known` records, as the events of a run: the observation before the first mount,
  /// then each mount with the observation after it.
  ///
  /// - Parameter demand: the blocks that each mount has asked for.
  public mutating func events(after known: Int, demand: MountDemand) -> [RunEvent] {
    let committed = min(committed, mounts + 1)
    guard known < committed else { return [] }
    if layout == nil {
      let text = bytes(of: Self.layoutStart, Int(memory.load(Head.layoutBytes.rawValue)))
      layout = ObservationLayout(String(decoding: text, as: UTF8.self))
    }
    guard let layout else { return [] }
    var events: [RunEvent] = []
    for number in known..<committed {
      let after = UnsafeBufferPointer(observationWords(after: number))
      if number > 0 {
        let before = UnsafeBufferPointer(observationWords(after: number - 1))
        events.append(
          .mount(
            MountRecord(
              number: number, words: UnsafeBufferPointer(mountWords(number)), demand: demand,
              background: layout.background(from: before, to: after),
              counterDeltas: layout.counterDeltas(from: before, to: after))))
      }
      events.append(.observation(Observation(afterMount: number, state: layout.state(after))))
    }
    return events
  }

  private static func recordWords(_ layout: ObservationLayout) -> Int { MountWord.count + layout.wordCount }

  private func words(of number: Int, _ range: Range<Int>) -> UnsafeMutableBufferPointer<UInt64> {
    precondition((0...mounts).contains(number), "the log has no mount \(number)")
    let start = Self.recordStart + number * Self.recordWords(layout!)
    return UnsafeMutableBufferPointer(rebasing: memory.words[start + range.lowerBound..<start + range.upperBound])
  }

  private func bytes(of word: Int, _ count: Int) -> Slice<UnsafeMutableRawBufferPointer> {
    UnsafeMutableRawBufferPointer(memory.words)[word * 8..<word * 8 + min(count, Self.layoutWords * 8)]
  }
}
