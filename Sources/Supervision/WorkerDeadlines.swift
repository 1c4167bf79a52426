import Experiment
import LinuxHost

/// How long a worker may be silent. In nanoseconds.
struct WorkerTimeouts: Equatable {
  /// Outside a mount. What is done there reports progress far more often; what does not is stuck.
  var silence: UInt64
  /// After it was asked to stop; nil where `silence` is short enough.
  var silenceAfterCancel: UInt64?
  /// Inside a mount; nil where mounts are not told apart.
  var mount: UInt64?
  /// Inside the work of a service, which watches its own time between two files.
  var service: UInt64?

  /// Of a run: dropping the caches of a large machine, or syncing a slow disk, takes minutes at the most.
  ///
  /// The demand has a time limit of its own, kept by the helper; the real mount has the rest, and some grace for both
  /// to report themselves.
  static func run(_ scenario: Scenario) -> WorkerTimeouts {
    let limits: UInt64 = scenario.mountDemand.blocks.isEmpty ? 1 : 2
    return WorkerTimeouts(
      silence: 900_000_000_000, silenceAfterCancel: 120_000_000_000,
      mount: limits * scenario.mountTimeoutNanoseconds + grace,
      service: scenario.service.timeoutNanoseconds + grace)
  }

  private static let grace: UInt64 = 5_000_000_000

  /// Of a profile: a mkfs or a mount on a slow disk takes seconds.
  static let profile = WorkerTimeouts(silence: 180_000_000_000)
}

/// Knows from a worker's events whether it has been silent for too long. Times are of a monotonic clock.
struct WorkerDeadlines {
  private let timeouts: WorkerTimeouts
  private var lastEventNanoseconds: UInt64
  private var cancelledAtNanoseconds: UInt64?
  private(set) var isInFailover = false
  private var failover = FailoverLog.Progress(startedAtNanoseconds: nil, mountsDone: 0, underWay: nil)

  /// The mount that has begun and not ended.
  var mountUnderWay: Int? { underWay?.number }

  /// Not behind the failover: a mount that could not come to its end, because the run broke off in it, has no time limit any more.
  private var underWay: (number: Int, beganAtNanoseconds: UInt64)? { isInFailover ? failover.underWay : nil }

  init(_ timeouts: WorkerTimeouts, startedAt now: UInt64) {
    self.timeouts = timeouts
    lastEventNanoseconds = now
  }

  /// Something has come from the worker, an event or something else.
  mutating func received(_ event: RunEvent?, at now: UInt64) {
    lastEventNanoseconds = now
    switch event {
    case .phaseBegan(let phase, _): isInFailover = phase == .failover
    case .phaseEnded: isInFailover = false
    default: break
    }
  }

  /// How far the failover is, of which no events come.
  mutating func saw(_ progress: FailoverLog.Progress, at now: UInt64) {
    if progress.mountsDone > failover.mountsDone { lastEventNanoseconds = now }
    failover = progress
  }

  /// The worker was asked to stop.
  mutating func cancelled(at now: UInt64) { cancelledAtNanoseconds = now }

  /// How the worker's time came to its end; nil while it may go on.
  func overrun(at now: UInt64) -> WorkerEnd? {
    if let cancelledAtNanoseconds, let timeout = timeouts.silenceAfterCancel,
      now - max(cancelledAtNanoseconds, lastEventNanoseconds) > timeout
    {
      return .unresponsive
    }
    guard let mount = underWay else {
      return now - lastEventNanoseconds > timeouts.silence ? .unresponsive : nil
    }
    let waited = now - min(now, mount.beganAtNanoseconds)
    let served = failover.serviceBeganAtNanoseconds.map { now - min(now, $0) }
    guard let timeout = served == nil ? timeouts.mount : timeouts.service, served ?? waited > timeout else {
      return nil
    }
    return .mountTimedOut(
      OverdueMount(
        number: mount.number,
        startedAtNanoseconds: mount.beganAtNanoseconds - (failover.startedAtNanoseconds ?? mount.beganAtNanoseconds),
        waitedNanoseconds: waited, servedNanoseconds: served),
      isStuck: false)
  }
}
