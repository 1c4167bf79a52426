import SystemPackage
import Testing

@testable import HostJournal

@Suite struct SnapshotTests {
  @Test func nothingChangedIsAnEmptyDifference() throws {
    let directory = try TemporaryDirectory()
    let first = try HostSnapshot.take(
      sysctls: ["vm.swappiness", "no.such_key"], directories: [directory.path, "/none"])
    #expect(first.sysctls.count == 1)
    #expect(first.hugePages != nil)
    #expect(!first.mounts.isEmpty)
    #expect(first.directories == [directory.path.string: []])
    #expect(first.difference(from: first).isEmpty)
    let file = try directory.file("left over", [1])
    let second = try HostSnapshot.take(directories: [directory.path])
    #expect(second.directories[directory.path.string] == ["left over"])
    #expect(exists(file))
  }

  @Test func everyDifferenceIsALine() {
    var before = HostSnapshot()
    before.sysctls = ["vm.a": "1", "vm.b": "2"]
    before.hugePages = 0
    before.loopNodes = [0, 1]
    before.loopBindings = [0: "/a"]
    before.mounts = ["1 / /", "2 / /x", "2 / /x"]
    before.traceInstances = ["theirs"]
    before.directories = ["/d": ["one"], "/gone": []]
    before.processes = [.init(pid: 5, startTicks: 1): "failover-bench"]
    var after = before
    after.sysctls = ["vm.a": "9", "vm.b": "2"]
    after.hugePages = 12
    after.loopNodes = [0, 8]
    after.loopBindings = [8: "/b\n"]
    after.mounts = ["1 / /", "2 / /x", "3 / /y"]
    after.traceInstances = ["theirs", "failover-bench-1"]
    after.directories = ["/d": ["one", "two"], "/new": []]
    after.processes = [:]
    #expect(
      after.difference(from: before) == [
        "sysctl vm.a: 1 before, 9 now",
        "HugePages_Total: 0 before, 12 now",
        "bound to loop0: /a before, nothing now",
        "bound to loop8: nothing before, /b\\n now",
        "loop node loop1: gone",
        "loop node loop8: not there before",
        "mount 2 / /x: gone",
        "mount 3 / /y: not there before",
        "trace instance failover-bench-1: not there before",
        "in /d two: not there before",
        "directory /gone: gone",
        "directory /new: not there before",
        "process 5 failover-bench: gone",
      ])
  }
}
