import LinuxSystem
import Testing

/// What the tests that touch the host need. Without it they are skipped, by name and reason; with
/// FAILOVER_BENCH_REQUIRE_ROOT_TESTS=1 they run and fail instead.
enum Privilege {
  static let reason: Comment = "needs root with CAP_SYS_ADMIN: does real runs; run `sudo scripts/test`"

  static var isGrantedOrRequired: Bool {
    if EnvironmentVariable.value("FAILOVER_BENCH_REQUIRE_ROOT_TESTS") == "1" { return true }
    return User.isRoot && EnvironmentVariable.value("FAILOVER_BENCH_SKIP_ROOT_TESTS") != "1"
  }

  static func require() throws {
    try #require(User.isRoot, "FAILOVER_BENCH_REQUIRE_ROOT_TESTS=1 is set, and this test \(reason)")
  }
}
