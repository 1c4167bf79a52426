import Experiment
import Supervision

/// Shows a supervised run on the terminal and records it in its session.
final class SessionObserver: RunObserver {
  private let session: RunSession
  private let progress: ProgressPrinter

  init(_ session: RunSession, _ progress: ProgressPrinter) {
    self.session = session
    self.progress = progress
  }

  func show(_ event: RunEvent) {
    switch event {
    case .phaseBegan(let phase, _): progress.begin(phase)
    case .phaseEnded(let phase, let duration): progress.end(phase, durationNanoseconds: duration)
    case .progress(_, let done, let total): progress.progress(done: done, total: total)
    case .warning(let text): progress.note("warning: \(text)")
    default: break
    }
  }

  func show(_ text: String) { progress.note(text) }

  func record(_ event: RunEvent) { session.handle(event) }

  func recordKernelLog(_ text: String?) { session.writeKernelLog(text) }
}
