import Experiment
@testable import LinuxHost
import LinuxSystem
import Testing

/// What the volumes of a scenario need of the kernel and of mkfs.
@Suite struct PreflightVolumeTests {
  private static func scenario(_ keys: (ScenarioKey, String)...) throws -> Scenario {
    var scenario = PreflightTests.paper
    for (key, text) in keys { try scenario.set(key, text) }
    return scenario
  }

  private static func probe(_ scenario: Scenario) throws -> HostProbe {
    var probe = try PreflightTests.bareMetal()
    probe.fileSystems = ["xfs", "ext4", "btrfs"]
    probe.hasTransparentHugePages = true
    probe.workloadMkfsPath = "/usr/sbin/mkfs.xfs"
    return probe
  }

  @Test("XFS has blocks larger than a page from Linux 6.12 on, with transparent huge pages")
  func xfs() throws {
    let scenario = try Self.scenario((.blockSize, "64KiB"))
    var probe = try Self.probe(scenario)
    #expect(PreflightTests.wrong(probe, scenario).isEmpty)
    probe.kernelRelease = "6.11.10-amd64"
    var check = try PreflightTests.only(probe, scenario)
    #expect(check.name == "block-size" && check.status == .problem && check.detail.contains("since Linux 6.12"))
    probe.kernelRelease = "6.18.0"
    probe.hasTransparentHugePages = false
    check = try PreflightTests.only(probe, scenario)
    #expect(check.status == .problem && check.fix.contains("--block-size 4KiB"))
    // On a machine with pages of 64 kB they are no larger than a page.
    probe.pageBytes = 65_536
    #expect(!PreflightTests.wrong(probe, scenario).contains { $0.name == "block-size" })
  }

  @Test("ext4 has them where it says so, and its mounts may fail or wait for good")
  func ext4() throws {
    let scenario = try Self.scenario((.fileSystem, "ext4"), (.blockSize, "64KiB"))
    var probe = try Self.probe(scenario)
    var check = try PreflightTests.only(probe, scenario)
    #expect(check.name == "block-size" && check.status == .problem && check.detail.contains("since Linux 6.19"))
    probe.hasLargeBlocksInExt4 = true
    check = try PreflightTests.only(probe, scenario)
    #expect(
      check.status == .warning && check.detail.contains("fail with ENOMEM, or wait for good")
        && check.fix.contains("scripts/lab"))
  }

  @Test("the checks are of the file system that the volumes have")
  func otherFileSystem() throws {
    let scenario = try Self.scenario((.fileSystem, "btrfs"))
    var probe = try Self.probe(scenario)
    probe.fileSystems = ["xfs"]
    #expect(try PreflightTests.only(probe, scenario).fix == "modprobe btrfs, on the host itself")
    probe = try Self.probe(scenario)
    probe.workloadMkfsPath = nil
    #expect(try PreflightTests.only(probe, scenario).name == "workload")
    probe = try Self.probe(scenario)
    probe.mkfsVersion = nil
    #expect(try PreflightTests.only(probe, scenario).fix == "apt-get install btrfs-progs")
    probe = try Self.probe(scenario)
    probe.mkfsProblem = "block size too small"
    let check = try PreflightTests.only(probe, scenario)
    #expect(check.detail.contains("cannot make a volume of 300MiB") && check.detail.contains("block size too small"))
  }

  /// The real mkfs, which writes nothing.
  @Test(
    "mkfs itself says whether it can make such a volume",
    arguments: [
      ([], true), ([(.blockSize, "64KiB"), (.filesystemSize, "512MiB")], true), ([(.logStripe, "256KiB")], true),
      ([(.fileSystem, "ext4"), (.blockSize, "64KiB")], true),
    ] as [([(ScenarioKey, String)], Bool)])
  func trial(keys: [(ScenarioKey, String)], isPossible: Bool) throws {
    var scenario = PreflightTests.paper
    for (key, text) in keys { try scenario.set(key, text) }
    var probe = HostProbe()
    let mkfs: String? = Programs.find(scenario.volumes.fileSystem.mkfsName)
    let path: String = try #require(mkfs, "\(scenario.volumes.fileSystem.packageName) is missing")
    probe.mkfsPath = path
    probe.mkfsVersion = "there"
    probe.readVolumes(scenario)
    #expect((probe.mkfsProblem == nil) == isPossible, "\(probe.mkfsProblem ?? "")")
    // Smaller than any scenario may have them.
    scenario.fileSystemBytes = 64 << 10
    probe.readVolumes(scenario)
    #expect(probe.mkfsProblem?.isEmpty == false)
  }
}
