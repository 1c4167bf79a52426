import Foundation
@testable import HostJournal
import SystemPackage

/// Putting back what a journal of anybody's making says: on a host that takes every order, and traps at one that the journal does not cover.
enum RestoreTarget {
  /// In memory, for a journal is synchronised line by line; scripts/fuzz makes it and takes it away.
  private static let folder = getenv("FAILOVER_BENCH_FUZZ_SCRATCH").map { String(cString: $0) } ?? "/dev/shm"

  static func restore(_ bytes: [UInt8]) {
    let text = JournalTarget.text(bytes)
    let path = "\(folder)/fuzz.journal"
    let kept = path + JournalDirectory.damagedSuffix
    unlink(path)
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    promise(file >= 0 && write(file, text, text.count) == text.count, "no journal can be written to \(folder)")
    close(file)
    let host = WatchingHost(JournalReader.read(bytes: text), dice: bytes.reduce(UInt64(17)) { $0 &* 31 &+ UInt64($1) })
    let restorer = JournalRestorer(host)
    var isClean = false
    // The second call finds what the first has left, and does nothing twice that was done.
    for _ in 0..<2 {
      let report = restorer.restore(journal: FilePath(path), timeout: .milliseconds(40), authority: .hostLockHeld)
      for line in report.lines {
        promise(
          !line.unicodeScalars.contains { $0.properties.generalCategory == .control },
          "a line with control characters: \(line.debugDescription)")
      }
      promise(report.refusal == nil || report.restored.isEmpty, "something was touched after a refusal")
      if isClean { promise(report.restored.isEmpty, "put back twice: \(report.restored)") }
      isClean = report.isClean
      promise(!isClean || access(path, F_OK) != 0, "a restore with nothing left keeps its journal")
    }
    unlink(path)
    unlink(kept)
  }
}

/// Takes every order that the journal covers. What it finds there, the dice say.
private final class WatchingHost: HostOperations {
  private let changes: [HostChange]
  private let bindings: [Int: Set<FileIdentity>]
  private var dice: UInt64
  private var sysctls: [String: String] = [:]
  private var loops: [Int: LoopStatus] = [:]
  private var time: UInt64 = 0
  private var killed: Set<ProcessIdentity> = []
  private let me = ProcessIdentity(pid: 77, startTicks: 12_345)

  init(_ contents: JournalContents, dice: UInt64) {
    changes = contents.pending.map(\.change)
    var bindings: [Int: Set<FileIdentity>] = [:]
    for case .loopBinding(let number, _, let device, let inode) in contents.changes.map(\.change) {
      bindings[number, default: []].insert(FileIdentity(device: device, inode: inode))
    }
    self.bindings = bindings
    self.dice = dice
  }

  private func roll(_ sides: UInt64) -> UInt64 {
    dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (dice >> 33) % sides
  }

  private func covered(_ what: @autoclosure () -> String, _ test: (HostChange) -> Bool) {
    promise(changes.contains(where: test), "the journal has no \(what())")
  }

  private func removal() -> Removal {
    switch roll(8) {
    case 0: .absent
    case 1: .foreign("it is somebody else's\nnow")
    case 2: .busy("in use")
    default: .removed
    }
  }

  func bootID() throws(JournalError) -> String { roll(4) == 0 ? "boot-2" : "boot-1" }
  func pidNamespace() throws(JournalError) -> UInt64 { roll(4) == 0 ? 6 : 5 }
  func currentProcess() throws(JournalError) -> ProcessIdentity { me }
  func isAlive(_ process: ProcessIdentity) -> Bool { !killed.contains(process) && roll(8) == 0 }
  func monotonicNanoseconds() -> UInt64 { time }
  func sleep(nanoseconds: UInt64) { time += nanoseconds }
  func loopHolders(_ number: Int) -> [String] { [] }

  func readSysctl(_ key: String) throws(JournalError) -> String? {
    covered("setting \(key)") { if case .sysctl(key, _, _) = $0 { true } else { false } }
    if let value = sysctls[key] { return value }
    var value = "somebody's\tvalue\n"
    for case .sysctl(key, let previous, let new) in changes {
      switch roll(4) {
      case 0: value = previous
      case 1: break
      default: value = new
      }
    }
    sysctls[key] = value
    return roll(16) == 0 ? nil : value
  }

  func writeSysctl(_ key: String, value: String) throws(JournalError) {
    let present = sysctls[key] ?? ""
    covered("setting \(key) from \(value)") {
      guard case .sysctl(key, let previous, let new) = $0 else { return false }
      // Only the value from before, and only over one that the run can have set.
      return normalized(previous) == value
        && SysctlRule(key: key).finding(present: present, previous: previous, new: new) == .ours
    }
    if roll(8) > 0 { sysctls[key] = value }
  }

  func loopStatus(_ number: Int) throws(JournalError) -> LoopStatus {
    covered("loop\(number)") { $0.resource == .loop(number) }
    if let status = loops[number] { return status }
    let status: LoopStatus =
      switch roll(6) {
      case 0: .absent
      case 1: .unbound
      case 2: .unsettled
      case 3: .bound(FileIdentity(device: 9, inode: 9), backingFile: "somebody's\nimage")
      default: bindings[number]?.first.map { .bound($0, backingFile: "image") } ?? .unbound
      }
    loops[number] = status
    return status
  }

  func clearLoop(_ number: Int, ifBoundTo file: FileIdentity) throws(JournalError) -> LoopStatus {
    promise(bindings[number, default: []].contains(file), "loop\(number) was never bound to \(file)")
    let before = try loopStatus(number)
    if case .bound(file, _) = before, roll(4) > 0 { loops[number] = .unbound }
    return before
  }

  func removeLoopNode(_ number: Int) throws(JournalError) -> Removal {
    covered("node loop\(number)") { $0 == .loopNode(number: number) }
    if case .bound(let file, _)? = loops[number] {
      promise(
        bindings[number, default: []].contains(file), "the node of loop\(number) is removed while it is somebody else's"
      )
      return .busy("it is bound")
    }
    loops[number] = .absent
    return .removed
  }

  func removeDeviceNode(_ path: String, major: UInt32, minor: UInt32) throws(JournalError) -> Removal {
    covered("device node \(path)") { $0 == .deviceNode(path: path, major: major, minor: minor) }
    return removal()
  }

  func removeEmptyDirectory(_ path: String) throws(JournalError) -> Removal {
    covered("planned directory \(path)") { $0 == .plannedDirectory(path: path) }
    return removal()
  }

  func removeDirectoryTree(_ path: String, identity: FileIdentity) throws(JournalError) -> Removal {
    covered("directory \(path)") { $0 == .directory(path: path, device: identity.device, inode: identity.inode) }
    promise(
      path.split(separator: "/").count >= 1 && !path.split(separator: "/").contains(".."), "the directory \(path)")
    return removal()
  }

  func removeTraceInstance(_ name: String) throws(JournalError) -> Removal {
    covered("trace instance \(name)") { $0 == .traceInstance(name: name) }
    return removal()
  }

  func unloadModule(_ name: String) throws(JournalError) -> Removal {
    promise(name == pinningModuleName, "the module \(name)")
    return removal()
  }

  func removeMappedDevice(_ name: String) throws(JournalError) -> Removal {
    covered("mapped device \(name)") { $0 == .mappedDevice(name: name) }
    return removal()
  }

  func kill(_ process: ProcessIdentity) throws(JournalError) -> Bool {
    covered("process \(process.pid)") {
      if case .process(process.pid, process.startTicks, _) = $0 { true } else { false }
    }
    promise(process.pid > 1 && process != me, "process \(process.pid) is killed")
    killed.insert(process)
    return roll(4) > 0
  }
}
