internal import LinuxSystem
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
      try descriptor.signal(SignalDescriptor.kill)
    } catch .noSuchProcess {
      return false
    } catch {
      throw JournalError(error, "end process", String(process.pid), advice: "run as root")
    }
    return true
  }

  public func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }

  public func sleep(nanoseconds: UInt64) { Clock.sleep(nanoseconds: nanoseconds) }
}

extension LinuxHostOperations {
  public func readSysctl(_ key: String) throws(JournalError) -> String? {
    let path = try sysctlPath(key)
    let bytes = try explaining("read sysctl", key, advice: "run as root") { () throws(Errno) in
      try KernelFile.bytesIfPresent(path, limitBytes: 64 << 10)
    }
    guard let bytes else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  public func writeSysctl(_ key: String, value: String) throws(JournalError) {
    let path = try sysctlPath(key)
    try explaining("write \(printable(value)) to sysctl", key, advice: "run as root, with /proc/sys writable") {
      () throws(Errno) in
      let file = try Descriptor(opening: path, .writeOnly)
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
    return Sysctl.path(key)
  }
}

extension LinuxHostOperations {
  public func removeDeviceNode(_ path: String, major: UInt32, minor: UInt32) throws(JournalError) -> Removal {
    try explaining("remove the device node", path, advice: "remove it by hand") { () throws(Errno) in
      do throws(Errno) {
        let status = try FileSystem.status(of: path)
        guard status.type == .blockSpecial, status.specialDeviceID.major == major, status.specialDeviceID.minor == minor
        else {
          return .foreign("something else has that name now")
        }
        try FileSystem.removeFile(path)
        return .removed
      } catch .noSuchFileOrDirectory {
        return .absent
      }
    }
  }
}
