import LinuxSystem

/// Free page reporting (Documentation/mm/free_page_reporting.rst): a guest tells its hypervisor which large blocks are free, and the hypervisor takes
/// the memory behind them. Whoever touches such a block next waits for the hypervisor, page by page.
///
/// It goes by blocks of some order, in passes that begin two seconds after one came free (mm/page_reporting.c). So it meets memory that is whole more
/// than memory in pieces: a control's or a movable zone's. On one such machine services that wrote 4 MiB took 14 to 21 ms in some stretches of a run
/// and 2.5 ms in others (Linux 6.18); that this is the reason is likely and not proven.
enum FreePageReporting {
  /// The least order of blocks that are reported; nil where none are, as far as can be seen (virtio-balloon is).
  static func order() -> Int? {
    let devices = "/sys/bus/virtio/devices"
    let isOn = ((try? Directory.names(in: devices)) ?? []).contains { name in
      isReporting(
        device: KernelFile.trimmed("\(devices)/\(name)/device"),
        features: KernelFile.trimmed("\(devices)/\(name)/features"))
    }
    guard isOn else { return nil }
    return KernelFile.trimmed("/sys/module/page_reporting/parameters/page_reporting_order").flatMap { Int($0) }
  }

  /// Whether a virtio device is a balloon (5) that has agreed to report (VIRTIO_BALLOON_F_REPORTING, linux/virtio_balloon.h).
  ///
  /// - Parameter features: a digit for each bit that both sides have, the lowest first.
  static func isReporting(device: String?, features: String?) -> Bool {
    guard device == "0x0005", let features = features?.utf8, features.count > 5 else { return false }
    return features[features.index(features.startIndex, offsetBy: 5)] == UInt8(ascii: "1")
  }
}
