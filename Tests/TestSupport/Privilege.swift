import LinuxSystem
public import Testing

/// What the tests that touch the host need. Without it they are skipped, by name and reason; with
/// FAILOVER_BENCH_REQUIRE_ROOT_TESTS=1 they run and fail instead.
public enum Privilege {
  public static let reason: Comment =
    "needs root with CAP_SYS_ADMIN: does real runs, changes settings, mounts; run `sudo scripts/test`"

  /// The condition of a suite that needs it.
  public static var isGrantedOrRequired: Bool {
    if EnvironmentVariable.value("FAILOVER_BENCH_REQUIRE_ROOT_TESTS") == "1" { return true }
    return isGranted && EnvironmentVariable.value("FAILOVER_BENCH_SKIP_ROOT_TESTS") != "1"
  }

  /// First in each such test.
  public static func require() throws {
    try #require(isGranted, "FAILOVER_BENCH_REQUIRE_ROOT_TESTS=1 is set, and this test \(reason)")
  }

  /// Root in a container may lack the capability (bit 21 of capabilities(7)).
  private static var isGranted: Bool {
    guard User.isRoot, let status = try? KernelFile.read("/proc/self/status"),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
      let capabilities = UInt64(line.dropFirst(7).filter { !$0.isWhitespace }, radix: 16)
    else { return false }
    return capabilities & (1 << 21) != 0
  }
}
