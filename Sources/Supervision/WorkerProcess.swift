import Experiment
import HostJournal
import LinuxHost
import LinuxSystem
import RecordFiles
import SystemPackage

/// What a worker is to do: the first line over the link.
protocol WorkerJob: Codable {
  /// As in "cannot start the testbed", when it fails before it can say more.
  static var operation: String { get }
  var journalPath: String { get }

  /// Does it, and reports `ended`. Throws what has kept it from that; it is then reported as the worker's end.
  func perform(journal: consuming Journal, context: LinkContext) throws
}

/// The process that mounts. It is this program started again with an argument that only the supervisor uses, and with
/// the descriptors of ``WorkerLink``.
enum WorkerProcess {
  /// The whole life of a worker.
  ///
  /// Must be called first thing in the program: a mount namespace can only be entered while there is one thread.
  ///
  /// - Returns: the exit code.
  static func run<Job: WorkerJob>(_ type: Job.Type) -> Int32 {
    do {
      // Its own process group is orphaned when the supervisor dies, and the kernel sends SIGHUP to one with a stopped process in it
      // (setpgid(2)): the end of the link is what tells, and the host is to be put back then.
      _ = try SignalDescriptor([SignalDescriptor.hangup])
      try MountNamespace.enter()
      var link = try LineChannel(adopting: WorkerLink.linkDescriptor)
      // Should the supervisor be killed, no other run may begin before this process has put the host back.
      let lock = try HostLock.adopt(inherited: WorkerLink.lockDescriptor)
      guard case .line(let line) = try link.receive(withinNanoseconds: 60_000_000_000) else {
        return ExitStatus.broken.rawValue
      }
      let job = try LineCoding.value(type, from: line)
      let context = LinkContext(link)
      do { try job.perform(journal: try Journal.open(FilePath(job.journalPath)), context: context) } catch {
        let failure = error as? TestbedFailure ?? TestbedFailure(.fault, operation: Job.operation, reason: "\(error)")
        context.report(.ended(.failed(failure), Leftovers()))
      }
      if !context.waitUntilReleased() { restoreAlone(FilePath(job.journalPath)) }
      try lock.release()
      return ExitStatus.allServicesUp.rawValue
    } catch {
      // The supervisor sees the end of the link; the reason goes where the user looks.
      StandardError.write("failover-bench: \(error)\n")
      return ((error as? TestbedFailure)?.kind == .fault ? ExitStatus.broken : .environment).rawValue
    }
  }

  /// Without a supervisor nobody else is left: the helper has ended with the testbed. A supervisor that is just dying
  /// may still count as alive, and the restore is then refused.
  private static func restoreAlone(_ journal: FilePath) {
    let deadline = Clock.monotonicNanoseconds() + 5_000_000_000
    while true {
      let report = JournalRestorer(LinuxHostOperations()).restore(journal: journal, timeout: .seconds(60))
      if report.refusal == nil || Clock.monotonicNanoseconds() > deadline { return }
      Clock.sleep(nanoseconds: 20_000_000)
    }
  }
}
