import CLinux
@testable import HostJournal
import SystemPackage
import TestSupport
import LinuxSystem
import Testing

/// On the running kernel. All in one suite and one after another: there is one /proc/sys and one loop-control.
@Suite(.serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct PrivilegedTests {
  let directory: TemporaryDirectory
  let host = LinuxHostOperations()

  init() throws {
    try Privilege.require()
    directory = try TemporaryDirectory()
  }

  @Test func aStateDirectoryBelowOneOfSomebodyElseIsRefused() throws {
    let theirs = try directory.directory("theirs")
    let state = theirs.appending("state")
    try #require(mkdir(state.string, 0o700) == 0 && chown(theirs.string, 65_534, 65_534) == 0)
    for path in [state, theirs.appending("none")] {
      do throws(JournalError) {
        _ = try Journal.create(in: path, header: .current(scenario: "q"))
        Issue.record("\(path) was taken")
      } catch {
        #expect(error.kind == .untrusted && error.description.contains("\(theirs) belongs to user 65534"), "\(error)")
        #expect(!error.description.contains("\n"))
      }
    }
    #expect(names(in: theirs.string) == ["state"] && names(in: state.string).isEmpty)
  }

  private func restore(_ path: FilePath, timeout: Duration = .zero) -> RestoreReport {
    JournalRestorer(host).restore(journal: path, timeout: timeout)
  }

  private func makeJournal() throws -> Journal {
    try Journal.create(in: directory.path.appending("state"), header: .current(scenario: "test"))
  }

  @Test func aLoopDeviceIsUnboundAndItsNodeRemoved() throws {
    var journal = try makeJournal()
    let path = journal.path
    let loop = try TestLoop(directory)
    let number = loop.number
    _ = try journal.record(loop.node)
    _ = try journal.record(loop.binding)
    try loop.bind()
    #expect(try host.loopStatus(number) == .bound(loop.identity, backingFile: "image"))
    let during = try HostSnapshot.take()
    #expect(during.loopBindings[number] == loop.image.string && during.loopNodes.contains(number))

    // Still open here, as by a mount in a namespace that is being taken down: not possible yet, and said so.
    let report = restore(path)
    #expect(report.leftovers.count == 2 && !report.isClean)
    #expect(report.leftovers.contains { $0.reason.contains("open in process \(getpid())") }, "\(report.lines)")
    loop.close()

    let second = restore(path, timeout: .seconds(20))
    #expect(second.isClean, "\(second.lines)")
    #expect(try host.loopStatus(number) == .absent)
    #expect(!exists(path))
    let after = try HostSnapshot.take()
    #expect(!after.loopNodes.contains(number) && after.loopBindings[number] == nil)
    #expect(restore(path).isClean)
  }

  @Test(.enabled(if: exists(TestLoop.losetup), "needs losetup of util-linux"))
  func withoutAutoclearLoopClearFdUnbinds() throws {
    var journal = try makeJournal()
    let loop = try TestLoop(directory)
    _ = try journal.record(loop.node)
    _ = try journal.record(loop.binding)
    try loop.bindWithLosetup()
    #expect(try host.loopStatus(loop.number) == .bound(loop.identity, backingFile: loop.image.string))
    let report = restore(journal.path, timeout: .seconds(20))
    #expect(report.isClean && report.restored.count == 2, "\(report.lines)")
    #expect(try host.loopStatus(loop.number) == .absent)
  }

  @Test(.enabled(if: exists(TestLoop.losetup), "needs losetup of util-linux"))
  func aLoopDeviceBoundByOthersIsNotTouched() throws {
    let loop = try TestLoop(directory)
    try loop.bindWithLosetup()
    // A run that had this number before.
    var journal = try makeJournal()
    _ = try journal.record(loop.node)
    let device = loop.identity.device
    for identity in [FileIdentity(device: device, inode: 1), .init(device: device + 1, inode: loop.identity.inode)] {
      _ = try journal.record(
        .loopBinding(
          number: loop.number, backingFile: loop.image.string, device: identity.device, inode: identity.inode))
    }
    let report = restore(journal.path)
    #expect(report.isClean && report.restored.isEmpty && report.foreignValue.count == 1, "\(report.lines)")
    #expect(report.alreadyAsBefore.count == 2)
    #expect(try host.loopStatus(loop.number) == .bound(loop.identity, backingFile: loop.image.string))
  }

  @Test func lookingAtANodeThatDoesNotExistDoesNotCreateIt() throws {
    let number = try #require((3000..<4000).first { !TestLoop.isNode($0) })
    let node = directory.path.appending("loop")
    try #require(clinux_mknod_block(node.string, clinux_makedev(7, UInt32(number))) == 0)
    #expect(try host.loopStatus(number) == .absent)
    #expect(try host.removeLoopNode(number) == .absent)
    #expect(!TestLoop.isNode(number))
    #expect(try host.removeDeviceNode(node.string, major: 7, minor: UInt32(number) + 1) != .removed)
    #expect(try host.removeDeviceNode(node.string, major: 7, minor: UInt32(number)) == .removed)
    #expect(try host.removeDeviceNode(node.string, major: 7, minor: UInt32(number)) == .absent)
  }

  @Test func aSysctlIsPutBack() throws {
    let key = "fs.lease-break-time"
    let before = try HostSnapshot.take(sysctls: [key])
    let previous = try #require(try host.readSysctl(key))
    let new = String(try #require(Int(previous)) + 1)
    var journal = try makeJournal()
    let path = journal.path
    _ = try journal.record(.sysctl(key: key, previous: previous, new: new))
    try host.writeSysctl(key, value: new)
    #expect(
      try HostSnapshot.take(sysctls: [key]).difference(from: before) == [
        "sysctl \(key): \(previous) before, \(new) now"
      ])
    let report = restore(path)
    #expect(report.isClean && report.restored.count == 1)
    #expect(try host.readSysctl(key) == previous)

    // Set by somebody else meanwhile: left, and said.
    var second = try makeJournal()
    _ = try second.record(.sysctl(key: key, previous: previous, new: new))
    try host.writeSysctl(key, value: new + "0")
    let foreign = restore(second.path)
    #expect(foreign.foreignValue.count == 1)
    #expect(try host.readSysctl(key) == new + "0")
    try host.writeSysctl(key, value: previous)
  }

  @Test func severalNumbersAreNormalised() throws {
    let value = try #require(try host.readSysctl("kernel.printk"))
    var journal = try makeJournal()
    let spaced = value.split(separator: "\t").joined(separator: " ")
    _ = try journal.record(.sysctl(key: "kernel.printk", previous: spaced, new: "1 2 3 4"))
    #expect(restore(journal.path).alreadyAsBefore.count == 1)
  }

  @Test func aBindMountOfTheSameFileSystemIsNotCrossed() throws {
    let precious = try directory.directory("precious")
    let file = try directory.file("precious/file", [1])
    let work = try directory.directory("work")
    let target = try directory.directory("work/target")
    try #require(mount(precious.string, target.string, nil, UInt(MS_BIND), nil) == 0)
    let first = try host.removeDirectoryTree(work.string, identity: identity(of: work))
    umount2(target.string, Int32(MNT_DETACH))
    #expect(first == .busy("\(target.string) is a mount point"))
    #expect(exists(file))
    #expect(try host.removeDirectoryTree(work.string, identity: identity(of: work)) == .removed)
    #expect(exists(file))
  }

  @Test func directoriesOfOthersAreRefused() throws {
    let work = try directory.directory("work")
    try #require(chown(work.string, 12_345, 12_345) == 0)
    let removal = try host.removeDirectoryTree(work.string, identity: identity(of: work))
    #expect(removal == .foreign("it belongs to user 12345"))
    #expect(throws: JournalError.self) { try JournalDirectory.list(work) }
    do {
      _ = try Journal.create(in: work, header: .current(scenario: "q"))
      Issue.record("used somebody else's directory")
    } catch {
      #expect(error.kind == .untrusted)
    }
    let journal = try KilledRun.journal(in: directory)
    try #require(chown(journal.string, 12_345, 12_345) == 0)
    #expect(!restore(journal).isClean)
  }

  @Test func aTraceInstanceIsRemoved() throws {
    // No mount of the kernel's tracing is needed, and none is left.
    let mounts = try HostSnapshot.take().mounts
    let tracefs = try TraceFileSystem.mountDetached()
    let name = "failover-bench-" + String(UInt32.random(in: 0 ... .max), radix: 16)
    var journal = try makeJournal()
    _ = try journal.record(.traceInstance(name: name))
    try tracefs.makeDirectory("instances/\(name)")
    let path = journal.path
    // Somebody has a file of it open: not possible yet.
    let open = try tracefs.open("instances/\(name)/tracing_on", .readOnly)
    #expect(restore(path).leftovers.map(\.change) == [.traceInstance(name: name)])
    try open.close()
    #expect(restore(path).restored == [.traceInstance(name: name)])
    #expect(throws: Errno.noSuchFileOrDirectory) { try tracefs.status(of: "instances/\(name)") }
    #expect(try host.removeTraceInstance(name) == .absent)
    #expect(throws: JournalError.self) { try host.removeTraceInstance("../events") }
    #expect(try HostSnapshot.take().mounts == mounts)
  }

  /// The real device by a node of our own: the lock belongs to the node, so no run on this machine is disturbed.
  @Test func theLockOnACharacterDevice() throws {
    let node = directory.path.appending("loop-control")
    try #require(mknod(node.string, mode_t(S_IFCHR) | 0o600, clinux_makedev(10, 237)) == 0)
    let lock = try HostLock.acquire(stateDirectory: directory.path, lockFile: node)
    #expect(throws: JournalError.self) {
      try HostLock.acquire(stateDirectory: directory.path, lockFile: node).release()
    }
    try lock.release()
    try HostLock.acquire(stateDirectory: directory.path, lockFile: node).release()
  }
}
