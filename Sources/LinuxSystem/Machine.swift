import CLinux

/// What the kernel and the C library say of this machine.
public enum Machine {
  /// sysconf(3), _SC_PAGESIZE.
  public static var pageBytes: UInt64 { UInt64(sysconf(Int32(_SC_PAGESIZE))) }

  /// Processors that are online, at least 1 (_SC_NPROCESSORS_ONLN).
  public static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The unit of CPU times in /proc (_SC_CLK_TCK).
  public static var clockTicksPerSecond: UInt64 {
    let ticks = sysconf(Int32(_SC_CLK_TCK))
    return UInt64(ticks > 0 ? ticks : 100)
  }

  /// uname(2).
  public struct Kernel: Equatable, Sendable {
    public var release: String
    public var version: String
    public var architecture: String
  }

  public static var kernel: Kernel {
    var name = utsname()
    uname(&name)
    return Kernel(release: text(&name.release), version: text(&name.version), architecture: text(&name.machine))
  }

  private static func text<Field>(_ field: inout Field) -> String {
    withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
