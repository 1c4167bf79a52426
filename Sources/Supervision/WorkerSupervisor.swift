import Experiment
import HostJournal
import LinuxHost
import LinuxSystem
import RecordFiles
import SystemPackage

/// What a supervisor is to start, and where.
struct SupervisionPlan {
  /// As it is named to others who want the host meanwhile.
  var name: String
  var runID: String
  var stateDirectory: String
  /// Made for the worker, and removed with all that is in it.
  var workDirectory: String
  var keepsWorkDirectory = false
  /// The worker's program and arguments.
  var executable: String
  var arguments: [String]
  /// The worker, in the journal.
  var role: String
  /// The pressure helper's program, where the worker needs one.
  var helperPath: String?
  /// What is mounted, where that is measured.
  var failover: FailoverPlan?
  var timeouts: WorkerTimeouts
  /// The worker's job, from the path of the journal: the first line over the link.
  var job: (_ journalPath: String) throws -> String
}

/// The part of a run whose measurements come by a log.
struct FailoverPlan {
  var mounts: Int
  var demand: MountDemand
}

/// Hears what comes from the worker.
protocol WorkerListener: AnyObject {
  func received(_ event: RunEvent)
  /// What the worker was started for. Throws when it cannot be understood: the worker is then ended.
  func received(result: String) throws
  /// The user has asked to stop, for the first time or once more.
  func receivedSignal(isFirst: Bool)
}

/// What the supervisor knows when the worker is gone and the host is restored.
struct SupervisedEnd {
  /// nil when there never was a worker.
  var worker: WorkerEnd?
  /// The first that came.
  var signal: Int32?
  /// What went wrong on this side.
  var failure: String?
  var restore: RestoreReport
}

/// The process that the user started: starts the worker (and the helper), listens, and restores the host from the
/// journal.
///
/// It never mounts and never touches a device itself. What hangs, hangs in the worker, and this one goes on.
final class WorkerSupervisor {
  private let plan: SupervisionPlan
  private unowned let listener: any WorkerListener
  private let restore: (FilePath, _ timeout: Duration) -> RestoreReport
  private var deadlines: WorkerDeadlines
  private var end: WorkerEnd?
  private var workerLeftovers = Leftovers()
  private var signalNumber: Int32?
  private var log: FailoverLog?
  /// Records of the log that the listener has had.
  private var heard = 0
  /// How many mounts were shown last, and when.
  private var shown: (mounts: Int, at: UInt64) = (0, 0)

  /// - Parameter restore: restores the host from the journal at this path, and waits at most that long for what is busy.
  init(
    _ plan: SupervisionPlan, listener: any WorkerListener,
    restore: @escaping (FilePath, _ timeout: Duration) -> RestoreReport = {
      JournalRestorer(LinuxHostOperations()).restore(journal: $0, timeout: $1)
    }
  ) {
    (self.plan, self.listener, self.restore) = (plan, listener, restore)
    deadlines = WorkerDeadlines(plan.timeouts, startedAt: Clock.monotonicNanoseconds())
  }

  /// Sees the worker from its start to its end. The lock is held until the host is restored.
  ///
  /// Throws when the journal cannot be made: nothing has been changed then. Everything later is in what it returns.
  func run(lock: borrowing HostLock) throws -> SupervisedEnd {
    // Before any other process exists, so that no signal is lost.
    let signals = try SignalDescriptor([
      SignalDescriptor.interrupt, SignalDescriptor.terminate, SignalDescriptor.hangup,
    ])
    var header = try JournalHeader.current(scenario: plan.name)
    header.runID = plan.runID
    var journal = try Journal.create(in: FilePath(plan.stateDirectory), header: header)
    let journalPath = journal.path
    var failure: String?
    var report: RestoreReport?
    do {
      let made = try journal.makeDirectory(FilePath(plan.workDirectory))
      if plan.keepsWorkDirectory { try journal.release(made.id) }
      report = try supervise(signals, lock: lock, journal: &journal)
    } catch {
      failure = "\(error)"
    }
    try? journal.close()
    return SupervisedEnd(
      worker: end, signal: signalNumber, failure: failure, restore: report ?? restore(journalPath, .seconds(60)))
  }

  /// - Returns: what was restored already; nil when that is still to be done.
  private func supervise(
    _ signals: borrowing SignalDescriptor, lock: borrowing HostLock, journal: inout Journal
  ) throws -> RestoreReport? {
    let (ownLink, workerLink) = try LineChannel.pair()
    let workerEnd = DescriptorSet([workerLink])
    var link = try LineChannel(adopting: ownLink)
    var descriptors = [(own: workerLink, child: WorkerLink.linkDescriptor)]
    var helper: RunningHelper?
    if let path = plan.helperPath {
      let started = try RunningHelper(path: path, lock: lock, journal: &journal)
      descriptors.append((own: started.workerDescriptor, child: WorkerLink.helperDescriptor))
      helper = consume started
    }
    descriptors.append((own: lock.descriptor, child: WorkerLink.lockDescriptor))
    if let failover = plan.failover {
      let made = try FailoverLog(mounts: failover.mounts)
      descriptors.append((own: made.descriptor, child: WorkerLink.logDescriptor))
      log = consume made
    }
    let worker = try ChildProcess(spawning: plan.executable, plan.arguments, descriptors: descriptors)
    let entry = try journal.recordProcess(worker.processID, role: plan.role)
    // From here on the worker's ends are its alone, or nobody would see its death.
    workerEnd.closeAll()
    helper?.closeWorkerEnd()

    var failure: (any Error)?
    do {
      try send(plan.job(journal.path.string), link: &link)
      try listen(signals, link: &link, worker: worker.descriptor)
    } catch {
      // Not left to the handle's own end, which would wait without limit for a process stuck in the kernel.
      failure = error
      end = .unresponsive
    }
    // All that a worker has left that did not come to report its end.
    hearLog()
    var report: RestoreReport?
    if end?.isReported == true, workerLeftovers.items.isEmpty {
      // The worker stays until the host is restored: should this process be killed on the way, it finishes the work.
      helper.take()?.seeOut()
      try? journal.undone(entry)
      let first = restore(journal.path, .seconds(60))
      try? link.send(WorkerLink.release)
      seeOut(worker)
      // Perhaps it was the worker that held what is left.
      report = first.isClean ? first : first.followed(by: restore(journal.path, .seconds(30)))
    } else {
      // What could not be put back, such as a mount that is still in use, is let go by the kernel with the worker, not
      // before.
      if end?.isReported == true { try? link.send(WorkerLink.release) }
      seeOut(worker)
      helper.take()?.seeOut()
    }
    if let failure { throw failure }
    return report
  }

  /// A worker that died before it was told anything is found dead by ``listen``, which knows how it died.
  private func send(_ job: String, link: inout LineChannel) throws(SystemError) {
    do { try link.send(job) } catch { guard error.errno == .brokenPipe else { throw error } }
  }

  private func listen(_ signals: borrowing SignalDescriptor, link: inout LineChannel, worker: Int32) throws {
    while end == nil {
      let ready = Poll.readable([signals.descriptor, link.descriptor, worker], withinNanoseconds: 100_000_000)
      if ready.contains(signals.descriptor) { receiveSignals(signals, link: &link) }
      if ready.contains(link.descriptor) || ready.contains(worker) { try receiveMessages(&link) }
      look()
      if end == nil { end = deadlines.overrun(at: Clock.monotonicNanoseconds()) }
    }
  }

  /// Looks how far the failover is. What it has measured is taken in while one mount takes its time, and at its end: to do so between two
  /// quick ones would change what is measured.
  private func look() {
    guard var progress = log?.progress, progress.startedAtNanoseconds != nil else { return }
    let now = Clock.monotonicNanoseconds()
    if let mount = progress.underWay, now - min(now, mount.beganAtNanoseconds) > 1_000_000_000 {
      hearLog()
      // Files may have taken their time.
      progress = log?.progress ?? progress
    }
    deadlines.saw(progress, at: Clock.monotonicNanoseconds())
    // To show it takes a processor that the mounts may want.
    guard deadlines.isInFailover, progress.mountsDone != shown.mounts, now - shown.at > 1_000_000_000 else { return }
    shown = (progress.mountsDone, now)
    showProgress()
  }

  private func showProgress() {
    guard let done = log?.progress.mountsDone, let failover = plan.failover else { return }
    listener.received(.progress(.failover, done: UInt64(done), total: UInt64(failover.mounts)))
  }

  /// Has the listener hear what is new in the log.
  private func hearLog() {
    guard let failover = plan.failover, log != nil else { return }
    let events = log!.events(after: heard, demand: failover.demand)
    heard += events.count { if case .observation = $0 { true } else { false } }
    for event in events { listener.received(event) }
  }

  private func receiveSignals(_ signals: borrowing SignalDescriptor, link: inout LineChannel) {
    while let number = signals.next() {
      let isFirst = signalNumber == nil
      if isFirst {
        signalNumber = number
        deadlines.cancelled(at: Clock.monotonicNanoseconds())
        try? link.send(WorkerLink.cancel)
      }
      listener.receivedSignal(isFirst: isFirst)
    }
  }

  private func receiveMessages(_ link: inout LineChannel) throws {
    while end == nil {
      switch try link.receive(withinNanoseconds: 0) {
      case .nothing: return
      case .ended:
        look()
        end = .died(crashStatus: nil, inMount: deadlines.mountUnderWay)
      case .line(let line):
        let message = try WorkerLink.Message(line)
        let now = Clock.monotonicNanoseconds()
        // What was measured before comes before.
        hearLog()
        switch message {
        case .synchronize: try? link.send(WorkerLink.synchronized)
        case .result(let result):
          deadlines.received(nil, at: now)
          try listener.received(result: result)
        case .event(let event):
          deadlines.received(event, at: now)
          // Not what was shown last: that may be a second ago.
          if case .phaseEnded(.failover, _) = event { showProgress() }
          if case .ended(let reported, let leftovers) = event {
            workerLeftovers = leftovers
            end = .reported(reported)
          }
          listener.received(event)
        }
      }
    }
  }

  /// Sees the worker out: by itself, else by SIGKILL, else it is stuck in the kernel and left behind.
  private func seeOut(_ worker: consuming ChildProcess) {
    var timeout: UInt64 = 30_000_000_000
    switch end {
    case .mountTimedOut, .unresponsive:
      worker.signal(SignalDescriptor.kill)
      timeout = 5_000_000_000
    default: break
    }
    let ending = worker.seeOut(withinNanoseconds: timeout)
    switch end {
    case .died(_, let mount): end = .died(crashStatus: ending, inMount: mount)
    case .mountTimedOut(let mount, _): end = .mountTimedOut(mount, isStuck: ending == nil)
    default: break
    }
  }
}

extension RestoreReport {
  /// Of two restores from one journal: what both have done, and what is left after the second.
  fileprivate func followed(by second: RestoreReport) -> RestoreReport {
    var report = second
    report.restored = restored + second.restored
    report.alreadyAsBefore = alreadyAsBefore + second.alreadyAsBefore
    report.foreignValue = foreignValue + second.foreignValue
    report.notices = notices + second.notices
    return report
  }
}
