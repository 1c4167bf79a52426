@testable import KernelText
import Testing

@Suite struct SurroundingsTests {
  private static func mounts(_ kernel: String) throws -> [MountInfo.Entry] {
    try MountInfo.parse(try Fixture.text(kernel, "mountinfo")).entries
  }

  @Test func aMount() throws {
    let entry = try #require(try Self.mounts("5.10").first { $0.mountPoint == "/" })
    #expect(entry.mountID == 30 && entry.parentID == 1 && entry.device == MountInfo.Device(major: 259, minor: 2))
    #expect(entry.root == "/" && entry.options == "rw,relatime" && entry.optionalFields == ["shared:1", "master:3"])
    #expect(entry.fileSystem == "xfs" && entry.source == "/dev/nvme0n1p2")
    #expect(entry.superOptions == "rw,attr2,inode64,logbufs=8,noquota")
  }

  @Test func octalEscapes() throws {
    #expect(try Self.mounts("4.19").last?.mountPoint == "/mnt/with space\\and\ttab")
    let entry = try #require(try Self.mounts("5.10").last)
    #expect(entry.mountPoint == "/srv/日" && entry.source == "tmp#fs")
  }

  @Test(arguments: [
    ("\\040", " "), ("a\\012b", "a\nb"), ("\\134040", "\\040"), ("\\04", "\\04"), ("\\", "\\"), ("\\089", "\\089"),
    ("\\\\040", "\\ "), ("", ""), ("\\101\\102", "AB"), ("é\\040", "é "), ("\\303\\251", "é"),
  ])
  func escapes(word: String, expected: String) {
    #expect(MountInfo.unescaped(word[...]) == expected)
  }

  @Test func mountsAsRecorded() throws {
    let entries = try Self.mounts("6.18")
    #expect(entries.count == 11)
    #expect(entries.filter { $0.fileSystem == "cgroup2" }.map(\.mountPoint) == ["/sys/fs/cgroup/unified"])
    #expect(entries.last?.root == "/run/netns" && entries.last?.optionalFields == ["shared:1"])
  }

  @Test func mountsOfLoopDevices() throws {
    #expect(try Self.mounts("6.1").last?.device == MountInfo.Device(major: 7, minor: 127))
    #expect(try Self.mounts("6.1").last?.optionalFields == ["unbindable"])
  }

  /// mount("", ...) leaves nothing where the source would stand; what follows must not move up.
  @Test func anEmptySource() throws {
    let entry = try #require(
      try MountInfo.parse("36 35 0:50 / /mnt/x rw,relatime shared:5 - tmpfs  rw,size=4k\n").entries.first)
    #expect(entry.source == "" && entry.superOptions == "rw,size=4k" && entry.optionalFields == ["shared:5"])
  }

  @Test(arguments: [
    "36 35 98:0 / /mnt rw", "36 35 98:0 / /mnt - ext3 /dev/root rw", "36 35 98 / /mnt rw - ext3 /dev/root rw",
    "36 35 98:0:1 / /mnt rw - ext3 /dev/root rw", "36 35 98:4294967296 / /mnt rw - ext3 /dev/root rw",
    "36 35 +8:0 / /mnt rw - ext3 /dev/root rw", "36 35 8::0 / /mnt rw - ext3 /dev/root rw",
    "x 35 98:0 / /mnt rw - ext3 /dev/root rw",
    "36 35 98:0 / /mnt rw - ext3", "36 35 98:0 / /mnt rw shared:1",
  ])
  func mountsThatAreRefused(line: String) {
    #expect { try MountInfo.parse("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n\(line)\n") } throws: {
      ($0 as? KernelTextError)?.line == 2
    }
  }

  @Test func swaps() throws {
    let entries = try Swaps.parse(try Fixture.text("5.10", "swaps")).entries
    #expect(entries.map(\.fileName) == ["/swap file", "/dev/zram0"])
    #expect(entries.map(\.sizeKilobytes) == [1_048_572, 524_284] && entries.map(\.usedKilobytes) == [0, 524_284])
    #expect(try Swaps.parse(try Fixture.text("4.19", "swaps")).entries.map(\.usedKilobytes) == [1024])
    for kernel in ["6.1", "6.18"] { #expect(try Swaps.parse(try Fixture.text(kernel, "swaps")).entries == []) }
    #expect(throws: KernelTextError.self) {
      try Swaps.parse("Filename Type Size Used Priority\n/dev/sda2 partition 1 2\n")
    }
  }

  @Test func controlGroups() throws {
    let old = try ControlGroups.parse(try Fixture.text("4.19", "cgroup")).entries
    #expect(old.map(\.hierarchy) == [12, 11, 5, 1, 0])
    #expect(old[2].controllers == ["cpu", "cpuacct"] && old[2].path == "/user.slice")
    #expect(old[3].controllers == ["name=systemd"] && old[4].controllers == [])
    // A path may have a colon in it.
    let new = try ControlGroups.parse(try Fixture.text("5.10", "cgroup")).entries
    #expect(new.count == 1 && new[0].controllers == [] && new[0].path == "/system.slice/run:bench.service")
    #expect(try ControlGroups.parse(try Fixture.text("6.18", "cgroup")).entries.count == 10)
    for text in ["0:/\n", "x::/\n", ":memory:/\n", "-1::/\n"] {
      #expect(throws: KernelTextError.self) { try ControlGroups.parse(text) }
    }
  }

  @Test func fileSystems() throws {
    let old = try FileSystems.parse(try Fixture.text("4.19", "filesystems")).names
    #expect(old == ["sysfs", "tmpfs", "proc", "cgroup", "cgroup2", "ext3", "ext4"])
    for kernel in ["5.10", "6.1", "6.18"] {
      let names = try FileSystems.parse(try Fixture.text(kernel, "filesystems")).names
      #expect(names.contains("xfs") && !names.contains("nodev"))
    }
    #expect(throws: KernelTextError.self) { try FileSystems.parse("nodev tmpfs extra\n") }
  }

  @Test func aKernelLogRecord() throws {
    let record = try KernelLog.parse(
      record: "4,1339,5140900,-,caller=T12;XFS (loop7): Mounting V5 Filesystem; done\n SUBSYSTEM=block\n DEVICE=b7:7\n")
    #expect(record.priority == 4 && record.sequence == 1339 && record.microseconds == 5_140_900)
    // Only the first semicolon ends the head; the dictionary below is no message.
    #expect(record.message == "XFS (loop7): Mounting V5 Filesystem; done")
    #expect(try KernelLog.parse(record: "6,0,0;").message == "")
    #expect(try KernelLog.parse(record: "30,18446744073709551615,1,-;x").sequence == .max)
  }

  @Test(arguments: [
    "", "\n", "no head", ";", "6,1;x", "6,1,;x", "a,1,2,-;x", "6,18446744073709551616,2,-;x",
    "6,1,-2,-;x", " 6,1,2,-;x", "6,1,2,-\n;x",
  ])
  func logRecordsThatAreRefused(record: String) {
    #expect { try KernelLog.parse(record: record) } throws: { ($0 as? KernelTextError)?.source == "/dev/kmsg" }
  }

  @Test func aLogRecordOfAMegabyte() throws {
    let text = String(repeating: "x", count: 1 << 20)
    #expect(try KernelLog.parse(record: "6,1,2,-;" + text).message.utf8.count == 1 << 20)
    #expect(throws: KernelTextError.self) { try KernelLog.parse(record: text) }
  }
}
