import Experiment
import LinuxSystem
import RecordFiles

/// Time, cancellation and progress for a worker whose supervisor is another process.
///
/// The supervisor's death is a cancellation too: the worker then puts everything back itself, with nobody left to tell.
final class LinkContext: RunContext {
  private var link: LineChannel
  private var isCancelled = false
  private var hasEnded = false
  private var isReleased = false
  private var isSynchronized = false
  private var phase = Phase.prepare
  private var lastProgressNanoseconds: UInt64 = 0

  init(_ link: consuming LineChannel) { self.link = link }

  func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }

  func checkpoint() throws(TestbedFailure) {
    readLink()
    if isCancelled { throw .cancelled }
  }

  /// Waits until the supervisor does not need this process any more; false when the supervisor has died.
  func waitUntilReleased() -> Bool {
    while true {
      readLink()
      if isReleased { return true }
      if hasEnded { return false }
      _ = Poll.isReadable(link.descriptor, withinNanoseconds: 1_000_000_000)
    }
  }

  private func readLink() {
    while !hasEnded {
      switch try? link.receive(withinNanoseconds: 0) {
      case .nothing: return
      case .line(WorkerLink.release):
        isReleased = true
        return
      case .line(WorkerLink.synchronized): isSynchronized = true
      case .line: isCancelled = true
      case .ended, nil: (isCancelled, hasEnded) = (true, true)
      }
    }
  }

  func waitUntilRecorded() throws(TestbedFailure) {
    isSynchronized = false
    send(WorkerLink.synchronize)
    while !isSynchronized {
      try checkpoint()
      if !isSynchronized { _ = Poll.isReadable(link.descriptor, withinNanoseconds: 1_000_000_000) }
    }
  }

  func progress(done: UInt64, total: UInt64) {
    let now = monotonicNanoseconds()
    // Ten times a second is more than anybody reads; the last step always goes out.
    guard done == total || now - lastProgressNanoseconds > 100_000_000 else { return }
    lastProgressNanoseconds = now
    report(.progress(phase, done: done, total: total))
  }

  func report(_ event: RunEvent) {
    if case .phaseBegan(let phase, _) = event { self.phase = phase }
    guard let line = try? EventCoding.line(event) else { return }
    send(line)
  }

  /// What the worker was started for, ahead of the event `ended`. Throws when it cannot be encoded.
  func report(result: some Encodable) throws { send(try WorkerLink.line(result: result)) }

  /// That the supervisor is gone is seen at the next checkpoint.
  private func send(_ line: String) { try? link.send(line) }
}
