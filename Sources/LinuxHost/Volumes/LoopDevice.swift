import HostJournal
import LinuxSystem
import SystemPackage

/// One loop device bound to one image (drivers/block/loop.c), owned: autoclear unbinds it after `detach()`, and when this process dies,
/// whatever it dies of.
struct LoopDevice: ~Copyable {
  let number: Int
  let path: String
  /// Whether the backing file is read and written past the page cache; asked for, and read back from the kernel.
  let hasDirectIO: Bool
  /// Keeps the device bound while nothing is mounted from it: autoclear acts at the last close.
  private let device: Descriptor

  fileprivate init(number: Int, path: String, hasDirectIO: Bool, device: consuming Descriptor) {
    self.number = number
    self.path = path
    self.hasDirectIO = hasDirectIO
    self.device = device
  }

  /// Lets the device go. It unbinds itself when the last user is gone, which may be another process that looks at it (udev).
  consuming func detach() throws(SystemError) {
    let path = path
    try device.close(naming: path)
  }
}

/// Chooses, makes and binds loop devices through /dev/loop-control, and keeps the journal of it.
///
/// The number is chosen here and not by LOOP_CTL_GET_FREE, which may add a node that no journal has heard of.
struct LoopControl: ~Copyable {
  private let control: LoopControlDevice
  /// Nodes that there were before this run; only others are ever removed.
  private var candidates: [Int]
  private var nextNew: Int

  init() throws(SystemError) {
    control = try attempt("open", "/dev/loop-control") { () throws(Errno) in try LoopControlDevice() }
    let present = Self.presentNumbers()
    candidates = present.filter { !Self.isBound($0) }.sorted(by: >)
    nextNew = (present.max() ?? -1) + 1
  }

  /// Binds `image` to a free device, making one if there is none.
  mutating func attach(_ image: String, journal: inout RunJournal) throws(SystemError) -> LoopDevice {
    // O_DIRECT is not asked for here: the kernel decides by itself whether the file can do it, and tells in the flags.
    let backing = try attempt("open", image) { () throws(Errno) in try Descriptor(opening: image, .readWrite, .noFollow)
    }
    let status = try attempt("look at", image) { () throws(Errno) in try backing.status() }
    while true {
      let number = if let free = candidates.popLast() { free } else { try addNode(journal: &journal) }
      let path = "/dev/loop\(number)"
      try makeDeviceNodeIfMissing(path, minor: number, journal: &journal)
      let entry = try journal.record(
        .loopBinding(
          number: number, backingFile: image, device: UInt64(status.deviceID.rawValue),
          inode: UInt64(status.inode.rawValue)))
      let device = try attempt("open", path) { () throws(Errno) in try Descriptor(opening: path, .readWrite) }
      do throws(SystemError) {
        try bind(device, to: backing, name: image, path: path)
      } catch  where error.errno == .resourceBusy {
        // Somebody else was faster; the device is theirs.
        try journal.undone(entry)
        continue
      }
      let binding = try attempt("read the state of", path) { () throws(Errno) in try device.loopBinding() }
      try backing.close(naming: image)
      return LoopDevice(
        number: number, path: path, hasDirectIO: binding.hasDirectIO, device: device)
    }
  }

  /// LOOP_CONFIGURE with direct I/O, and without it where the backing file system refuses.
  private func bind(_ device: borrowing Descriptor, to backing: borrowing Descriptor, name: String, path: String)
    throws(SystemError)
  {
    do throws(SystemError) {
      try attempt("bind", path) { () throws(Errno) in try device.bindLoop(to: backing, directIO: true, name: name) }
    } catch  where error.errno == .invalidArgument {
      try attempt("bind", path) { () throws(Errno) in try device.bindLoop(to: backing, directIO: false, name: name) }
    }
  }

  private mutating func addNode(journal: inout RunJournal) throws(SystemError) -> Int {
    while true {
      let number = nextNew
      nextNew += 1
      let entry = try journal.record(.loopNode(number: number))
      do throws(SystemError) {
        try attempt("add loop device", "\(number)") { () throws(Errno) in try control.add(number) }
        return number
      } catch  where error.errno == .fileExists {
        try journal.undone(entry)
      }
    }
  }

  /// In a container /dev may be a file system of its own that does not hear of new devices.
  private func makeDeviceNodeIfMissing(_ path: String, minor: Int, journal: inout RunJournal) throws(SystemError) {
    if FileSystem.exists(path) { return }
    _ = try journal.record(.deviceNode(path: path, major: 7, minor: UInt32(minor)))
    try attempt("make device node", path) { () throws(Errno) in
      try FileSystem.makeBlockDevice(path, major: 7, minor: UInt32(minor))
    }
  }

  /// Whether the kernel has let go of device `number`.
  static func isBound(_ number: Int) -> Bool { KernelFile.trimmed("/sys/block/loop\(number)/loop/backing_file") != nil }

  private static func presentNumbers() -> [Int] {
    ((try? Directory.names(in: "/sys/block")) ?? []).compactMap { $0.hasPrefix("loop") ? Int($0.dropFirst(4)) : nil }
  }
}
