import Experiment
import Foundation
import HostJournal
import LinuxHost
import LinuxSystem
import RecordFiles
import SystemPackage

/// What the supervisor tells the testbed's process: the first line over the link.
struct TestbedJob: Codable {
  var scenario: Scenario
  var runID: String
  var workDirectory: String
  var journalPath: String
  var mkfsPath: String
  var pinModulePath: String?
}

/// The process that mounts. It is this program started anew with ``argument`` and three descriptors: 3 is the link to the
/// supervisor, 4 the socket to the pressure helper, 5 this run's share in the lock of the host.
enum TestbedProcess {
  static let argument = "testbed-process"
  static let linkDescriptor: Int32 = 3
  static let helperDescriptor: Int32 = 4
  static let lockDescriptor: Int32 = 5
  /// The word that asks for an orderly end.
  static let cancelLine = "cancel"
  /// The word that says that the host is as before and nobody is needed any more.
  static let releaseLine = "release"

  static func run() -> Int32 {
    do {
      try MountNamespace.enter()
      var link = try LineChannel(adopting: linkDescriptor)
      // Should the supervisor be killed, no other run may begin before this one has put the host back.
      let lock = try HostLock.adopt(inherited: lockDescriptor)
      guard case .line(let line) = try link.receive(withinNanoseconds: 60_000_000_000) else { return ExitStatus.broken.rawValue }
      let job = try JSONDecoder().decode(TestbedJob.self, from: Data(line.utf8))
      let context = LinkContext(link)
      do {
        let host = try LinuxTestbed(
          scenario: job.scenario,
          configuration: .init(
            runID: job.runID, workDirectory: job.workDirectory, mkfsPath: job.mkfsPath, helperDescriptor: helperDescriptor,
            pinModulePath: job.pinModulePath),
          journal: try Journal.open(FilePath(job.journalPath)))
        Runner(scenario: job.scenario, context: context).run(host)
      } catch {
        let failure =
          error as? TestbedFailure ?? TestbedFailure(.fault, operation: "start the testbed", reason: "\(error)")
        context.report(.ended(.failed(failure), Leftovers()))
      }
      if !context.waitUntilReleased() { restore(FilePath(job.journalPath)) }
      try lock.release()
      return 0
    } catch {
      // The supervisor sees the end of the link; the reason goes where the user looks.
      StandardError.write("failover-bench: \(error)\n")
      return ((error as? TestbedFailure)?.kind == .fault ? ExitStatus.broken : .environment).rawValue
    }
  }
}

extension TestbedProcess {
  /// Without a supervisor nobody else is left: the helper has ended with the testbed. A supervisor that is just dying may still
  /// count as alive, and the restore is then refused.
  static func restore(_ journal: FilePath) {
    let deadline = Clock.monotonicNanoseconds() + 5_000_000_000
    while true {
      let report = JournalRestorer(LinuxHostOperations()).restore(journal: journal, patience: .seconds(60))
      if report.refusal == nil || Clock.monotonicNanoseconds() > deadline { return }
      Clock.sleep(nanoseconds: 20_000_000)
    }
  }
}

/// Time, cancellation and progress for a testbed whose supervisor is another process.
///
/// The supervisor's death is a cancellation too: the run then tears itself down, with nobody left to tell.
final class LinkContext: RunContext {
  private var link: LineChannel
  private var isCancelled = false
  private var hasEnded = false
  private var isReleased = false
  private var phase = Phase.prepare
  private var lastProgressNanoseconds: UInt64 = 0

  init(_ link: consuming LineChannel) { self.link = link }

  func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }

  func checkpoint() throws(TestbedFailure) {
    look()
    if isCancelled { throw .cancelled }
  }

  /// Stays until the supervisor needs nobody any more; false when it has died.
  func waitUntilReleased() -> Bool {
    while true {
      look()
      if isReleased { return true }
      if hasEnded { return false }
      _ = Poll.isReadable(link.descriptor, withinNanoseconds: 1_000_000_000)
    }
  }

  private func look() {
    while !hasEnded {
      switch try? link.receive(withinNanoseconds: 0) {
      case .nothing: return
      case .line(TestbedProcess.releaseLine):
        isReleased = true
        return
      case .line: isCancelled = true
      case .ended, nil: (isCancelled, hasEnded) = (true, true)
      }
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

  /// A supervisor who is gone is seen at the next look.
  func send(_ line: String) { try? link.send(line) }
}
