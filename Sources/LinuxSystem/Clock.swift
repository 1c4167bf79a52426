import CLinux

/// clock_gettime(2), in nanoseconds.
public enum Clock {
  /// Never goes back; the one clock of all durations.
  @inline(__always) public static func monotonicNanoseconds() -> UInt64 { clinux_monotonic_nanoseconds() }
  /// Since 1970.
  public static func unixNanoseconds() -> UInt64 { clinux_realtime_nanoseconds() }
  /// CPU time of the calling thread.
  public static func threadCPUNanoseconds() -> UInt64 { clinux_thread_cpu_nanoseconds() }

  /// CPU time of all threads of process `number`; nil when there is none.
  public static func processCPUNanoseconds(_ number: Int32) -> UInt64? {
    var nanoseconds: UInt64 = 0
    return clinux_process_cpu_nanoseconds(number, &nanoseconds) == 0 ? nanoseconds : nil
  }

  public static func sleep(nanoseconds: UInt64) {
    var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    var rest = timespec()
    while nanosleep(&time, &rest) == -1 && clinux_errno() == EINTR { time = rest }
  }
}
