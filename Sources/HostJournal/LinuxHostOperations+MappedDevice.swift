internal import LinuxSystem
internal import SystemPackage

/// Devices of the device mapper (drivers/md/dm-ioctl.c).
extension LinuxHostOperations {
  public func removeMappedDevice(_ name: String) throws(JournalError) -> Removal {
    guard isMappedDeviceName(name) else {
      throw JournalError(
        kind: .malformed, action: "remove the mapped device", subject: name, advice: "it is not this program's")
    }
    return try explaining("remove the mapped device", name, advice: "by hand: dmsetup remove \(name)") {
      () throws(Errno) in
      // A kernel without the device mapper has no device of it.
      guard let control = try Self.deviceMapper() else { return .absent }
      do throws(Errno) {
        try control.remove(name)
        return .removed
      } catch .noSuchAddressOrDevice {
        return .absent
      } catch .resourceBusy {
        return .busy("it is open, or another device is mapped onto it")
      }
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
