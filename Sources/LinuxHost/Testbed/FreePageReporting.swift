import LinuxSystem

/// Free page reporting (Documentation/mm/free_page_reporting.rst): a guest tells its hypervisor which large blocks are free, and the hypervisor takes
/// the memory behind them. Whoever touches such a block next waits for the hypervisor, page by page.
///
/// It goes by blocks of some order, two seconds after they came free (mm/page_reporting.c). So it is memory that is whole which is slow to touch
/// then, a control's or a movable zone's, and not memory in pieces: on one such machine services that wrote 64 files took 16 to 21 ms in memory
/// that had lain free, and 2.5 ms in memory that had not (Linux 6.18, 4 MiB a service).
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
