@testable import HostJournal
import LinuxSystem
import SystemPackage
import Testing

/// A restore that is killed at any step, followed by another, ends in the same host.
@Suite struct CrashTests {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test(arguments: FakeHost.Crash.allCases) func atEveryOperation(crash: FakeHost.Crash) throws {
    let undisturbed = FakeHost(KilledRun.during)
    let journal = try KilledRun.journal(in: directory)
    #expect(JournalRestorer(undisturbed).restore(journal: journal, timeout: .zero).isClean)
    for operation in 1...undisturbed.operations {
      _ = try KilledRun.journal(in: directory)
      let host = FakeHost(KilledRun.during)
      host.crash = (operation, crash)
      #expect(!JournalRestorer(host).restore(journal: journal, timeout: .seconds(1)).isClean)
      #expect(exists(journal))
      host.crash = nil
      let report = JournalRestorer(host).restore(journal: journal, timeout: .zero)
      #expect(report.isClean, "killed at operation \(operation): \(report.lines)")
      #expect(report.foreignValue.isEmpty)
      #expect(host.state == KilledRun.before, "killed at operation \(operation)")
      #expect(!exists(journal))
    }
  }

  @Test(arguments: FakeHost.Crash.allCases) func twiceAtEveryPairOfOperations(crash: FakeHost.Crash) throws {
    let journal = try KilledRun.journal(in: directory)
    for first in 1...12 {
      for second in 1...12 {
        _ = try KilledRun.journal(in: directory)
        let host = FakeHost(KilledRun.during)
        host.crash = (first, crash)
        _ = JournalRestorer(host).restore(journal: journal, timeout: .zero)
        host.crash = (host.operations + second, crash)
        _ = JournalRestorer(host).restore(journal: journal, timeout: .zero)
        host.crash = nil
        #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
        #expect(host.state == KilledRun.before)
      }
    }
  }

  /// The marks of a restore are themselves lost from any byte on (a power failure, a full disk).
  @Test func withTheMarksOfTheFirstRestoreCutAtAnyByte() throws {
    let journal = try KilledRun.journal(in: directory)
    let original = try bytes(of: journal).count
    let host = FakeHost(KilledRun.during)
    host.busyAttempts = [1: .max]
    #expect(!JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
    let marked = try bytes(of: journal)
    #expect(marked.count > original)
    host.busyAttempts = [:]
    for length in original...marked.count {
      try write(Array(marked[..<length]), to: journal)
      let again = FakeHost(host.state)
      let report = JournalRestorer(again).restore(journal: journal, timeout: .zero)
      #expect(report.isClean, "cut at \(length): \(report.lines)")
      #expect(report.foreignValue.isEmpty)
      #expect(again.state == KilledRun.before)
    }
  }

  /// Killed while the run itself was writing: whatever was durable is put back.
  @Test func runsKilledAfterEachChange() throws {
    for count in 0...KilledRun.changes.count {
      let made = Array(KilledRun.changes.prefix(count))
      let host = FakeHost(KilledRun.before)
      for change in made { host.make(change) }
      let journal = try KilledRun.journal(in: directory, made)
      #expect(JournalRestorer(host).restore(journal: journal, timeout: .zero).isClean)
      #expect(host.state == KilledRun.before, "after \(count) changes")
    }
  }
}

extension FakeHost {
  fileprivate func make(_ change: HostChange) {
    switch change {
    // With nothing written it is what the blocks of memory change, which come after it.
    case .sysctl(let key, let previous, let new):
      if previous != new { state.sysctls[key] = KilledRun.during.sysctls[key] }
    case .loopNode(let number): state.nodes.insert(number)
    case .loopBinding(let number, _, let device, let inode):
      state.bindings[number] = FileIdentity(device: device, inode: inode)
    case .deviceNode(let path, let major, let minor): state.deviceNodes[path] = major << 20 | minor
    case .plannedDirectory(let path): state.directories[path] = FileIdentity(device: 0, inode: 0)
    case .directory(let path, let device, let inode):
      state.directories[path] = FileIdentity(device: device, inode: inode)
    case .traceInstance(let name): state.traceInstances.insert(name)
    case .kernelModule(let name): state.modules.insert(name)
    case .mappedDevice(let name): state.mappedDevices.insert(name)
    case .memoryBlock(let number, _, let isMovable):
      state.memoryBlocks[number] = isMovable ? .online(zone: "Movable") : .offline
      state.sysctls["vm.min_free_kbytes"] = KilledRun.during.sysctls["vm.min_free_kbytes"]
    case .process(let pid, let ticks, _): state.processes.insert(ProcessIdentity(pid: pid, startTicks: ticks))
    }
  }
}
