import LinuxSystem

extension ChildProcess {
  /// Waits for the end: by itself within `timeout`, else by SIGKILL.
  ///
  /// - Returns: how it ended; nil when it is stuck in the kernel and was left behind.
  consuming func seeOut(withinNanoseconds timeout: UInt64) -> Ending? {
    if !hasEnded(withinNanoseconds: timeout) {
      signal(SignalDescriptor.kill)
      guard hasEnded(withinNanoseconds: 5_000_000_000) else {
        abandon()
        return nil
      }
    }
    return wait()
  }
}
