@testable import HostJournal
import SystemPackage
import Testing

@Suite struct FormatTests {
  @Test func everyChangeComesBackAsItWas() {
    let contents = JournalReader.read(bytes: journalBytes(sampleChanges))
    #expect(contents.header == sampleHeader())
    #expect(contents.problems.isEmpty)
    #expect(contents.changes.map(\.change) == sampleChanges)
    #expect(contents.pending.map(\.id) == Array(1...sampleChanges.count))
  }

  @Test func headerWithoutMountNamespace() {
    var header = sampleHeader()
    header.mountNamespace = nil
    #expect(JournalReader.read(bytes: journalBytes([], header: header)).header == header)
  }

  @Test func undoneAndReleasedAreNoLongerPending() {
    var bytes = journalBytes(Array(sampleChanges.prefix(4)), undone: [2])
    bytes += JournalLine("released", [.init(name: "id", value: "4")]).encoded() + [0x0a]
    // What was given to the user stays theirs, whatever is written later.
    bytes += JournalLine("undone", [.init(name: "id", value: "4")]).encoded() + [0x0a]
    let contents = JournalReader.read(bytes: bytes)
    #expect(contents.changes.map(\.state) == [.pending, .undone, .pending, .released])
    #expect(contents.pending.map(\.id) == [1, 3])
  }

  @Test func aLineIsOneLineOfPlainText() {
    for change in sampleChanges {
      let line = JournalLine("change", change.fields).encoded()
      #expect(line.allSatisfy { (0x20...0x7e).contains($0) })
    }
  }

  @Test func checksumIsFNV1a() {
    // Published vectors of FNV-1a, 64 bits.
    #expect(Checksum.of([]) == 0xcbf2_9ce4_8422_2325)
    #expect(Checksum.of(Array("foobar".utf8)[...]) == 0x85944171f73967e8)
  }

  @Test(arguments: [
    HostChange.sysctl(key: "vm", previous: "0", new: "1"),
    .sysctl(key: "vm..panic", previous: "0", new: "1"),
    .sysctl(key: "vm./../x", previous: "0", new: "1"),
    .sysctl(key: "vm.x", previous: "0\0", new: "1"),
    .sysctl(key: "vm.x", previous: "0", new: String(repeating: "1", count: 5000)),
    .loopNode(number: -1),
    .loopNode(number: 1 << 20),
    .directory(path: "relative", device: 1, inode: 1),
    .directory(path: "/", device: 1, inode: 1),
    .directory(path: "/a/../etc", device: 1, inode: 1),
    .directory(path: "/a//b", device: 1, inode: 1),
    .directory(path: "/a/./b", device: 1, inode: 1),
    .directory(path: "/a/", device: 1, inode: 1),
    .plannedDirectory(path: "/a\0b"),
    .plannedDirectory(path: "/" + String(repeating: "a", count: 4096)),
    .deviceNode(path: "dev/loop1", major: 7, minor: 1),
    .traceInstance(name: "failover-bench-"),
    .traceInstance(name: "somebody-elses"),
    .traceInstance(name: "failover-bench-../events"),
    .traceInstance(name: "failover-bench-" + String(repeating: "a", count: 50)),
    .kernelModule(name: "xfs"),
    .kernelModule(name: ""),
    .mappedDevice(name: "vg-root"),
    .mappedDevice(name: "failover-bench-0123456789ab"),
    .mappedDevice(name: "failover-bench-0123456789ab-root"),
    .mappedDevice(name: "failover-bench-../x-origin"),
    .memoryBlock(number: -1, zone: "Normal", isMovable: true),
    .memoryBlock(number: 1 << 24, zone: "Normal", isMovable: true),
    .memoryBlock(number: 3, zone: "DMA32", isMovable: true),
    .memoryBlock(number: 3, zone: "", isMovable: false),
    .process(pid: 1, startTicks: 1, role: "init"),
    .process(pid: -1, startTicks: 1, role: "everybody"),
    .process(pid: 5, startTicks: 1, role: String(repeating: "r", count: 65)),
  ])
  func whatCannotBeRestoredSafelyIsNotRead(_ change: HostChange) {
    #expect(change.defect != nil)
    let contents = JournalReader.read(bytes: journalBytes([change]))
    #expect(contents.changes.isEmpty)
    #expect(contents.problems.count == 1)
    #expect(contents.isDamaged)
  }

  @Test func errorsSayWhatWhichWhyAndWhatNext() {
    let error = JournalError(.noSpace, "write to the journal", "/run/x\n\u{1b}[2J", advice: "make room")
    #expect(
      error.description == "cannot write to the journal /run/x\\n\\u{1B}[2J: No space left on device (make room)")
  }
}
