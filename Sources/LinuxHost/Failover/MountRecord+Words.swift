import Experiment
import LinuxSystem
import SystemPackage

/// A mount as numbers, which is how the worker keeps it between two mounts.
struct MountMeasurement {
  /// Why a service did not come up, or that it did.
  ///
  /// Whether a service is degraded its own words tell.
  enum Outcome: UInt64 {
    case mounted, mountFailed, sentinelDiffers, sentinelUnreadable, demandNotMet, timedOut, marginReached, oomKilled
  }

  var outcome = Outcome.mounted
  /// errno of a call that failed, the order of the block that could not be had, or the bytes that were available.
  var outcomeDetail: UInt64 = 0
  var startedAtNanoseconds: UInt64 = 0
  var elapsedNanoseconds: UInt64 = 0
  /// Behind the demand, from the start of the failover; nil when it was not tried.
  var mountStartedAtNanoseconds: UInt64?
  var mountNanoseconds: UInt64?
  var threadCPUNanoseconds: UInt64?
  var sentinelNanoseconds: UInt64?
  var demand: DemandRecord?
  var service: ServiceWorker.Result?

  /// Writes it into the words of a log.
  func store(in words: UnsafeMutableBufferPointer<UInt64>) {
    func set(_ word: FailoverLog.MountWord, _ value: UInt64?) {
      words[word.rawValue] = value ?? ObservationLayout.unavailable
    }
    set(.outcome, outcome.rawValue)
    set(.outcomeDetail, outcomeDetail)
    set(.startedAt, startedAtNanoseconds)
    set(.elapsed, elapsedNanoseconds)
    set(.mountStarted, mountStartedAtNanoseconds)
    set(.mount, mountNanoseconds)
    set(.threadCPU, threadCPUNanoseconds)
    set(.sentinel, sentinelNanoseconds)
    set(.hasDemand, demand == nil ? 0 : 1)
    set(.demandMet, demand?.isMet == true ? 1 : 0)
    set(.demandHeldBlocks, demand?.heldBlocks)
    set(.demandDuration, demand?.durationNanoseconds)
    set(.demandRetries, demand?.retries)
    set(.demandCPU, demand?.cpuNanoseconds)
    set(.demandConversation, demand?.conversationNanoseconds)
    set(.serviceFiles, service?.files)
    set(.serviceRight, service?.rightFiles)
    set(.serviceDuration, service?.durationNanoseconds)
    set(.serviceSlowest, service?.slowestWriteNanoseconds)
    for (index, failure) in (service?.failures ?? []).enumerated() {
      let word = FailoverLog.MountWord.serviceFailures.rawValue + 3 * index
      words[word] = failure.operation.rawValue
      words[word + 1] = UInt64(failure.errorNumber)
      words[word + 2] = failure.files
    }
  }
}

extension MountRecord {
  /// Of what ``MountMeasurement/store(in:)`` has written.
  init(
    number: Int, words: UnsafeBufferPointer<UInt64>, demand: MountDemand, background: BackgroundCPU,
    counterDeltas: [String: UInt64]
  ) {
    func word(_ word: FailoverLog.MountWord) -> UInt64? { ObservationLayout.value(words[word.rawValue]) }
    let service = ServiceWorker.Result(words).map(ServiceRecord.init)
    var outcome = MountOutcome(
      MountMeasurement.Outcome(rawValue: words[FailoverLog.MountWord.outcome.rawValue]) ?? .timedOut,
      detail: word(.outcomeDetail) ?? 0)
    if outcome == .mounted, let service {
      outcome = MountOutcome(service) { "\(Errno(rawValue: $0))" }
    }
    self.init(
      number: number, outcome: outcome, startedAtNanoseconds: word(.startedAt) ?? 0,
      elapsedNanoseconds: word(.elapsed), mountDurationNanoseconds: word(.mount),
      threadCPUNanoseconds: word(.threadCPU), sentinelDurationNanoseconds: word(.sentinel),
      demand: word(.hasDemand) == 1
        ? DemandRecord(
          demanded: demand.blocks, isMet: word(.demandMet) == 1, heldBlocks: word(.demandHeldBlocks) ?? 0,
          durationNanoseconds: word(.demandDuration) ?? 0, retries: word(.demandRetries) ?? 0,
          cpuNanoseconds: word(.demandCPU), conversationNanoseconds: word(.demandConversation)) : nil, service: service,
      background: background, counterDeltas: counterDeltas)
  }
}

extension MountOutcome {
  fileprivate init(_ outcome: MountMeasurement.Outcome, detail: UInt64) {
    let errno = Errno(rawValue: Int32(truncatingIfNeeded: detail))
    switch outcome {
    case .mounted: self = .mounted
    case .mountFailed: self = .failed(operation: "mount", errorNumber: errno.rawValue, reason: "\(errno)")
    case .sentinelDiffers:
      self = .sentinelWrong(reason: "the sentinel file does not hold what was written to it")
    case .sentinelUnreadable: self = .sentinelWrong(reason: "the sentinel file cannot be read: \(errno)")
    case .demandNotMet: self = .demandNotMet(order: Int(detail), errorNumber: Errno.noMemory.rawValue)
    case .timedOut: self = .timedOut
    case .marginReached:
      self = .outOfMemory(
        reason: "\(ByteSize.humanText(detail)) were available, and the OOM killer would have come next")
    case .oomKilled: self = .outOfMemory(reason: "the OOM killer came, and took the pressure helper first")
    }
  }
}

extension ServiceWorker.Result {
  /// nil where there was no service.
  init?(_ words: UnsafeBufferPointer<UInt64>) {
    func word(_ word: FailoverLog.MountWord) -> UInt64? { ObservationLayout.value(words[word.rawValue]) }
    guard let files = word(.serviceFiles), files > 0 else { return nil }
    self.init(files: Int(files))
    rightFiles = word(.serviceRight) ?? 0
    durationNanoseconds = word(.serviceDuration) ?? 0
    slowestWriteNanoseconds = word(.serviceSlowest)
    for index in 0..<Self.mostFailures {
      let first = FailoverLog.MountWord.serviceFailures.rawValue + 3 * index
      guard let operation = ServiceWorker.Operation(rawValue: words[first]) else { break }
      failures.append(
        .init(operation: operation, errorNumber: Int32(truncatingIfNeeded: words[first + 1]), files: words[first + 2]))
    }
  }
}
