import Experiment
import Foundation
import HostJournal
import LinuxHost
import LinuxSystem
import RecordFiles
import SystemPackage

/// The process that the user started: starts the profile's process, listens, and puts the host back when that cannot.
///
/// As ``Supervisor`` it never mounts and never touches a device itself.
final class ProfileSupervisor {
  private let configuration: MountProfiler.Configuration
  private let stateDirectory: String
  private let ownPath: String
  private let progress: CountPrinter
  private var signalNumber: Int32?
  private var measurement: MountProfiler.Measurement?
  private var end: RunEnd?
  private var isUnresponsive = false
  private var lastWordNanoseconds = Clock.monotonicNanoseconds()
  private(set) var warnings: [String] = []
  /// A mkfs or a mount on a slow disk takes seconds; what says nothing for so long is stuck.
  private static let silenceNanoseconds: UInt64 = 180_000_000_000

  init(configuration: MountProfiler.Configuration, stateDirectory: String, ownPath: String, progress: CountPrinter) {
    self.configuration = configuration
    self.stateDirectory = stateDirectory
    self.ownPath = ownPath
    self.progress = progress
  }

  /// Does it. The lock is held until the host is as before.
  func run(lock: borrowing HostLock) throws -> MountProfiler.Measurement {
    let signals = try SignalDescriptor([SignalDescriptor.interrupt, SignalDescriptor.terminate, SignalDescriptor.hangup])
    var header = try JournalHeader.current(scenario: "profile")
    header.runID = configuration.runID
    var journal = try Journal.create(in: FilePath(stateDirectory), header: header)
    let journalPath = journal.path
    var failure: (any Error)?
    do {
      _ = try journal.makeDirectory(FilePath(configuration.workDirectory))
      try supervise(signals, lock: lock, journal: &journal)
    } catch { failure = error }
    try? journal.close()
    // Nothing to do where it was put back already.
    let report = JournalRestorer(LinuxHostOperations()).restore(journal: journalPath, patience: .seconds(60))
    progress.end()
    for exception in report.foreignValue { warnings.append("left alone: \(exception.change): \(exception.reason)") }
    let leftovers = report.leftovers.map { "\($0.change): \($0.reason)" } + report.problems
    if !leftovers.isEmpty {
      throw CommandFailure(
        .broken, "not everything could be put back: \(leftovers.joined(separator: "; ")); `failover-bench cleanup` tries again")
    }
    if let failure { throw CommandFailure(.broken, "\(failure)") }
    return try conclude()
  }

  private func supervise(_ signals: borrowing SignalDescriptor, lock: borrowing HostLock, journal: inout Journal) throws {
    let (ownLink, otherLink) = try LineChannel.pair()
    var link = try LineChannel(adopting: ownLink)
    let ends = DescriptorSet([otherLink])
    let process = try ChildProcess(
      spawning: ownPath, [ProfileProcess.argument],
      descriptors: [(own: otherLink, child: TestbedProcess.linkDescriptor), (own: lock.descriptor, child: TestbedProcess.lockDescriptor)])
    let identity = try ProcessIdentity.of(pid: process.processID)
    let entry = try journal.record(.process(pid: identity.pid, startTicks: identity.startTicks, role: "profile"))
    ends.closeAll()
    let job = ProfileJob(configuration: configuration, journalPath: journal.path.string)
    try link.send(String(decoding: JSONEncoder().encode(job), as: UTF8.self))
    var failure: (any Error)?
    do { try listen(signals, link: &link, process: process.descriptor) } catch {
      failure = error
      isUnresponsive = true
    }
    if end != nil {
      // The other process stays until the host is as before: should this one be killed on the way, it finishes the work.
      try? journal.undone(entry)
      _ = JournalRestorer(LinuxHostOperations()).restore(journal: journal.path, patience: .seconds(60))
      try? link.send(TestbedProcess.releaseLine)
    }
    finish(process)
    if let failure { throw failure }
  }

  private func listen(_ signals: borrowing SignalDescriptor, link: inout LineChannel, process: Int32) throws {
    while end == nil && !isUnresponsive {
      let ready = Poll.readable([signals.descriptor, link.descriptor, process], withinNanoseconds: 250_000_000)
      while let number = signals.next() {
        if signalNumber == nil {
          signalNumber = number
          try? link.send(TestbedProcess.cancelLine)
        }
      }
      if ready.contains(link.descriptor) || ready.contains(process), try !receive(&link) { return }
      if Clock.monotonicNanoseconds() - lastWordNanoseconds > Self.silenceNanoseconds { isUnresponsive = true }
    }
  }

  /// False when the other process is gone.
  private func receive(_ link: inout LineChannel) throws -> Bool {
    while true {
      switch try link.receive(withinNanoseconds: 0) {
      case .nothing: return true
      case .ended: return false
      case .line(let line):
        lastWordNanoseconds = Clock.monotonicNanoseconds()
        if line.hasPrefix(ProfileProcess.measurementMark) {
          let data = Data(line.utf8.dropFirst(ProfileProcess.measurementMark.utf8.count))
          measurement = try JSONDecoder().decode(MountProfiler.Measurement.self, from: data)
        } else {
          handle(try EventCoding.event(line))
        }
      }
    }
  }

  private func handle(_ event: RunEvent) {
    switch event {
    case .progress(_, let done, let total): progress.show(Int(clamping: done), of: Int(clamping: total))
    case .warning(let text): warnings.append(text)
    case .ended(let end, _): self.end = end
    default: break
    }
  }

  /// Sees the process out: by itself, else by SIGKILL, else it is stuck in the kernel and left behind.
  private func finish(_ process: consuming ChildProcess) {
    if isUnresponsive { process.signal(SignalDescriptor.kill) }
    if !process.hasEnded(withinNanoseconds: 30_000_000_000) { process.signal(SignalDescriptor.kill) }
    if process.hasEnded(withinNanoseconds: 5_000_000_000) { _ = process.wait() } else { process.abandon() }
  }

  private func conclude() throws -> MountProfiler.Measurement {
    if let signalNumber {
      throw CommandFailure(
        signalNumber == SignalDescriptor.terminate ? .terminated : .interrupted, "stopped by a signal; everything is put back")
    }
    switch end {
    case .completed:
      guard let measurement else { throw CommandFailure(.broken, "the profile's process ended without a measurement") }
      return measurement
    case .failed(let failure): throw CommandFailure(failure.kind == .environment ? .environment : .broken, "\(failure)")
    case nil:
      throw CommandFailure(
        .broken,
        isUnresponsive
          ? "the profile's process did not answer any more and was killed; the kernel's log may tell why"
          : "the profile's process died; everything is put back")
    }
  }
}
