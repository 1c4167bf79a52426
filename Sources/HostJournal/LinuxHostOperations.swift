internal import CLinux
internal import SystemPackage

/// The running kernel.
public struct LinuxHostOperations: HostOperations, Sendable {
  public init() {}

  public func bootID() throws(JournalError) -> String { try HostIdentity.bootID() }

  public func pidNamespace() throws(JournalError) -> UInt64 { try HostIdentity.namespace("pid") }

  public func currentProcess() throws(JournalError) -> ProcessIdentity { try ProcessIdentity.current() }

  public func isAlive(_ process: ProcessIdentity) -> Bool { process.isAlive }

  public func kill(_ process: ProcessIdentity) throws(JournalError) -> Bool {
    guard let descriptor = process.open(), !descriptor.hasEnded() else { return false }
    do throws(Errno) {
      try descriptor.kill()
    } catch .noSuchProcess {
      return false
    } catch {
      throw JournalError(error, "end process", String(process.pid), advice: "run as root")
    }
    return true
  }

  public func monotonicNanoseconds() -> UInt64 { clinux_monotonic_nanoseconds() }

  public func sleep(nanoseconds: UInt64) { SystemCall.sleep(nanoseconds: nanoseconds) }
}

extension LinuxHostOperations {
  public func readSysctl(_ key: String) throws(JournalError) -> String? {
    let path = try sysctlPath(key)
    let bytes = try explaining("read sysctl", key, advice: "run as root") { () throws(Errno) in
      try SystemCall.contentsIfPresent(path, limit: 64 << 10)
    }
    guard let bytes else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  public func writeSysctl(_ key: String, value: String) throws(JournalError) {
    let path = try sysctlPath(key)
    try explaining("write \(printable(value)) to sysctl", key, advice: "run as root, with /proc/sys writable") {
      () throws(Errno) in
      let file = try Descriptor.open(path, O_WRONLY)
      // One write: procfs takes each as a value of its own.
      let bytes = Array("\(value)\n".utf8)
      guard try file.writeOnce(bytes) == bytes.count else { throw .invalidArgument }
    }
  }

  /// sysctl(8): dots are slashes below /proc/sys.
  private func sysctlPath(_ key: String) throws(JournalError) -> String {
    guard isSysctlKey(key) else {
      throw JournalError(
        kind: .malformed, action: "use sysctl", subject: key, advice: "a key is dotted names, such as vm.nr_hugepages")
    }
    return "/proc/sys/" + key.split(separator: ".").joined(separator: "/")
  }
}

extension LinuxHostOperations {
  public func removeDeviceNode(_ path: String, major: UInt32, minor: UInt32) throws(JournalError) -> Removal {
    try explaining("remove the device node", path, advice: "remove it by hand") { () throws(Errno) in
      do throws(Errno) {
        let status = try SystemCall.fileStatus(path)
        guard status.isBlockDevice, clinux_major(status.st_rdev) == major, clinux_minor(status.st_rdev) == minor else {
          return .foreign("something else has that name now")
        }
        try SystemCall.perform { unlink(path) }
        return .removed
      } catch .noSuchFileOrDirectory {
        return .absent
      }
    }
  }
}
