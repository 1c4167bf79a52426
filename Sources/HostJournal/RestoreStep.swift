internal import LinuxSystem

/// One attempt to put one change back.
struct RestoreStep<Host: HostOperations> {
  enum Outcome: Equatable {
    case restored
    case asBefore
    case foreign(String)
    /// Worth another attempt.
    case busy(String)
    /// Only a boot helps.
    case stuck(String)
  }

  let host: Host
  /// The files that this journal bound to each loop device, whether or not they were unbound since.
  let bindings: [Int: Set<FileIdentity>]
  let ownProcess: ProcessIdentity
  /// Whether to wait for a block of memory while there may be others that can be had at once.
  var isPatient = true

  /// - Parameter isRecomputed: see ``JournalContents/recomputed``.
  func attempt(_ change: HostChange, isRecomputed: Bool = false) throws(JournalError) -> Outcome {
    switch change {
    case .sysctl(let key, let previous, let new):
      try restoreSysctl(key, previous: previous, new: new, isRecomputed: isRecomputed)
    case .loopNode(let number):
      try removeNode(number)
    case .loopBinding(let number, _, let device, let inode):
      try unbind(number, FileIdentity(device: device, inode: inode))
    case .deviceNode(let path, let major, let minor):
      Outcome(try host.removeDeviceNode(path, major: major, minor: minor))
    case .plannedDirectory(let path):
      Outcome(try host.removeEmptyDirectory(path))
    case .directory(let path, let device, let inode):
      Outcome(try host.removeDirectoryTree(path, identity: FileIdentity(device: device, inode: inode)))
    case .traceInstance(let name):
      Outcome(try host.removeTraceInstance(name))
    case .kernelModule(let name):
      Outcome(try host.unloadModule(name))
    case .mappedDevice(let name):
      Outcome(try host.removeMappedDevice(name))
    case .memoryBlock(let number, let zone, let isMovable):
      try restoreBlock(number, zone, isMovable)
    case .process(let pid, let startTicks, _):
      try end(ProcessIdentity(pid: pid, startTicks: startTicks))
    }
  }

  private func restoreSysctl(
    _ key: String, previous: String, new: String, isRecomputed: Bool
  ) throws(JournalError) -> Outcome {
    guard let present = try host.readSysctl(key) else { return .foreign("the kernel has no such key now") }
    let rule = SysctlRule(key: key)
    switch rule.finding(present: present, previous: previous, new: isRecomputed ? present : new) {
    case .asBefore:
      return .asBefore
    case .foreign:
      let value = printable(normalized(present))
      return .foreign("somebody set it to \(value) meanwhile; it was \(printable(normalized(previous))) before the run")
    case .ours:
      try host.writeSysctl(key, value: normalized(previous))
      // A write may be taken and have no full effect: huge pages in use stay, others cannot be found again.
      guard let now = try host.readSysctl(key) else { return .foreign("the kernel has no such key now") }
      if rule.finding(present: now, previous: previous, new: new) == .asBefore { return .restored }
      return .busy("\(printable(normalized(previous))) was written, but it reads \(printable(normalized(now)))")
    }
  }

  private func restoreBlock(_ number: Int, _ zone: String, _ isMovable: Bool) throws(JournalError) -> Outcome {
    switch try host.memoryBlock(number) {
    case nil: return .foreign("the kernel has no such block now")
    case .online(zone: zone)?: return .asBefore
    case .online(zone: MemoryBlocks.movableZone)?:
      guard isMovable else { return .foreign("somebody has put it into Movable meanwhile") }
      if let reason = try host.setMemoryBlock(number, .offline, isPatient: isPatient) { return .busy(reason) }
    case .online(let other)?: return .stuck(Self.misplaced(other, zone))
    case .unsettled?: return .busy("the kernel is changing its state")
    case .offline?: break
    }
    if let reason = try host.setMemoryBlock(number, .onlineKernel, isPatient: true) { return .busy(reason) }
    guard case .online(let now)? = try host.memoryBlock(number), now != zone else { return .restored }
    return .stuck(Self.misplaced(now, zone))
  }

  /// Nobody but the kernel puts a block into another of its own zones: it is our doing, and is left over by name.
  private static func misplaced(_ now: String?, _ zone: String) -> String {
    "the kernel has put it into \(printable(now ?? "more than one zone")), and not back into \(zone); only a boot helps"
  }

  private func unbind(_ number: Int, _ file: FileIdentity) throws(JournalError) -> Outcome {
    switch try host.clearLoop(number, ifBoundTo: file) {
    case .absent, .unbound: return .asBefore
    case .unsettled: return .busy("the kernel is unbinding it")
    case .bound(let other, _) where other != file:
      // Autoclear unbound ours, and the number was given to somebody else.
      return .asBefore
    case .bound: break
    }
    // While anybody has it open, LOOP_CLR_FD succeeds and only asks for autoclear (loop_clr_fd, drivers/block/loop.c).
    switch try host.loopStatus(number) {
    case .absent, .unbound: return .restored
    case .bound(let now, _) where now != file: return .restored
    case .bound, .unsettled: return .busy("still in use; it unbinds itself when the last user closes it")
    }
  }

  private func removeNode(_ number: Int) throws(JournalError) -> Outcome {
    switch try host.loopStatus(number) {
    case .absent: return .asBefore
    case .bound(let file, let name):
      guard bindings[number, default: []].contains(file) else {
        return .foreign("somebody else has bound it to \(printable(name))")
      }
      if case .busy(let reason) = try unbind(number, file) { return .busy(reason) }
    case .unbound, .unsettled: break
    }
    return Outcome(try host.removeLoopNode(number))
  }

  private func end(_ process: ProcessIdentity) throws(JournalError) -> Outcome {
    // The survivor that restores is about to leave by itself.
    if process == ownProcess { return .asBefore }
    guard try host.kill(process) else { return .asBefore }
    if !host.isAlive(process) { return .restored }
    return .busy("killed, but it has not ended; it may wait in the kernel (state D in ps)")
  }
}

extension RestoreStep.Outcome {
  init(_ removal: Removal) {
    switch removal {
    case .removed: self = .restored
    case .absent: self = .asBefore
    case .foreign(let reason): self = .foreign(reason)
    case .busy(let reason): self = .busy(reason)
    }
  }
}
