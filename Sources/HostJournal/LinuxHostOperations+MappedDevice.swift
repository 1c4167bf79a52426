internal import LinuxSystem
internal import SystemPackage

/// Devices of the device mapper (drivers/md/dm-ioctl.c).
extension LinuxHostOperations {
  public func removeMappedDevice(_ name: String) throws(JournalError) -> Removal {
    try removing(
      "remove the mapped device", name, isOurs: isMappedDeviceName(name), advice: "by hand: dmsetup remove \(name)"
    ) { () throws(Errno) in
      // A kernel without the device mapper has no device of it.
      guard let control = try Self.deviceMapper() else { return .absent }
      return try removal(
        absent: [.noSuchAddressOrDevice], busy: [.resourceBusy: "it is open, or another device is mapped onto it"]
      ) { () throws(Errno) in try control.remove(name) }
    }
  }

  /// nil where there is no node, or one that no driver answers for.
  private static func deviceMapper() throws(Errno) -> DeviceMapper? {
    do throws(Errno) {
      return try DeviceMapper()
    } catch .noSuchFileOrDirectory {
      return nil
    } catch .noSuchAddressOrDevice {
      return nil
    } catch .operationNotSupportedByDevice {  // ENODEV
      return nil
    }
  }
}
