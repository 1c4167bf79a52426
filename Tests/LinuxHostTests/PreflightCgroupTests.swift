import KernelText
@testable import LinuxHost
import Testing

/// Limits out of texts of both versions of control groups.
@Suite struct PreflightCgroupTests {
  private static let version2 = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let version1 = """
    31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
    32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
    35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw

    """

  private static func limits(_ groups: String, _ mounts: String, _ files: [String: String]) throws -> CgroupLimits? {
    CgroupLimits(groups: try ControlGroups.parse(groups), mounts: try MountInfo.parse(mounts)) { files[$0] }
  }

  @Test func theSmallestOfTheHierarchyOfVersion2() throws {
    let files = [
      "/sys/fs/cgroup/a.slice/b.scope/memory.max": "max", "/sys/fs/cgroup/a.slice/memory.max": "4294967296",
      "/sys/fs/cgroup/a.slice/b.scope/memory.high": "8589934592",
      "/sys/fs/cgroup/a.slice/b.scope/cpu.max": "max 100000",
      "/sys/fs/cgroup/a.slice/cpu.max": "150000 100000",
    ]
    let limits = try #require(try Self.limits("0::/a.slice/b.scope\n", Self.version2, files))
    #expect(limits.memoryBytes == 4_294_967_296 && limits.processors == 1.5)
  }

  @Test func memoryHighLimitsToo() throws {
    let files = ["/sys/fs/cgroup/a/memory.max": "max", "/sys/fs/cgroup/a/memory.high": "1073741824"]
    #expect(try Self.limits("0::/a\n", Self.version2, files)?.memoryBytes == 1 << 30)
  }

  /// `docker run --memory 2g`: a cgroup namespace, in which the container's group is the top of the mount.
  @Test func aContainerOfVersion2() throws {
    #expect(
      try Self.limits("0::/\n", Self.version2, ["/sys/fs/cgroup/memory.max": "2147483648"])?.memoryBytes == 2 << 30)
  }

  @Test func version1() throws {
    let groups = "4:memory:/docker/abc\n1:cpu:/docker/abc\n0::/\n"
    let none = "9223372036854771712"
    var files = [
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": none, "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes": none,
      "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": none,
      "/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us": "-1",
      "/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us": "100000",
    ]
    var limits = try #require(try Self.limits(groups, Self.version1, files))
    #expect(limits.memoryBytes == nil && limits.processors == nil)
    files["/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes"] = "2147483648"
    files["/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us"] = "50000"
    limits = try #require(try Self.limits(groups, Self.version1, files))
    #expect(limits.memoryBytes == 2 << 30 && limits.processors == 0.5)
  }

  /// Without a cgroup namespace the path is the host's and the mount shows the container's part alone.
  @Test func aContainerOfVersion1() throws {
    let mounts = "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
    let files = [
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "3221225472",
      "/sys/fs/cgroup/memory/inner/memory.limit_in_bytes": "1073741824",
    ]
    #expect(try Self.limits("4:memory:/docker/abc\n", mounts, files)?.memoryBytes == 3 << 30)
    #expect(try Self.limits("4:memory:/docker/abc/inner\n", mounts, files)?.memoryBytes == 1 << 30)
    #expect(try Self.limits("4:memory:/docker/other/inner\n", mounts, files)?.memoryBytes == 3 << 30)
  }

  /// A path that leaves the cgroup namespace must not be followed out of the mount.
  @Test func aGroupOutsideOfTheNamespace() throws {
    let mounts = "35 31 0:32 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
    let files = [
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "3221225472",
      "/sys/fs/cgroup/memory/../x/memory.limit_in_bytes": "4096",
    ]
    #expect(try Self.limits("4:memory:/../x\n", mounts, files)?.memoryBytes == 3 << 30)
  }

  @Test func aMountThatLiesElsewhere() throws {
    let mounts = "35 31 0:32 / /cg/cpu,memory rw - cgroup cgroup rw,cpu,memory\n"
    let files = ["/cg/cpu,memory/x/memory.limit_in_bytes": "1048576"]
    #expect(try Self.limits("4:cpu,memory:/x\n", mounts, files)?.memoryBytes == 1_048_576)
  }

  @Test func nobodyCanTellWithoutTheMount() throws {
    #expect(try Self.limits("0::/a\n", "22 27 0:21 / /proc rw - proc proc rw\n", [:]) == nil)
    #expect(try Self.limits("4:memory:/a\n", Self.version2, [:]) == nil)
    // A kernel without such controllers limits nothing.
    #expect(try Self.limits("8:pids:/\n", "22 27 0:21 / /proc rw - proc proc rw\n", [:]) != nil)
  }
}
