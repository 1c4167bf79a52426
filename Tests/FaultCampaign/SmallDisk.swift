import CLinux
import SystemPackage
import LinuxSystem

/// A small ext4 file system on a loop device of its own, to be filled to the last block. It unbinds itself when it is unmounted.
struct SmallDisk: ~Copyable {
  let path: String
  private let image: String

  /// - Parameter bytes: its size; ext4's own tables take some of it.
  init(image: String, path: String, bytes: Int) throws {
    self.image = image
    self.path = path
    let file = try Descriptor(opening: image, .readWrite, [.create, .exclusiveCreate])
    try systemCall("size", image) { ftruncate(file.rawValue, bytes) }
    try Directory.make(path)
    // No journal and no reserve: what statvfs(3) calls free can be had by anybody, at once.
    let maker = try ChildProcess(spawning: "mkfs.ext4", ["-q", "-O", "^has_journal", "-m", "0", image])
    guard case .exited(0) = maker.wait() else { throw CampaignError("mkfs.ext4 has failed: install e2fsprogs") }
    let control = try Descriptor(opening: "/dev/loop-control", .readWrite)
    let number = try systemCall("find a free loop device") { clinux_loop_get_free(control.rawValue) }
    let device = try Descriptor(opening: "/dev/loop\(number)", .readWrite)
    try systemCall("bind", image) { clinux_loop_configure(device.rawValue, file.rawValue, 0, image) }
    try systemCall("mount", path) { mount("/dev/loop\(number)", path, "ext4", 0, nil) }
  }

  borrowing func remove() throws {
    unlink(path + "/filler")
    try systemCall("unmount", path) { umount2(path, 0) }
    rmdir(path)
    unlink(image)
  }
}

/// What keeps the campaign itself from going on.
struct CampaignError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
