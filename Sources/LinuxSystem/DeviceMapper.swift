import CLinux
public import SystemPackage

/// The kernel's device mapper (drivers/md/dm-ioctl.c).
public struct DeviceMapper: ~Copyable {
  private let control: Descriptor

  /// ENOENT, ENXIO or ENODEV where the kernel has none.
  public init() throws(Errno) { control = try Descriptor(opening: "/dev/mapper/control", .readWrite) }

  /// DM_DEV_CREATE: a device without a table.
  public borrowing func create(_ name: String) throws(Errno) -> DeviceID {
    var device = dev_t()
    try SystemCall.perform { clinux_dm_create(control.rawValue, name, &device) }
    return DeviceID(device)
  }

  /// DM_TABLE_LOAD of one target over all `sectors` (of 512 bytes).
  public borrowing func load(_ name: String, sectors: UInt64, target: String, parameters: String) throws(Errno) {
    try SystemCall.perform { clinux_dm_load(control.rawValue, name, sectors, target, parameters) }
  }

  /// DM_DEV_SUSPEND without its flag: the table that was loaded comes into force.
  public borrowing func resume(_ name: String) throws(Errno) {
    try SystemCall.perform { clinux_dm_resume(control.rawValue, name) }
  }

  /// DM_DEV_REMOVE: EBUSY while it is open, ENXIO when there is none of that name.
  public borrowing func remove(_ name: String) throws(Errno) {
    try SystemCall.perform { clinux_dm_remove(control.rawValue, name) }
  }

  /// DM_TABLE_STATUS: what its one target says of itself.
  public borrowing func status(_ name: String) throws(Errno) -> String {
    var text = [CChar](repeating: 0, count: 256)
    try SystemCall.perform { clinux_dm_status(control.rawValue, name, &text, text.count) }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
