internal import LinuxSystem
internal import SystemPackage

extension LinuxHostOperations {
  /// Mounts of the device in any mount namespace, and processes that have it open. For a message only: what cannot be
  /// read is left out.
  public func loopHolders(_ number: Int) -> [String] {
    guard let bytes = try? KernelFile.bytesIfPresent("/sys/block/loop\(number)/dev", limitBytes: 64),
      let proc = try? Descriptor(opening: "/proc", .readOnly, .directory), let names = try? proc.entryNames()
    else { return [] }
    let device = normalized(String(decoding: bytes, as: UTF8.self))
    var holders: [String] = []
    var namespacesSeen: Set<String> = []
    for pid in names.compactMap({ decimal(readable($0), as: Int32.self) }) {
      if holders.count >= 4 { break }
      if let namespace = FileLink.target(of: "/proc/\(pid)/ns/mnt"),
        namespacesSeen.insert(namespace).inserted, let place = mountPoint(of: device, seenBy: pid)
      {
        holders.append("mounted on \(printable(place)) as seen by process \(pid) (\(commandName(pid)))")
      }
      if hasOpen("/dev/loop\(number)", pid) { holders.append("open in process \(pid) (\(commandName(pid)))") }
    }
    return holders
  }

  /// proc_pid_mountinfo(5): field 3 is major:minor, field 5 the mount point.
  private func mountPoint(of device: String, seenBy pid: Int32) -> String? {
    guard let text = try? KernelFile.bytesIfPresent("/proc/\(pid)/mountinfo", limitBytes: 4 << 20) else { return nil }
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
      if fields.count > 4, fields[2].elementsEqual(device.utf8) { return String(decoding: fields[4], as: UTF8.self) }
    }
    return nil
  }

  private func hasOpen(_ path: String, _ pid: Int32) -> Bool {
    let directory = "/proc/\(pid)/fd"
    guard let descriptors = try? Descriptor(opening: directory, .readOnly, .directory),
      let names = try? descriptors.entryNames(atMost: 100_000)
    else { return false }
    return names.contains { FileLink.target(of: "\(directory)/\(readable($0))") == path }
  }

  private func commandName(_ pid: Int32) -> String {
    let bytes = (try? KernelFile.bytesIfPresent("/proc/\(pid)/comm", limitBytes: 64)) ?? nil
    return printable(normalized(String(decoding: bytes ?? [], as: UTF8.self)))
  }
}
