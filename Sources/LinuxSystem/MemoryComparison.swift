import CLinux

extension UnsafeRawBufferPointer {
  /// memcmp(3): whether both hold the same, at the speed of memory in debug builds, too.
  public func holdsTheSame(as other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    guard let address = baseAddress, let otherAddress = other.baseAddress else { return true }
    return memcmp(address, otherAddress, count) == 0
  }
}
