import CLinux
@testable import HostJournal
import SystemPackage
import Testing

/// A loop device of a test's own, of a number that nobody else uses; gone at the end even where the test fails.
final class TestLoop {
  let number: Int
  let image: FilePath
  let identity: FileIdentity
  /// Keeps the device open, as a mount would.
  private var device: Int32 = -1

  /// A node without a file.
  init(_ directory: TemporaryDirectory) throws {
    let number = try #require((2000..<3000).shuffled().first { !TestLoop.isNode($0) })
    let control = try Descriptor.open("/dev/loop-control", O_RDWR)
    image = try directory.file("image", [UInt8](repeating: 0, count: 1 << 20))
    identity = try HostJournalTests.identity(of: image)
    self.number = number
    try #require(clinux_loop_add(control.raw, Int32(number)) == number)
  }

  deinit {
    close()
    let device = clinux_open("/dev/loop\(number)", O_RDONLY | O_CLOEXEC, 0)
    if device >= 0 {
      _ = clinux_loop_clear(device)
      _ = CLinux.close(device)
    }
    let control = clinux_open("/dev/loop-control", O_RDWR | O_CLOEXEC, 0)
    _ = clinux_loop_remove(control, Int32(number))
    _ = CLinux.close(control)
  }

  static func isNode(_ number: Int) -> Bool { exists(FilePath("/sys/block/loop\(number)")) }

  var node: HostChange { .loopNode(number: number) }
  var binding: HostChange {
    .loopBinding(number: number, backingFile: image.string, device: identity.device, inode: identity.inode)
  }

  /// Bound with autoclear, and left open.
  func bind() throws {
    device = try #require(.some(clinux_open("/dev/loop\(number)", O_RDWR | O_CLOEXEC, 0)))
    let file = try Descriptor.open(image.string, O_RDWR)
    try #require(clinux_loop_configure(device, file.raw, 0, "image") == 0)
  }

  func close() {
    if device >= 0 { _ = CLinux.close(device) }
    device = -1
  }

  static let losetup: FilePath = "/usr/sbin/losetup"

  /// Without autoclear, and not open: as anybody else would have it. (clinux_loop_configure always asks for autoclear.)
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
