internal import LinuxSystem
public import SystemPackage

/// Puts back what a journal says was changed. May be called any number of times, by any survivor, and be killed at any
/// instant: each step looks at the host first, and a step that is not known to be done is done again.
public struct JournalRestorer<Host: HostOperations> {
  let host: Host

  public init(_ host: Host) {
    self.host = host
  }

  /// Undoes what is pending, latest first, and removes the journal when nothing is left.
  ///
  /// Two survivors do not work at once: the journal is locked (flock(2)), and the second waits for as long as
  /// `timeout` and then finds nothing to do. What is in use is tried again until `timeout` is over: the mount
  /// namespace of a dead child is taken down by the kernel in its own time, and autoclear unbinds the loop devices
  /// only then. Processes of the run that still live are killed first, the calling one excepted; while one of them does not end,
  /// directories and loop devices are left alone, and everything else is put back.
  public func restore(
    journal path: FilePath, timeout: Duration, authority: RestoreAuthority = .processOfTheRun
  ) -> RestoreReport {
    var report = RestoreReport()
    let deadline = Deadline(host, timeout: timeout)
    do throws(JournalError) {
      let file = try JournalFile.open(path, forWriting: true)
      try restore(file, deadline, authority, &report)
    } catch  where error.kind == .systemCall && error.errno == .noSuchFileOrDirectory {
      report.notices.append("there is no \(printable(path.string)): nothing to put back")
    } catch {
      report.problems.append(error.description)
    }
    return report
  }

  private func restore(
    _ file: borrowing JournalFile, _ deadline: Deadline<Host>, _ authority: RestoreAuthority,
    _ report: inout RestoreReport
  ) throws(JournalError) {
    // Asked before the lock is taken, too: a look at a journal in use must not stop its run from writing to it.
    if let refusal = try refusal(try file.contents(), authority) {
      report.refusal = refusal
      return
    }
    while !(try file.lockForRestore()) {
      guard deadline.pause() else {
        report.problems.append("another process has been restoring from \(printable(file.path.string)) all this time")
        return
      }
    }
    guard try file.isLinked() else {
      report.notices.append("another process has put everything back")
      return
    }
    let contents = try file.contents()
    if let refusal = try refusal(contents, authority) {
      report.refusal = refusal
      return
    }
    for problem in contents.problems {
      let text = "\(printable(file.path.string)): \(problem)"
      if problem.isHarmless { report.notices.append(text) } else { report.problems.append(text) }
    }
    guard !contents.cannotBeUsed else { return }

    let undoneAll = try undo(contents, file, deadline, &report)
    guard undoneAll else { return }
    if contents.isDamaged {
      let kept = try file.setAside()
      report.notices.append("the damaged journal is kept as \(printable(kept.string))")
    } else {
      try file.remove()
    }
  }

  /// Why nothing may be touched.
  private func refusal(_ contents: JournalContents, _ authority: RestoreAuthority) throws(JournalError) -> String? {
    switch JournalDirectory.ownerState(of: contents.header, host: host) {
    case .live(let owner):
      if try host.currentProcess() == owner { return nil }
      return "its run is still active (process \(owner.pid)); end it with SIGTERM, or wait"
    case .stale:
      return nil
    case .elsewhere where authority == .hostLockHeld, .unknown where authority == .hostLockHeld:
      return nil
    case .elsewhere:
      return "it belongs to a container; run `failover-bench cleanup` there, or here with the host's /dev"
    case .unknown:
      return "it does not say which run it belongs to; run `failover-bench cleanup` while no run is active"
    }
  }

  /// True when nothing is pending any more.
  private func undo(
    _ contents: JournalContents, _ file: borrowing JournalFile, _ deadline: Deadline<Host>,
    _ report: inout RestoreReport
  ) throws(JournalError) -> Bool {
    let wasRestarted = try contents.header.map { (header) throws(JournalError) in try header.bootID != host.bootID() }
    let isOurPidNamespace = try contents.header.map { (header) throws(JournalError) in
      try header.pidNamespace == host.pidNamespace()
    }
    var step = RestoreStep(
      host: host, bindings: contents.bindings, ownProcess: try host.currentProcess(), isPatient: false)
    let recomputed = contents.recomputed
    var waiting = order(contents.pending, recomputed)
    // Each block has one turn, however late it is: whoever is called again begins with the same ones.
    var tried: Set<Int> = []
    // Those of the nodes that went all at once, when the first of them had its turn.
    var removedNodes: Set<Int>?
    var emptied: UInt64?
    while true {
      // One attempt may take seconds: where some have failed and the time is over, the others of this pass are left.
      var refused: Set<Int> = []
      var left: [(entry: JournalledChange, reason: String, mayEnd: Bool)] = []
      var blocked: Set<HostChange.Resource> = []
      var living: HostChange?
      for entry in waiting {
        let change = entry.change
        // A process that SIGKILL does not end waits in the kernel, for a disk as a rule. Whoever goes to the same file system waits with
        // it: a mere listing of the work directory has hung there (jbd2, do_get_write_access).
        if let living, change.isOfFileSystems {
          left.append((entry, "left alone while the \(living) has not ended", true))
          continue
        }
        // What was done to the same thing later is not undone yet.
        if blocked.contains(change.resource) {
          left.append((entry, "a later change to it has not been restored yet", true))
          continue
        }
        if change.isMemoryBlock, tried.contains(entry.id), refused.count >= 2, deadline.isOver {
          left.append((entry, "not tried again after \(refused.count) others could not be put back", true))
          continue
        }
        // The next block would change it once more.
        if recomputed.contains(entry.id), left.contains(where: \.entry.change.isMemoryBlock) {
          left.append((entry, "blocks of memory that change it are not back yet", true))
          continue
        }
        do throws(JournalError) {
          let isGone =
            wasRestarted == true && !change.survivesReboot || isOurPidNamespace == false && change.isProcess
          if case .loopNode = change, !isGone, removedNodes == nil {
            removedNodes = host.removeUnboundLoopNodes(waiting.compactMap(\.change.loopNode))
          }
          // Once before the first, which would otherwise wait for what can simply be dropped.
          if change.isMovableBlock, !isGone, emptied == nil {
            host.emptyMemory()
            emptied = host.monotonicNanoseconds()
          }
          let isRemoved = change.loopNode.map { removedNodes?.contains($0) == true } ?? false
          switch isGone
            ? .asBefore : isRemoved ? .restored : try step.attempt(change, isRecomputed: recomputed.contains(entry.id))
          {
          case .restored: report.restored.append(change)
          case .asBefore: report.alreadyAsBefore.append(change)
          case .foreign(let reason):
            // A run may have changed a setting more than once; that it is somebody else's now is said once.
            if !report.foreignValue.contains(where: { $0.change.resource == change.resource }) {
              report.foreignValue.append(.init(change, reason))
            }
          case .busy(let reason):
            if change.isProcess { living = change }
            if change.isMemoryBlock { refused.insert(entry.id) }
            left.append((entry, reason, true))
            blocked.insert(change.resource)
            continue
          case .stuck(let reason):
            left.append((entry, reason, false))
            blocked.insert(change.resource)
            continue
          }
          markUndone(entry.id, file, &report)
        } catch {
          if change.isProcess { living = change }
          left.append((entry, error.description, false))
          blocked.insert(change.resource)
        }
      }
      // All that can be put back now is; only then time is spent on the rest.
      if left.isEmpty { return true }
      tried.formUnion(refused)
      // What waits for a block that only a boot brings back waits in vain.
      let isOfUse = left.contains { $0.mayEnd && !recomputed.contains($0.entry.id) }
      if isOfUse, deadline.pause() {
        // All of the host's memory is compacted by it: once a second is enough.
        if !refused.isEmpty, emptied.map({ host.monotonicNanoseconds() - $0 >= 1_000_000_000 }) ?? true {
          host.emptyMemory()
          emptied = host.monotonicNanoseconds()
        }
        waiting = left.map(\.entry)
        step.isPatient = true
        continue
      }
      report.leftovers = left.map { .init($0.entry.change, withHolders($0.reason, $0.entry.change)) }
      return false
    }
  }

  /// Latest first, except that processes come before all else: a living child would go on changing what is put back.
  /// What changes with every block of memory comes behind all of them.
  private func order(_ pending: [JournalledChange], _ recomputed: Set<Int>) -> [JournalledChange] {
    let reversed = pending.reversed().filter { !recomputed.contains($0.id) }
    return reversed.filter(\.change.isProcess) + reversed.filter { !$0.change.isProcess }
      + pending.filter { recomputed.contains($0.id) }
  }

  /// A mark that cannot be written (a full disk) is no reason to stop: the host matters more, and what is undone twice
  /// is undone.
  private func markUndone(_ id: Int, _ file: borrowing JournalFile, _ report: inout RestoreReport) {
    do throws(JournalError) {
      try file.append(JournalLine(JournalVerb.undone, [.init(name: "id", value: String(id))]))
    } catch {
      let text = error.description
      if !report.notices.contains(text) { report.notices.append(text) }
    }
  }

  private func withHolders(_ reason: String, _ change: HostChange) -> String {
    guard case .loop(let number) = change.resource else { return reason }
    let holders = host.loopHolders(number)
    return holders.isEmpty ? reason : "\(reason); \(holders.joined(separator: ", "))"
  }
}

extension JournalContents {
  fileprivate var cannotBeUsed: Bool {
    problems.contains { problem in
      switch problem.kind {
      case .unsupportedVersion, .tooLarge: true
      default: false
      }
    }
  }

  fileprivate var bindings: [Int: Set<FileIdentity>] {
    var result: [Int: Set<FileIdentity>] = [:]
    for case .loopBinding(let number, _, let device, let inode) in changes.map(\.change) {
      result[number, default: []].insert(FileIdentity(device: device, inode: inode))
    }
    return result
  }
}

extension JournalFile {
  fileprivate borrowing func lockForRestore() throws(JournalError) -> Bool {
    try explaining("lock the journal", path.string, advice: "see flock(2)") { () throws(Errno) in
      try file.tryLock(exclusively: true)
    }
  }
}
