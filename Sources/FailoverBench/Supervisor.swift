import Experiment
import Foundation
import HostJournal
import LinuxHost
import LinuxSystem
import RecordFiles
import SystemPackage

/// The process that the user started: starts the testbed's process and the helper, listens, writes the results, and puts the
/// host back when they cannot.
///
/// It never mounts and never touches a device itself. What hangs, hangs in the testbed's process, and this one goes on.
final class Supervisor {
  struct Options {
    var scenario: Scenario
    /// The run's own directory is made in it, and removed with it.
    var workParent: String
    var stateDirectory: String
    var keepImages: Bool
    var helperPath: String
    var mkfsPath: String
    var pinModulePath: String?
    var ownPath: String
  }

  /// How the testbed's part came to its end, as seen from here.
  private enum TestbedEnd {
    case told(RunEnd)
    /// The process is gone without a word.
    case died
    case mountTimedOut(number: Int, isStuck: Bool)
    case unresponsive
  }

  private let options: Options
  private let session: RunSession
  private let progress: ProgressPrinter
  private var signalNumber: Int32?
  private var deathEnding: ChildProcess.Ending?
  private var testbedLeftovers = Leftovers()
  private var restoreReport: RestoreReport?
  private var testbedEnd: TestbedEnd?
  private var mountUnderWay: Int?
  private var mountBeganNanoseconds: UInt64 = 0
  private var failoverBeganNanoseconds: UInt64 = 0
  /// How long the mount that timed out was waited for.
  private var waitedNanoseconds: UInt64 = 0
  private var cancelledAtNanoseconds: UInt64?
  private var lastEventNanoseconds = Clock.monotonicNanoseconds()
  /// How long an orderly teardown may be silent before it is taken for stuck.
  private static let patienceNanoseconds: UInt64 = 120_000_000_000
  /// How long the testbed may be silent outside a mount: dropping the caches of a large machine, or syncing a slow disk, takes
  /// minutes at the most.
  private static let silenceNanoseconds: UInt64 = 900_000_000_000

  init(_ options: Options, session: RunSession, progress: ProgressPrinter) {
    self.options = options
    self.session = session
    self.progress = progress
  }

  /// Does the run. The lock is held until the host is as before.
  func run(lock: borrowing HostLock) throws -> ExitStatus {
    // Before any other process exists, so that no signal finds nobody at home.
    DescriptorLimit.raise()
    let signals = try SignalDescriptor([SignalDescriptor.interrupt, SignalDescriptor.terminate, SignalDescriptor.hangup])
    var header = try JournalHeader.current(scenario: options.scenario.name)
    header.runID = session.record.runID
    var journal = try Journal.create(in: FilePath(options.stateDirectory), header: header)
    let journalPath = journal.path
    let watch = HostWatch(scenario: options.scenario, runID: session.record.runID)
    if let problem = watch.problem { session.warn(problem) }
    let kernelLog = Optional(try? KernelLogReader())

    var failure: String?
    do {
      let workDirectory = options.workParent + "/failover-bench-" + session.record.runID
      let made = try journal.makeDirectory(FilePath(workDirectory))
      if options.keepImages { try journal.release(made.id) }
      try supervise(signals, lock: lock, journal: &journal, workDirectory: workDirectory)
    } catch {
      failure = "\(error)"
    }
    try? journal.close()

    let report = restoreReport ?? restore(journalPath)
    let texts = KernelTexts.read()
    if !texts.isEmpty { session.handle(.rawTexts(label: "teardown-after", texts: texts)) }
    let difference = watch.difference(after: report)
    // At once, too, and not only in the results: what is not as before the run should be seen by whoever started it.
    for text in report.foreignValue.map({ "left alone: \($0.change): \($0.reason)" }) + difference.foreign {
      progress.note("warning: " + text)
      session.warn(text)
    }
    var leftovers = report.leftovers.map { "\($0.change): \($0.reason)" } + difference.leftovers
    if case .mountTimedOut(let number, true) = testbedEnd { leftovers.insert("mount \(number) hangs in the kernel", at: 0) }
    if let log = kernelLog { session.writeKernelLog(log?.text()) }
    session.readSettingsBack()
    let status = conclude(failure: failure, leftovers: leftovers)
    if let problem = session.finish() {
      progress.note(problem)
      return status == .allServicesUp || status == .serviceStopped ? .broken : status
    }
    return status
  }

  // MARK: - The two other processes

  private func supervise(
    _ signals: borrowing SignalDescriptor, lock: borrowing HostLock, journal: inout Journal, workDirectory: String
  ) throws {
    let (testbedControl, helperControl) = try LineChannel.pair()
    let (ownLifeline, helperLifeline) = try LineChannel.pair()
    let (ownLink, testbedLink) = try LineChannel.pair()
    let lifeline = Descriptor(adopting: ownLifeline)
    var link = try LineChannel(adopting: ownLink)
    let ends = DescriptorSet([testbedControl, helperControl, helperLifeline, testbedLink])

    let helper = try PressureHelperProcess.start(
      path: options.helperPath, control: helperControl, lifeline: helperLifeline, lock: lock.descriptor,
      journal: journal.path.string)
    _ = try recordProcess(helper.processID, role: "pressure helper", journal: &journal)
    let testbed = try ChildProcess(
      spawning: options.ownPath, [TestbedProcess.argument],
      descriptors: [
        (own: testbedLink, child: TestbedProcess.linkDescriptor), (own: testbedControl, child: TestbedProcess.helperDescriptor),
        (own: lock.descriptor, child: TestbedProcess.lockDescriptor),
      ])
    let testbedEntry = try recordProcess(testbed.processID, role: "testbed", journal: &journal)
    // From here on the other processes' ends are theirs alone, or nobody's death would be seen.
    ends.closeAll()

    let job = TestbedJob(
      scenario: options.scenario, runID: session.record.runID, workDirectory: workDirectory, journalPath: journal.path.string,
      mkfsPath: options.mkfsPath, pinModulePath: options.pinModulePath)
    try link.send(String(decoding: JSONEncoder().encode(job), as: UTF8.self))
    var failure: (any Error)?
    do { try listen(signals, link: &link, testbed: testbed.descriptor) } catch {
      // Not left to the handle's own end, which would wait without limit for a process stuck in the kernel.
      failure = error
      testbedEnd = .unresponsive
    }
    if case .told = testbedEnd, testbedLeftovers.items.isEmpty {
      // The testbed stays until the host is as before: should this process be killed on the way, it finishes the work.
      Self.end(helper)
      try? journal.undone(testbedEntry)
      restoreReport = restore(journal.path)
      try? link.send(TestbedProcess.releaseLine)
      end(testbed)
    } else {
      end(testbed)
      // The helper has seen the end of its socket; its lifeline tells it that somebody is there to restore the host.
      Self.end(helper)
    }
    try lifeline.close()
    if let failure { throw failure }
  }

  private static func end(_ helper: consuming ChildProcess) {
    if !helper.hasEnded(withinNanoseconds: 30_000_000_000) { helper.signal(SignalDescriptor.kill) }
    if helper.hasEnded(withinNanoseconds: 5_000_000_000) { _ = helper.wait() } else { helper.abandon() }
  }

  private func recordProcess(_ processID: Int32, role: String, journal: inout Journal) throws -> Int {
    let identity = try ProcessIdentity.of(pid: processID)
    return try journal.record(.process(pid: identity.pid, startTicks: identity.startTicks, role: role))
  }

  private func listen(
    _ signals: borrowing SignalDescriptor, link: inout LineChannel, testbed: Int32
  ) throws {
    while testbedEnd == nil {
      let ready = Poll.readable([signals.descriptor, link.descriptor, testbed], withinNanoseconds: 250_000_000)
      if ready.contains(signals.descriptor) { handleSignals(signals, link: &link) }
      if ready.contains(link.descriptor) || ready.contains(testbed) { try receiveEvents(&link) }
      checkDeadlines()
    }
  }

  private func receiveEvents(_ link: inout LineChannel) throws {
    while true {
      switch try link.receive(withinNanoseconds: 0) {
      case .nothing: return
      case .ended:
        if testbedEnd == nil { testbedEnd = .died }
        return
      case .line(let line):
        lastEventNanoseconds = Clock.monotonicNanoseconds()
        try handle(try EventCoding.event(line))
        if testbedEnd != nil { return }
      }
    }
  }

  private func handle(_ event: RunEvent) throws {
    switch event {
    case .phaseBegan(let phase, _):
      progress.begin(phase)
      if phase == .failover { failoverBeganNanoseconds = lastEventNanoseconds }
    case .phaseEnded(let phase, let duration): progress.end(phase, durationNanoseconds: duration)
    case .progress(_, let done, let total): progress.progress(done: done, total: total)
    case .warning(let text): progress.note("warning: \(text)")
    case .mountBegan(let number):
      mountUnderWay = number
      mountBeganNanoseconds = lastEventNanoseconds
    case .mount: mountUnderWay = nil
    case .ended(let end, let leftovers):
      testbedLeftovers = leftovers
      testbedEnd = .told(end)
    default: break
    }
    session.handle(event)
  }

  private func handleSignals(_ signals: borrowing SignalDescriptor, link: inout LineChannel) {
    while let number = signals.next() {
      if signalNumber == nil {
        signalNumber = number
        cancelledAtNanoseconds = Clock.monotonicNanoseconds()
        progress.note("stopping; everything is put back, partial results are kept")
        try? link.send(TestbedProcess.cancelLine)
      } else {
        progress.note("already stopping; `failover-bench cleanup` restores the host should this process be killed")
      }
    }
  }

  private func checkDeadlines() {
    guard testbedEnd == nil else { return }
    let now = Clock.monotonicNanoseconds()
    if let number = mountUnderWay {
      // The demand has a time limit of its own, kept by the helper; the real mount has the rest, and some grace for both to
      // tell by themselves.
      let limits: UInt64 = options.scenario.mountDemand.blocks.isEmpty ? 1 : 2
      let limit = limits * options.scenario.mountTimeoutNanoseconds + 5_000_000_000
      if now - mountBeganNanoseconds > limit {
        waitedNanoseconds = now - mountBeganNanoseconds
        testbedEnd = .mountTimedOut(number: number, isStuck: false)
      }
    }
    // Whatever is done outside a mount tells of itself far more often than this; what does not is stuck.
    if mountUnderWay == nil, now - lastEventNanoseconds > Self.silenceNanoseconds { testbedEnd = .unresponsive }
    if let cancelledAtNanoseconds {
      let silence = now - max(cancelledAtNanoseconds, lastEventNanoseconds)
      if silence > Self.patienceNanoseconds { testbedEnd = .unresponsive }
    }
  }

  /// Sees the testbed's process out: by itself, else by SIGKILL, else it is stuck in the kernel and left behind by name.
  private func end(_ testbed: consuming ChildProcess) {
    var patience: UInt64 = 30_000_000_000
    switch testbedEnd {
    case .mountTimedOut, .unresponsive:
      testbed.signal(SignalDescriptor.kill)
      patience = 5_000_000_000
    default: break
    }
    if !testbed.hasEnded(withinNanoseconds: patience) {
      testbed.signal(SignalDescriptor.kill)
      if !testbed.hasEnded(withinNanoseconds: 5_000_000_000) {
        if case .mountTimedOut(let number, _) = testbedEnd { testbedEnd = .mountTimedOut(number: number, isStuck: true) }
        testbed.abandon()
        return
      }
    }
    let ending = testbed.wait()
    if case .died = testbedEnd { deathEnding = ending }
  }

  // MARK: - The end

  private func restore(_ journal: FilePath) -> RestoreReport {
    JournalRestorer(LinuxHostOperations()).restore(journal: journal, patience: .seconds(60))
  }

  private func conclude(failure: String?, leftovers: [String]) -> ExitStatus {
    session.setLeftovers(leftovers)
    if let failure {
      session.cutOff(failure)
      return .broken
    }
    switch testbedEnd {
    case .told(.completed):
      return leftovers.isEmpty ? (session.hasStoppedService ? .serviceStopped : .allServicesUp) : .broken
    case .told(.failed(let failure)):
      switch failure.kind {
      case .cancelled: return signalStatus()
      case .environment: return leftovers.isEmpty ? .environment : .broken
      case .fault, .helper: return .broken
      }
    case .mountTimedOut(let number, let isStuck):
      if !options.scenario.mountDemand.blocks.isEmpty {
        session.warn("mount \(number) did not come back: the time given for it includes that of its demand, which was not told apart")
      }
      session.handle(
        .mount(
          MountRecord(
            number: number, outcome: isStuck ? .stuck : .timedOut, startedAtNanoseconds: mountBeganNanoseconds - failoverBeganNanoseconds,
            mountDurationNanoseconds: waitedNanoseconds, threadCPUNanoseconds: nil, sentinelDurationNanoseconds: nil,
            demand: nil,
            background: BackgroundCPU(
              kswapdNanoseconds: nil, kcompactdNanoseconds: nil, kworkerNanoseconds: nil, machineNanoseconds: nil),
            counterDeltas: [:])))
      if isStuck {
        session.cutOff("mount \(number) hangs in the kernel and cannot be killed")
        return .broken
      }
      if signalNumber != nil {
        session.cutOff("stopped by a signal in mount \(number)")
        return signalStatus()
      }
      if options.scenario.keepGoing && number < options.scenario.fileSystems {
        session.cutOff("mount \(number) did not come back, and those behind it could not be tried")
        return .broken
      }
      session.complete()
      return leftovers.isEmpty ? .serviceStopped : .broken
    case .unresponsive:
      session.cutOff("the testbed's process did not answer any more and was killed")
      return signalNumber == nil ? .broken : signalStatus()
    case .died, nil:
      session.cutOff("the testbed's process \(deathEnding.map { "\($0)" } ?? "died")" + (mountUnderWay.map { " in mount \($0)" } ?? ""))
      if signalNumber != nil { return signalStatus() }
      return deathEnding == .exited(ExitStatus.environment.rawValue) && leftovers.isEmpty ? .environment : .broken
    }
  }

  private func signalStatus() -> ExitStatus { signalNumber == SignalDescriptor.terminate ? .terminated : .interrupted }
}
