import CLinux
@testable import HostJournal
import SystemPackage
import Testing

/// Root where it is needed; without it the tests are skipped by name, or fail where the environment demands them.
enum Privilege {
  static var isRoot: Bool { geteuid() == 0 }
  static var isDemanded: Bool { getenv("FAILOVER_BENCH_REQUIRE_ROOT_TESTS").map { String(cString: $0) } == "1" }
  static var shallRun: Bool { isRoot || isDemanded }

  static func require() throws {
    try #require(isRoot, "FAILOVER_BENCH_REQUIRE_ROOT_TESTS=1, but this is not root")
  }
}

/// On the running kernel. All in one suite and one after another: there is one /proc/sys and one loop-control.
@Suite(.serialized, .enabled(if: Privilege.shallRun, "needs root: changes sysctls and loop devices of this machine"))
struct PrivilegedTests {
  let directory: TemporaryDirectory
  let host = LinuxHostOperations()

  init() throws {
    try Privilege.require()
    directory = try TemporaryDirectory()
  }

  private func restore(_ path: FilePath, patience: Duration = .zero) -> RestoreReport {
    JournalRestorer(host).restore(journal: path, patience: patience)
  }

  private static func unusedLoopNumber() throws -> Int {
    try #require((2000..<3000).shuffled().first { !isLoopNode($0) })
  }

  private func makeJournal() throws -> Journal {
    try Journal.create(in: directory.path.appending("state"), header: .current(scenario: "test"))
  }

  /// A loop device of our own, of a number that nobody else uses, bound with autoclear to a new file.
  private struct Loop: ~Copyable {
    let number: Int
    let image: FilePath
    let identity: FileIdentity
    let device: Descriptor

    static func make(_ journal: inout Journal, _ directory: TemporaryDirectory) throws -> Loop {
      let control = try Descriptor.open("/dev/loop-control", O_RDWR)
      let number = try unusedLoopNumber()
      _ = try journal.record(.loopNode(number: number))
      try #require(clinux_loop_add(control.raw, Int32(number)) == number)
      let image = try directory.file("image", [UInt8](repeating: 0, count: 1 << 20))
      let identity = try HostJournalTests.identity(of: image)
      let device = try Descriptor.open("/dev/loop\(number)", O_RDWR)
      let file = try Descriptor.open(image.string, O_RDWR)
      _ = try journal.record(
        .loopBinding(number: number, backingFile: image.string, device: identity.device, inode: identity.inode))
      try #require(clinux_loop_configure(device.raw, file.raw, 0, "image") == 0)
      return Loop(number: number, image: image, identity: identity, device: device)
    }
  }

  @Test func aLoopDeviceIsUnboundAndItsNodeRemoved() throws {
    let before = try HostSnapshot.take()
    var journal = try makeJournal()
    let path = journal.path
    let loop = try Loop.make(&journal, directory)
    let number = loop.number
    #expect(try host.loopStatus(number) == .bound(loop.identity, backingFile: "image"))
    let during = try HostSnapshot.take()
    #expect(during.loopBindings[number] == loop.image.string)

    // Still open here, as by a mount in a namespace that is being taken down: not possible yet, and said so.
    let report = restore(path)
    #expect(report.leftovers.count == 2 && !report.isClean)
    #expect(report.leftovers.contains { $0.reason.contains("open in process \(getpid())") }, "\(report.lines)")
    try loop.device.close()

    let second = restore(path, patience: .seconds(20))
    #expect(second.isClean, "\(second.lines)")
    #expect(try host.loopStatus(number) == .absent)
    #expect(!exists(path))
    let after = try HostSnapshot.take()
    #expect(!after.loopNodes.contains(number) && after.loopBindings[number] == nil)
    #expect(after.mounts == before.mounts)
    #expect(restore(path).isClean)
  }

  @Test(.enabled(if: exists("/usr/sbin/losetup"), "needs losetup of util-linux"))
  func withoutAutoclearLoopClearFdUnbinds() throws {
    var journal = try makeJournal()
    let path = journal.path
    let control = try Descriptor.open("/dev/loop-control", O_RDWR)
    let number = try Self.unusedLoopNumber()
    let image = try directory.file("image", [UInt8](repeating: 0, count: 1 << 20))
    let file = try identity(of: image)
    _ = try journal.record(.loopNode(number: number))
    try #require(clinux_loop_add(control.raw, Int32(number)) == number)
    _ = try journal.record(
      .loopBinding(number: number, backingFile: image.string, device: file.device, inode: file.inode))
    try bindWithoutAutoclear(number, image)
    #expect(try host.loopStatus(number) == .bound(file, backingFile: image.string))
    let report = restore(path, patience: .seconds(20))
    #expect(report.isClean && report.restored.count == 2, "\(report.lines)")
    #expect(try host.loopStatus(number) == .absent)
  }

  /// As losetup does; clinux_loop_configure always asks for autoclear.
  private func bindWithoutAutoclear(_ number: Int, _ image: FilePath) throws {
    var pid: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("losetup"), strdup("/dev/loop\(number)"), strdup(image.string), nil]
    defer { arguments.forEach { free($0) } }
    try #require(posix_spawn(&pid, Self.losetup, nil, nil, &arguments, clinux_environment()) == 0)
    var status: Int32 = 0
    try #require(waitpid(pid, &status, 0) == pid && status == 0)
  }

  private static let losetup = "/usr/sbin/losetup"

  @Test func aLoopDeviceBoundByOthersIsNotTouched() throws {
    var journal = try makeJournal()
    let loop = try Loop.make(&journal, directory)
    let number = loop.number
    // The same device, as another journal would see it that had used the number before.
    var other = try makeJournal()
    _ = try other.record(.loopNode(number: number))
    _ = try other.record(.loopBinding(number: number, backingFile: "/other", device: loop.identity.device, inode: 1))
    let report = restore(other.path)
    #expect(report.isClean && report.restored.isEmpty && report.foreignValue.count == 1, "\(report.lines)")
    #expect(try host.loopStatus(number) == .bound(loop.identity, backingFile: "image"))
    try loop.device.close()
    #expect(restore(journal.path, patience: .seconds(20)).isClean)
  }

  @Test func lookingAtANodeThatDoesNotExistDoesNotCreateIt() throws {
    let number = try #require((3000..<4000).first { !isLoopNode($0) })
    let node = directory.path.appending("loop")
    try #require(clinux_mknod_block(node.string, clinux_makedev(7, UInt32(number))) == 0)
    #expect(try host.loopStatus(number) == .absent)
    #expect(try host.removeLoopNode(number) == .absent)
    #expect(!isLoopNode(number))
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
    #expect(try HostSnapshot.take(sysctls: [key]).difference(from: before) == [
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
    #expect(try host.removeDirectoryTree(work.string, identity: identity(of: work)) == .foreign("it belongs to user 12345"))
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

  @Test func theRealLock() throws {
    do throws(JournalError) {
      let lock = try HostLock.acquire(stateDirectory: directory.path)
      #expect(throws: JournalError.self) { try HostLock.acquire(stateDirectory: directory.path).release() }
      try lock.release()
    } catch {
      // A run may be going on in earnest on this machine.
      guard case .runActive = error.kind else { throw error }
    }
  }
}

private func isLoopNode(_ number: Int) -> Bool { exists(FilePath("/sys/block/loop\(number)")) }
