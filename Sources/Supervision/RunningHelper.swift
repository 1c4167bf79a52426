import HostJournal
import LinuxHost
import LinuxSystem
import SystemPackage

/// The pressure helper, with the ends of its sockets that are not its own.
struct RunningHelper: ~Copyable {
  private let process: ChildProcess
  /// Its end tells the helper that the supervisor is dead.
  private var lifeline: LineChannel
  private let workerEnd: DescriptorSet
  /// The worker's end of the socket between the two, until ``closeWorkerEnd()``.
  let workerDescriptor: Int32

  /// Starts the helper and puts it into the journal. Throws when either fails.
  init(path: String, lock: borrowing HostLock, journal: inout Journal) throws {
    let (workerControl, helperControl) = try LineChannel.pair()
    let workerEnd = DescriptorSet([workerControl])
    let controlEnd = DescriptorSet([helperControl])
    let (ownLifeline, helperLifeline) = try LineChannel.pair()
    let lifeline = try LineChannel(adopting: ownLifeline)
    let lifelineEnd = DescriptorSet([helperLifeline])
    let process = try PressureHelperProcess.start(
      path: path, control: helperControl, lifeline: helperLifeline, lock: lock.descriptor, journal: journal.path.string)
    _ = try journal.recordProcess(process.processID, role: "pressure helper")
    // From here on these are the helper's alone, or nobody would see its death.
    controlEnd.closeAll()
    lifelineEnd.closeAll()
    self.process = process
    self.lifeline = lifeline
    self.workerEnd = workerEnd
    workerDescriptor = workerControl
  }

  /// Once the worker has it.
  func closeWorkerEnd() { workerEnd.closeAll() }

  /// Sees it out. The end of the worker's socket, or the worker's word, has told it to end; a word on its lifeline, which stays
  /// open until then, that somebody is there to restore the host.
  consuming func seeOut() {
    try? lifeline.send("")
    _ = process.seeOut(withinNanoseconds: 30_000_000_000)
  }
}

extension Journal {
  /// Journals a process of the run: a restore kills it first.
  ///
  /// - Returns: the entry.
  mutating func recordProcess(_ processID: Int32, role: String) throws(JournalError) -> Int {
    let identity = try ProcessIdentity.of(pid: processID)
    return try record(.process(pid: identity.pid, startTicks: identity.startTicks, role: role))
  }
}
