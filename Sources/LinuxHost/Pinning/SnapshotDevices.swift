import Experiment
import HostJournal
import KernelText
import LinuxSystem
import SystemPackage

/// A snapshot of the device mapper, held open, and what it keeps in kernel memory while its origin is written. Its devices outlive this
/// process; they are removed, and the exceptions freed, from the journal.
///
/// A snapshot of LVM's is, to the kernel, four mapped devices: the volume, the store of exceptions, the snapshot, and the origin through
/// which the volume is written while it has a snapshot (drivers/md/dm-snap.c). The first write to a chunk copies it to the store, and an
/// exception that says where to stays in memory until the snapshot is removed.
///
/// Volume and store are of the target `zero` here, which forgets what is written: the exceptions are the real ones, while neither a disk
/// nor the page cache of a backing file moves the memory that is to be measured, and 0.4 GB of exceptions need not write 52 GB. The store is
/// one that does not outlive a restart (`N`): its exceptions in memory are the same.
struct SnapshotDevices: ~Copyable {
  /// The least that LVM makes chunks of, and the largest number of exceptions for each byte written.
  static let chunkBytes: UInt64 = 4096
  private static let chunkSectors = chunkBytes / 512
  /// Chunks written between two looks at the kernel's numbers: some 32 pages of exceptions.
  private static let stepChunks: UInt64 = 4096

  private let control: DeviceMapper
  private let origin: Descriptor
  private let originPath: String
  /// The mapped device that has the exceptions.
  private let snapshotName: String
  private let chunks: UInt64

  /// What was pinned and what it took.
  struct Pinned {
    var pages: UInt64
    var originBytesWritten: UInt64
  }

  /// Makes the four devices, with room for exceptions that take that many pages. What of the devices is there when this fails is the
  /// journal's.
  static func make(forPages pages: UInt64, runID: String, journal: inout RunJournal) throws(TestbedFailure)
    -> SnapshotDevices
  {
    do throws(SystemError) {
      // A quarter more than is needed: exceptions of a merged cache share their pages with others.
      return try make(chunks: (pages + pages / 4 + 64) * SlabCache.mostObjectsPerPage, runID: runID, journal: &journal)
    } catch {
      throw TestbedFailure(
        error, doing: "make the snapshot",
        advice: "modprobe dm-snapshot dm-zero; `failover-bench doctor --pin-backend dm-snapshot` names what is missing")
    }
  }

  private static func make(chunks: UInt64, runID: String, journal: inout RunJournal) throws(SystemError)
    -> SnapshotDevices
  {
    let mapper = try Mapper(runID: runID)
    let sectors = chunks * chunkSectors
    // Every other chunk of the volume is written: neighbours would be one exception.
    let volume = try mapper.make(.volume, sectors: 2 * sectors, "zero", "", &journal)
    let store = try mapper.make(.exceptions, sectors: sectors, "zero", "", &journal)
    _ = try mapper.make(.snapshot, sectors: 2 * sectors, "snapshot", "\(volume) \(store) N \(chunkSectors)", &journal)
    let path = try node(of: try mapper.make(.origin, sectors: 2 * sectors, "snapshot-origin", volume, &journal))
    let origin = try attempt("open", path) { () throws(Errno) in try Descriptor(openingDirect: path) }
    return SnapshotDevices(
      control: mapper.release(), origin: origin, originPath: path,
      snapshotName: MappedDeviceRole.snapshot.name(runID: runID), chunks: chunks)
  }

  /// The device mapper while devices are being made.
  private struct Mapper: ~Copyable {
    private let control: DeviceMapper
    private let runID: String

    init(runID: String) throws(SystemError) {
      control = try attempt("open", "/dev/mapper/control") { () throws(Errno) in try DeviceMapper() }
      self.runID = runID
    }

    /// One device with one target, in force; returns its number as tables name it.
    borrowing func make(
      _ role: MappedDeviceRole, sectors: UInt64, _ target: String, _ parameters: String, _ journal: inout RunJournal
    ) throws(SystemError) -> String {
      let name = role.name(runID: runID)
      _ = try journal.record(.mappedDevice(name: name))
      let device = try attempt("make the mapped device", name) { () throws(Errno) in try control.create(name) }
      try attempt("load the target \(target) into", name) { () throws(Errno) in
        try control.load(name, sectors: sectors, target: target, parameters: parameters)
      }
      try attempt("start the mapped device", name) { () throws(Errno) in try control.resume(name) }
      return "\(device.major):\(device.minor)"
    }

    consuming func release() -> DeviceMapper { control }
  }

  /// The kernel's own name for it: udev's links in /dev/mapper come later, or never in a container.
  private static func node(of device: String) throws(SystemError) -> String {
    let uevent = try KernelFile.read("/sys/dev/block/\(device)/uevent")
    for line in uevent.split(separator: "\n") where line.hasPrefix("DEVNAME=") {
      return "/dev/" + line.dropFirst("DEVNAME=".count)
    }
    throw SystemError(
      operation: "find the node of", subject: "the mapped device \(device)", errno: .noSuchFileOrDirectory)
  }

  /// Writes to the origin, chunk by chunk, until the exceptions take `pages` pages, by the slab's own count.
  ///
  /// `margin` throws where no more memory may be taken; it is asked before each step.
  borrowing func pin(
    pages: UInt64, _ context: some RunContext, margin: () throws(TestbedFailure) -> Void
  ) throws(TestbedFailure) -> Pinned {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Int(Self.chunkBytes), alignment: Int(Self.chunkBytes))
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    let before = try SlabCache.read("dm_exception")
    var written: UInt64 = 0
    while true {
      try context.checkpoint()
      let taken = try SlabCache.read("dm_exception").pages(since: before)
      context.progress(done: min(taken, pages), total: pages)
      if taken >= pages {
        try checkValidity()
        return Pinned(pages: taken, originBytesWritten: written * Self.chunkBytes)
      }
      try margin()
      let missing = (pages - taken) * before.objectsPerSlab / before.pagesPerSlab
      let end = min(written + min(max(missing, 1), Self.stepChunks), chunks)
      guard written < end else {
        throw TestbedFailure(
          .fault, operation: "pin by a snapshot",
          reason: "\(written) exceptions were made and the slab dm_exception has grown by \(taken) pages only",
          advice: "boot with slab_nomerge, so that no other cache shares its pages")
      }
      try attempting("write to the snapshot's origin") { () throws(SystemError) in
        while written < end {
          try attempt("write to", originPath) { () throws(Errno) in
            try origin.write(UnsafeRawBufferPointer(buffer), atByte: 2 * written * Self.chunkBytes)
          }
          written += 1
        }
      }
    }
  }

  /// A snapshot whose store is full, or for which there was no memory, is dropped by the kernel with all its exceptions.
  private borrowing func checkValidity() throws(TestbedFailure) {
    let name = snapshotName
    let status = try attempting("read the state of the snapshot") { () throws(SystemError) in
      try attempt("read the state of", name) { () throws(Errno) in try control.status(name) }
    }
    // "allocated/total metadata" of a snapshot in order, else one word such as Invalid or Overflow.
    guard status.contains("/") else {
      throw TestbedFailure(
        .fault, operation: "pin by a snapshot", subject: name, reason: "the kernel has dropped it: \(status)",
        advice: "see dmesg; pin less (--pin)")
    }
  }
}
