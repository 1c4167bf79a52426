internal import LinuxSystem
internal import Synchronization
internal import SystemPackage

/// Loop devices (drivers/block/loop.c, loop(4)).
extension LinuxHostOperations {
  public func loopStatus(_ number: Int) throws(JournalError) -> LoopStatus {
    try withLoop(number) { (_, status) in status }
  }

  public func clearLoop(_ number: Int, ifBoundTo file: FileIdentity) throws(JournalError) -> LoopStatus {
    try withLoop(number) { (device, status) throws(Errno) in
      guard case .bound(file, _) = status else { return status }
      // The file cannot change between the look and this: while the device is open here nobody's LOOP_CLR_FD takes
      // effect. It becomes effective when `device` is closed.
      do throws(Errno) {
        try device.clearLoop()
      } catch .noSuchAddressOrDevice {
        return .unbound
      }
      return status
    }
  }

  public func removeLoopNode(_ number: Int) throws(JournalError) -> Removal {
    try explaining("remove the loop node", "loop\(number)", advice: "run as root, with /dev/loop-control") {
      () throws(Errno) in
      let control = try LoopControlDevice()
      // ENODEV is .operationNotSupportedByDevice.
      return try removal(
        absent: [.operationNotSupportedByDevice], busy: [.resourceBusy: "it is bound or open"]
      ) { () throws(Errno) in try control.remove(number) }
    }
  }

  public func removeUnboundLoopNodes(_ numbers: [Int]) -> Set<Int> {
    let removed = Mutex<Set<Int>>([])
    // More do not help: the kernel does a part of it one after another.
    Threads.perform(numbers.count, width: 16) { index in
      let number = numbers[index]
      guard (try? loopStatus(number)) == .unbound, (try? removeLoopNode(number)) == .removed else { return }
      removed.withLock { _ = $0.insert(number) }
    }
    return removed.withLock { $0 }
  }

  /// Looks at a loop device and, where it is bound, hands over its descriptor.
  private func withLoop(
    _ number: Int, _ body: (borrowing Descriptor, LoopStatus) throws(Errno) -> LoopStatus
  ) throws(JournalError) -> LoopStatus {
    let path = "/dev/loop\(number)"
    let advice = "run as root; in a container with -v /dev:/dev"
    // sysfs first, since opening a device file whose loop device does not exist creates the device (loop_probe).
    let devicePath = "/sys/block/loop\(number)/dev"
    let name = try explaining("read", devicePath, advice: "mount /sys") { () throws(Errno) in
      try KernelFile.bytesIfPresent(devicePath, limitBytes: 64)
    }
    guard let name else { return .absent }
    guard try backingFile(number) != nil else { return .unbound }
    return try explaining("look at", path, advice: advice) { () throws(Errno) in
      let device: Descriptor
      do throws(Errno) {
        device = try Descriptor(opening: path, .readOnly, [.nonBlocking, .noFollow])
      } catch .noSuchAddressOrDevice {
        return .unsettled
      } catch .operationNotSupportedByDevice {
        return .unsettled
      } catch .resourceBusy {
        return .unsettled
      }
      let node = try device.status()
      let numbers = "\(node.specialDeviceID.major):\(node.specialDeviceID.minor)"
      guard node.type == .blockSpecial, numbers == normalized(String(decoding: name, as: UTF8.self)) else {
        throw .operationNotSupportedByDevice
      }
      return try body(device, try status(of: device))
    }
  }

  private func status(of device: borrowing Descriptor) throws(Errno) -> LoopStatus {
    do throws(Errno) {
      let binding = try device.loopBinding()
      return .bound(FileIdentity(device: binding.device, inode: binding.inode), backingFile: binding.name)
    } catch .noSuchAddressOrDevice {
      return .unbound
    }
  }

  /// nil when unbound: the attribute exists only while a file is bound.
  func backingFile(_ number: Int) throws(JournalError) -> String? {
    let path = "/sys/block/loop\(number)/loop/backing_file"
    let bytes = try explaining("read", path, advice: "mount /sys") { () throws(Errno) in
      do throws(Errno) {
        return try KernelFile.bytesIfPresent(path, limitBytes: 8192)
      } catch .operationNotSupportedByDevice {
        // It was taken away between open and read.
        return nil
      }
    }
    return bytes.map { normalized(String(decoding: $0, as: UTF8.self)) }
  }
}
