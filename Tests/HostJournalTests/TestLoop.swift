import CLinux
@testable import HostJournal
import LinuxSystem
import SystemPackage
import Testing

/// A loop device of a test's own, of a number that nobody else uses; gone at the end even where the test fails.
final class TestLoop {
  let number: Int
  let image: FilePath
  let identity: FileIdentity
  /// Keeps the device open, as a mount would.
  private var device: Descriptor?

  /// A node without a file.
  init(_ directory: TemporaryDirectory) throws {
    let number = try #require((2000..<3000).shuffled().first { !TestLoop.isNode($0) })
    let control = try LoopControlDevice()
    image = try directory.file("image", [UInt8](repeating: 0, count: 1 << 20))
    identity = try HostJournalTests.identity(of: image)
    self.number = number
    try control.add(number)
  }

  deinit {
    close()
    try? Descriptor(opening: "/dev/loop\(number)", .readOnly).clearLoop()
    try? LoopControlDevice().remove(number)
  }

  static func isNode(_ number: Int) -> Bool { exists(FilePath("/sys/block/loop\(number)")) }

  var node: HostChange { .loopNode(number: number) }
  var binding: HostChange {
    .loopBinding(number: number, backingFile: image.string, device: identity.device, inode: identity.inode)
  }

  /// Bound with autoclear, and left open.
  func bind() throws {
    let opened = try Descriptor(opening: "/dev/loop\(number)", .readWrite)
    try opened.bindLoop(to: Descriptor(opening: image.string, .readWrite), directIO: false, name: "image")
    device = consume opened
  }

  func close() { device = nil }

  static let losetup: FilePath = "/usr/sbin/losetup"

  /// Without autoclear, and not open: as anybody else would have it. (`bindLoop` always asks for autoclear.)
  func bindWithLosetup() throws {
    var pid: pid_t = 0
    let words = ["losetup", "/dev/loop\(number)", image.string]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    try #require(posix_spawn(&pid, TestLoop.losetup.string, nil, nil, &arguments, clinux_environment()) == 0)
    var status: Int32 = 0
    try #require(waitpid(pid, &status, 0) == pid && status == 0)
  }
}
