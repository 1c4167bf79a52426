@testable import HostJournal

/// One change of every kind, with everything that a path or value may hold.
let sampleChanges: [HostChange] = [
  .process(pid: 4242, startTicks: 99_887, role: "child"),
  .sysctl(key: "vm.nr_hugepages", previous: "0", new: "9500"),
  .sysctl(key: "kernel.printk", previous: "4\t4\t1\t7", new: ""),
  .plannedDirectory(path: "/var/tmp/work 1"),
  .directory(path: "/var/tmp/näme with\nline = %41 \u{202e}", device: .max, inode: 1),
  .loopNode(number: 17),
  .deviceNode(path: "/dev/loop17", major: 7, minor: 17),
  .traceInstance(name: "failover-bench-0123456789ab"),
  .kernelModule(name: "snapmeta"),
  .mappedDevice(name: "failover-bench-0123456789ab-snapshot"),
  .memoryBlock(number: 191, zone: "Normal", isMovable: true),
  .memoryBlock(number: 190, zone: "Normal", isMovable: false),
  .loopBinding(number: 17, backingFile: "/var/tmp/a b=c", device: 65_024, inode: 123_456_789_012),
]

func sampleHeader(owner: ProcessIdentity = ProcessIdentity(pid: 77, startTicks: 12_345)) -> JournalHeader {
  JournalHeader(
    runID: "0123456789abcdef", bootID: "boot-1", owner: owner, pidNamespace: 5, startedNanoseconds: 1_700_000_000,
    scenario: "paper-env2 \"x\"\n", mountNamespace: 4_026_531_832)
}

/// Bytes as the writer would leave them.
func journalBytes(_ changes: [HostChange], undone: [Int] = [], header: JournalHeader? = sampleHeader()) -> [UInt8] {
  var bytes: [UInt8] = []
  if let header { bytes += header.line.encoded() + [0x0a] }
  for (index, change) in changes.enumerated() {
    let line = JournalLine("change", [.init(name: "id", value: "\(index + 1)")] + change.fields)
    bytes += [0x0a] + line.encoded() + [0x0a]
  }
  for id in undone {
    bytes += [0x0a] + JournalLine("undone", [.init(name: "id", value: "\(id)")]).encoded() + [0x0a]
  }
  return bytes
}
