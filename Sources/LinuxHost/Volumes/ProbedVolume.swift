import CLibblkid
import LinuxSystem
import SystemPackage

/// What libblkid finds on a block device by looking at its blocks.
struct ProbedVolume: Equatable {
  let fileSystem: String?
  /// Lower case, with hyphens.
  let uuid: String?
  /// nil where the library does not tell: before libblkid 2.39 it has the sector size of an XFS, not that of its blocks.
  let blockBytes: UInt64?

  /// BLKID_SUBLKS_FSINFO of libblkid 2.39, which an earlier one passes over.
  private static let fileSystemInfo: Int32 = 1 << 11

  init(probing path: String) throws(SystemError) {
    guard let probe = blkid_new_probe_from_filename(path) else {
      throw SystemError(operation: "probe", subject: path, errno: .ioError)
    }
    defer { blkid_free_probe(probe) }
    blkid_probe_enable_superblocks(probe, 1)
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID | Self.fileSystemInfo)
    // The safe probe answers "ambivalent" where two file systems claim the device: then it is none that we made.
    guard blkid_do_safeprobe(probe) == 0 else {
      fileSystem = nil
      uuid = nil
      blockBytes = nil
      return
    }
    func value(_ name: String) -> String? {
      var data: UnsafePointer<CChar>?
      var length = 0
      guard blkid_probe_lookup_value(probe, name, &data, &length) == 0, let data else { return nil }
      return String(cString: data)
    }
    fileSystem = value("TYPE")
    uuid = value("UUID")
    let size = value("FSBLOCKSIZE") ?? (fileSystem == "ext4" ? value("BLOCK_SIZE") : nil)
    blockBytes = size.flatMap { UInt64($0) }
  }
}
