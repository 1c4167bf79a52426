import CLinux
public import SystemPackage

/// /dev/loop-control (drivers/block/loop.c, loop(4)): makes and removes loop devices.
public struct LoopControlDevice: ~Copyable {
  private let file: Descriptor

  public init() throws(Errno) { file = try Descriptor(opening: "/dev/loop-control", .readWrite) }

  public consuming func close() throws(Errno) { try file.close() }

  /// LOOP_CTL_ADD: EEXIST where there is one of that number.
  public borrowing func add(_ number: Int) throws(Errno) {
    try SystemCall.check { clinux_loop_add(file.rawValue, Int32(number)) }
  }

  /// LOOP_CTL_REMOVE: EBUSY while it is bound or somebody has it open, ENODEV where there is none of that number.
  public borrowing func remove(_ number: Int) throws(Errno) {
    try SystemCall.check { clinux_loop_remove(file.rawValue, Int32(number)) }
  }
}

/// What a loop device is bound to (LOOP_GET_STATUS64).
public struct LoopBinding: Equatable, Sendable {
  /// st_dev of the backing file. The kernel answers with huge_encode_dev(), which is dev_t's layout for majors of up to 12 bits.
  public var device: UInt64
  public var inode: UInt64
  /// lo_file_name, cut off at 63 bytes.
  public var name: String
  /// Whether the backing file is read and written past the page cache.
  public var hasDirectIO: Bool
}

/// Of an open loop device.
extension Descriptor {
  /// LOOP_CONFIGURE with autoclear: the device is bound to `backing` until its last user is gone. EBUSY where it is bound already, EINVAL
  /// where the backing file takes no direct I/O.
  public borrowing func bindLoop(to backing: borrowing Descriptor, directIO: Bool, name: String) throws(Errno) {
    let file = backing.rawValue
    try SystemCall.perform { clinux_loop_configure(rawValue, file, directIO ? 1 : 0, name) }
  }

  /// LOOP_CLR_FD: takes effect when the last user of the device has closed it. ENXIO where nothing is bound.
  public borrowing func clearLoop() throws(Errno) { try SystemCall.perform { clinux_loop_clear(rawValue) } }

  /// LOOP_GET_STATUS64: ENXIO where nothing is bound.
  public borrowing func loopBinding() throws(Errno) -> LoopBinding {
    var info = loop_info64()
    try SystemCall.perform { clinux_loop_status(rawValue, &info) }
    let name = withUnsafeBytes(of: info.lo_file_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return LoopBinding(
      device: info.lo_device, inode: info.lo_inode, name: name,
      hasDirectIO: info.lo_flags & clinux_lo_flags_direct_io != 0)
  }
}
